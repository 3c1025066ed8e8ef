"""Other runtimes."""
