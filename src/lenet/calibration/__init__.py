"""What a network's confidence is worth: temperature, thresholds, reject curves."""
