"""LeNet beside other classifiers on the same data."""
