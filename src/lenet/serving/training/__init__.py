"""Trains a network that a browser watches, in a process of its own."""
