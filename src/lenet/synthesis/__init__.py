"""Makes synthetic training material: distorted images, composed numbers, negatives."""
