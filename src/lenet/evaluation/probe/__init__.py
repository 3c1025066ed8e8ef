"""Measurements of what convolution does in a trained network."""
