"""Calibrates networks: temperature scaling, rejection thresholds, reject curves, intervals."""
