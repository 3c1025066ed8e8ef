"""Writes into a temporary name which process it belongs to, and asks whether that one is dead.

A process that is killed cannot remove its temporary files. The next one removes them, but only if
their name says that their process is dead: another one may be running.
"""

import hashlib
import os
import platform
import re
import sys
from contextlib import suppress
from functools import cache
from secrets import token_hex

_OWN = token_hex(2)
PATTERN = r"(?P<place>[0-9a-f]{6})-(?P<process>[0-9]{1,10})-(?P<own>[0-9a-f]{4})[0-9a-f]{4}"
"""Matches what `new_name` returns."""


@cache
def _place() -> str:
    """Name this machine and, in a container, its own space of process numbers."""
    space = ""
    with suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 no path
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:6]


def new_name() -> str:
    """Return a name that no other process uses, such as ``3f2a1c-4711-9b02c8d4``.

    Examples
    --------
    >>> re.fullmatch(PATTERN, new_name()) is not None, is_dead(new_name())
    (True, False)
    """
    return f"{_place()}-{os.getpid()}-{_OWN}{token_hex(2)}"


def is_dead(name: str) -> bool:
    """Return whether `name` is of `new_name` and its process has ended.

    Names of other machines and containers are never dead: nobody here can know.
    """
    found = re.fullmatch(PATTERN, name)
    if found is None or found["place"] != _place():
        return False
    process = int(found["process"])
    if process == os.getpid():  # the number was given again, as in a container that starts again
        return found["own"] != _OWN
    return not is_running(process)


def is_running(process: int) -> bool:
    """Return whether a process of this number runs; True if that cannot be known."""
    if sys.platform == "win32":
        return _is_running_on_windows(process)
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is another user's
        return True
    return True


def _is_running_on_windows(process: int) -> bool:
    # There os.kill would end the process.
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 other systems lack it
    query, still_active = 0x1000, 259
    handle = kernel.OpenProcess(query, False, process)
    if not handle:
        return bool(kernel.GetLastError() == 5)  # access denied: it runs
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return not known or code.value == still_active
