"""Defines the ``lenet`` command: one file per subcommand, each imported only when called."""

from lenet.cli.main import main

__all__ = ["main"]
