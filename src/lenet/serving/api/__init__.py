"""Defines the endpoints about networks, pictures and runs."""
