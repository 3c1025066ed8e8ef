"""The endpoints about networks, pictures and runs."""
