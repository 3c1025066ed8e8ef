"""Compares LeNet with other classifiers on the same data."""
