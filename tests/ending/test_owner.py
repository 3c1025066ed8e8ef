"""Which temporary names are of dead processes."""

import os
import subprocess
import sys

import pytest

from lenet.ending import owner
from lenet.ending.owner import is_dead, new_name


def of_process(number: int | str) -> str:
    place, _, rest = new_name().split("-")
    return f"{place}-{number}-{rest}"


def dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.parametrize(
    ("name", "dead"),
    [
        (new_name(), False),
        (of_process(1), False),
        (of_process(os.getppid()), False),
        (of_process(2**31), True),
        (of_process(dead_process()), True),
        ("0" * 6 + f"-{2**31}-00000000", False),  # another machine's or container's
        (of_process(os.getpid())[:-8] + "ffff0000", True),  # its number was given again
        ("", False),
        ("run", False),
        ("3f2a1c-12-9b02c8d4.part", False),
        (of_process("9" * 40), False),
    ],
    ids=range(11),  # the names are others in every process that runs tests
)
def test_only_dead_processes_of_this_machine_are_dead(name: str, dead: bool) -> None:
    assert is_dead(name) == dead


def test_another_users_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(number: int, sign: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    assert owner.is_running(1)
