"""Exports networks to other runtimes."""
