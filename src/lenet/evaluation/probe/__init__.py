"""What convolution does, measured on a trained network."""
