"""The networks as torch modules; one network, one file."""
