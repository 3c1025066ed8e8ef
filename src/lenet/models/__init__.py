"""Builds the networks as torch modules."""
