"""Runs the command line: ``python -m lenet``, and the command ``lenet``."""

import signal

# Until the command line has its own handlers, Ctrl-C ends the process without a traceback.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from lenet.cli import main

if __name__ == "__main__":
    main()
