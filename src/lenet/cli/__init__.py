"""The ``lenet`` command: one file a subcommand, each imported only when it is called."""

from lenet.cli.main import main

__all__ = ["main"]
