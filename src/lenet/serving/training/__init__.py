"""Training that a browser watches, in a process of its own."""
