"""Handles HTTP around the service: the server, limits, security, errors, metrics."""
