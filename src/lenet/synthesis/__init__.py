"""Synthetic training material: distorted images, composed numbers, negatives."""
