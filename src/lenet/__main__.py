"""Runs the command line: ``python -m lenet``."""

from lenet.cli import main

main()
