"""LeNet compared with other classifiers on the same data."""
