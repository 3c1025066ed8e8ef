"""Calibration: temperature scaling, rejection thresholds, reject curves, confidence intervals."""
