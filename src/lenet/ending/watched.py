"""Runs a program, and ends it with its children when standard input is closed.

`lenet.ending.children` starts this file as a process of its own. Its standard input is a pipe from
lenet, which the system closes when lenet ends, whatever ended it. It imports nothing of lenet.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    """Run ``sys.argv[1:]``; exit with its exit code, or 127 if it cannot be started."""
    # lenet closes the pipe when it gets one of them. They are not ignored, because the program
    # would inherit that.
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: None)
    try:
        process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        print(f"{sys.argv[1]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)

    def watch() -> None:
        while os.read(0, 1024):
            pass
        _end(process)

    threading.Thread(target=watch, daemon=True).start()
    code = process.wait()
    sys.stdout.flush()
    os._exit(code if code >= 0 else 128 - code)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program and the programs that it has started: they are one session."""
    for name in ("SIGTERM", "SIGKILL"):
        try:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, getattr(signal, name))
            else:
                process.kill()
        except OSError:  # it has ended
            break
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            continue
    os._exit(1)


if __name__ == "__main__":
    main()
