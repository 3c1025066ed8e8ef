"""Trains networks: recipes, the loop, checkpoints."""
