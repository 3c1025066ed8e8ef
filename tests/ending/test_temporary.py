"""Temporary folders are removed, at the latest by the next process."""

import tempfile
from pathlib import Path

import pytest
from tests.ending.test_owner import of_process

from lenet.ending.temporary import make_folder, sweep, temporary_folder

DEAD = of_process(2**31)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_is_removed_at_the_end_and_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), temporary_folder() as folder:
        (folder / "archive").write_bytes(bytes(1 // len(list(folder.iterdir()))))
    assert list(tmp_path.iterdir()) == []


def test_what_dead_processes_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    kept = [make_folder(), make_folder("training")]
    for name in (f"other-{DEAD}", f"lenet-{DEAD}x", "lenet-", "lenet-mine", f"lenet-a-b-{DEAD}"):
        (tmp_path / name).mkdir()
        kept.append(tmp_path / name)
    (tmp_path / f"lenet-file-{DEAD}").write_bytes(b"a file is nobody's folder")
    (tmp_path / f"lenet-link-{DEAD}").symlink_to(kept[0])
    kept += [tmp_path / f"lenet-file-{DEAD}", tmp_path / f"lenet-link-{DEAD}"]
    for name in (f"lenet-{DEAD}", f"lenet-training-{DEAD}"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "archive").write_bytes(b"content")
    removed = sweep()
    assert sorted(path.name for path in removed) == [f"lenet-{DEAD}", f"lenet-training-{DEAD}"]
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    assert sweep() == []


def test_a_folder_that_cannot_be_listed_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert sweep() == []
