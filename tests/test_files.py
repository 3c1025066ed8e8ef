import errno
import json
import os
import resource
import stat
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenet.ending.owner import new_name
from lenet.files import whole_file, write_json, write_text
from tests.ending.test_owner import of_process


@contextmanager
def full_disk(limit: int = 1000) -> Generator[None, None, None]:
    """Let no file grow beyond `limit` bytes: writing more is an OSError, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_has_its_content_and_nothing_lies_beside_it(folder: Path) -> None:
    with whole_file(folder / "a") as part:
        part.write_bytes(b"new")
        assert not (folder / "a").exists()
        assert part.parent == folder
    assert (folder / "a").read_bytes() == b"new"
    assert names(folder) == ["a"]


def test_an_old_file_stays_until_the_new_one_is_whole(folder: Path) -> None:
    (folder / "a").write_bytes(b"old")
    with whole_file(folder / "a") as part:
        part.write_bytes(b"new")
        assert (folder / "a").read_bytes() == b"old"
    assert (folder / "a").read_bytes() == b"new"


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize(
    "error", [ValueError("bad"), OSError(errno.ENOSPC, "no space left"), KeyboardInterrupt()]
)
def test_after_an_error_the_old_content_stays_and_no_part(
    folder: Path, error: BaseException, old: bytes | None
) -> None:
    if old is not None:
        (folder / "a").write_bytes(old)
    with pytest.raises(type(error)) as raised, whole_file(folder / "a") as part:  # noqa: PT012 the block is what is tested
        part.write_bytes(b"half")
        raise error
    assert raised.value is error
    assert names(folder) == ([] if old is None else ["a"])
    assert old is None or (folder / "a").read_bytes() == old


def test_after_a_full_disk_the_old_content_stays_and_no_part(folder: Path) -> None:
    write_text(folder / "a", "old")
    with full_disk(), pytest.raises(OSError, match="File too large"):
        write_text(folder / "a", "new" * 1000)
    assert names(folder) == ["a"]
    assert (folder / "a").read_text() == "old"


def test_a_part_that_the_block_itself_removed_is_an_error_not_an_empty_file(folder: Path) -> None:
    with pytest.raises(FileNotFoundError), whole_file(folder / "a") as part:
        part.unlink()
    assert names(folder) == []


def test_a_folder_in_the_way_leaves_no_part(folder: Path) -> None:
    (folder / "a").mkdir()
    with pytest.raises(OSError), whole_file(folder / "a") as part:  # noqa: PT011 which one differs by system
        part.write_bytes(b"new")
    assert names(folder) == ["a"]


@pytest.mark.parametrize("where", ["missing/a", "file/a"])
def test_a_place_that_cannot_be_written_is_an_oserror(folder: Path, where: str) -> None:
    (folder / "file").touch()
    with pytest.raises(OSError), whole_file(folder / where):  # noqa: PT011 which one differs by system
        pytest.fail("the block must not run")


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077, 0o000])
def test_permissions_respect_the_umask(folder: Path, umask: int) -> None:
    old = os.umask(umask)
    try:
        write_text(folder / "a", "text")
        assert os.umask(umask) == umask
    finally:
        os.umask(old)
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o666 & ~umask


def test_the_umask_is_not_set_since_other_threads_share_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o022)
    os.umask(before)
    seen: list[int] = []
    umask: Callable[[int], int] = os.umask

    def spy(mask: int) -> int:
        seen.append(mask)
        return umask(mask)

    monkeypatch.setattr(os, "umask", spy)
    write_text(folder / "a", "text")
    assert [mask for mask in seen if mask != before] == []


def test_writers_of_the_same_file_do_not_meet(folder: Path) -> None:
    with whole_file(folder / "a") as first, whole_file(folder / "a") as second:
        assert first != second
        first.write_bytes(b"first")
        second.write_bytes(b"second")
    assert (folder / "a").read_bytes() == b"first"  # the outer block ends last
    assert names(folder) == ["a"]


def test_many_threads_leave_one_whole_file(folder: Path) -> None:
    texts = [str(number) * 5000 for number in range(8)]
    threads = [threading.Thread(target=write_text, args=(folder / "a", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (folder / "a").read_text() in texts
    assert names(folder) == ["a"]


@given(st.text(st.characters(codec="utf-8")))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_text_is_utf8(folder: Path, text: str) -> None:
    write_text(folder / "a", text)
    assert (folder / "a").read_bytes() == text.encode()


def test_json_comes_back_and_ends_with_a_newline(folder: Path) -> None:
    value = {"name": "Größe", "list": [1, 2.5, None, True]}
    write_json(folder / "a.json", value)
    text = (folder / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == value
    assert "Größe" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, float("nan")]])
def test_json_has_no_nan_and_the_old_file_stays(folder: Path, value: object) -> None:
    write_json(folder / "a.json", [1])
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(folder / "a.json", value)
    assert json.loads((folder / "a.json").read_text()) == [1]
    assert names(folder) == ["a.json"]


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    left = tmp_path / f".a.json.{of_process(2**31)}.part"
    others = [
        tmp_path / f".a.json.{new_name()}.part",  # of this process
        tmp_path / ".a.json.1234abcd.part",  # of an older version
        tmp_path / f"a.json.{of_process(2**31)}.part",
        tmp_path / "a.part",
    ]
    for path in (left, *others):
        path.write_text("half")
    write_text(tmp_path / "b.json", "whole")
    assert not left.exists()
    assert all(path.exists() for path in others)


@pytest.mark.parametrize("sync", [True, False])
def test_a_file_is_on_the_disk_before_it_has_its_name(
    sync: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bool, bool]] = []

    def fsync(opened: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        synced.append((is_folder, (tmp_path / "a").exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    with whole_file(tmp_path / "a", sync) as part:
        part.write_text("content")
    # The content before the name, and then the folder that holds the name.
    assert synced == ([(False, False), (True, True)] if sync else [])


@pytest.mark.parametrize("name", ["a" * 250, "你" * 80, "\udcff" * 240])
def test_a_long_name_is_no_hindrance(name: str, tmp_path: Path) -> None:
    write_text(tmp_path / name, "content")
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208 names
