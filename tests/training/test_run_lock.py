"""One process at a time trains into a folder."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.ending.test_owner import of_process

import lenet
from lenet.data import Dataset
from lenet.errors import LenetError
from lenet.training.run import new_folder, resumed_folder
from lenet.training.run_lock import FILE, locked

HOLD = """
import sys, time
from pathlib import Path
from lenet.training.run_lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_nothing_is_left_and_the_process_is_named(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [FILE]
        told = f"is being trained by process {os.getpid()}; wait"
        with pytest.raises(LenetError, match=told), locked(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path):
        pass


def test_a_new_training_and_a_resumed_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoint").mkdir(parents=True)
    with locked(tmp_path / "run"):
        for begin in (
            lambda: new_folder(tmp_path / "run", tmp_path, "x"),
            lambda: resumed_folder(tmp_path / "run"),
        ):
            with pytest.raises(LenetError, match="is being trained by process"), begin():
                pass
    assert (tmp_path / "run" / "checkpoint").is_dir()


def test_many_threads_get_it_one_after_another(tmp_path: Path) -> None:
    """The file is removed each time: nobody may hold one that has no name any more."""
    inside, most, refused = 0, 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most, refused
        for _ in range(60):
            try:
                with locked(tmp_path):
                    with guard:
                        inside += 1
                        most = max(most, inside)
                    with guard:
                        inside -= 1
            except LenetError:
                refused += 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_training_left_is_no_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "checkpoint").mkdir(parents=True)
    (run / FILE).write_text(" 12345")
    part = f".state.safetensors.{of_process(2**31)}.part"
    (run / "checkpoint" / part).write_bytes(b"half")
    with new_folder(run, tmp_path, "x") as folder:
        assert folder == run
        assert not (run / "checkpoint" / part).exists()
    assert not run.exists()  # nothing was written into it


@pytest.mark.parametrize("name", ["work.txt", ".hidden", "checkpoint/state.safetensors"])
def test_other_files_are_not_touched(name: str, tmp_path: Path) -> None:
    (tmp_path / "run" / name).parent.mkdir(parents=True)
    (tmp_path / "run" / name).write_text("mine")
    with (
        pytest.raises(LenetError, match="exists already"),
        new_folder(tmp_path / "run", tmp_path, "x"),
    ):
        pass
    assert (tmp_path / "run" / name).read_text() == "mine"


@pytest.mark.slow
def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LenetError, match=f"by process {process.pid};"), locked(tmp_path):
            pass
        process.kill()
        process.wait()
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_from_python_too(tiny: Dataset, tmp_path: Path) -> None:
    seen: list[str] = []

    def on_epoch(epoch: object) -> bool:
        with pytest.raises(LenetError) as raised:
            lenet.train(tiny, epochs=1, folder=tmp_path / "run", quiet=True)
        seen.append(str(raised.value))
        return False

    lenet.train(tiny, epochs=1, folder=tmp_path / "run", quiet=True, on_epoch=on_epoch)
    assert "is being trained by process" in seen[0]
    assert not (tmp_path / "run" / FILE).exists()
