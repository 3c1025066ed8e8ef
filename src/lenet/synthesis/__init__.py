"""Training material that is made: distorted images, composed numbers, negatives."""
