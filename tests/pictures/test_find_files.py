import os
from collections import Counter
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.pictures.find_files import find_pictures
from lenet.pictures.image import ImageError


def found(*names: str, stdin: bytes | None = None, without: Path | None = None) -> list[str]:
    """Names of what is found; of what is not, the error."""
    Path("stdin").write_bytes(stdin or b"")
    with FileIO("stdin") as stream:
        return [
            str(one.content) if isinstance(one.content, ImageError) else one.name
            for one in find_pictures(names, None if stdin is None else stream, Counter(), without)
        ]


@pytest.fixture(autouse=True)
def _tree() -> None:
    for name in (
        "s/10.png",
        "s/9.JPG",
        "s/a/2.tif",
        "s/.hidden.png",
        "s/.git/x.png",
        "s/notes.txt",
        "s/README",
        "s/b.png/1.gif",
        "[1].png",
        "one.png",
        "-x.png",
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    Path("empty/inner").mkdir(parents=True)


S = ["s/9.JPG", "s/10.png", "s/a/2.tif", "s/b.png/1.gif"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["one.png", "s/notes.txt"], ["one.png", "s/notes.txt"]),
        (["./one.png"], ["./one.png"]),
        (["one.png", "one.png"], ["one.png", "one.png"]),
        (["missing.png"], ["missing.png"]),  # is said when it is opened
        (["s"], S),
        (["s/"], S),
        (["s", "one.png", "s/a"], [*S, "one.png", "s/a/2.tif"]),
        (["s/*.png"], ["s/10.png", "s/b.png/1.gif"]),  # of which one is a folder
        (["s/**/*.?[gi]f"], ["s/a/2.tif", "s/b.png/1.gif"]),
        (["s/**"], [*S, "s/notes.txt", "s/README"]),
        (["[1].png"], ["[1].png"]),  # exists
        (["x*"], ["x*: no file matches this pattern"]),
        (["x*", "one.png"], ["x*: no file matches this pattern", "one.png"]),
        (["empty"], ["empty: there are no pictures in this folder"]),
        (["-x.png"], ["-x.png"]),
        (["x" * 5000], ["x" * 5000]),
        (["nul\0.png"], ["nul\0.png"]),
    ],
)
def test_names_are_files_folders_or_patterns(names: list[str], expected: list[str]) -> None:
    assert found(*names) == expected


def test_absolute_folders_and_patterns(tmp_path: Path) -> None:
    assert found(str(tmp_path / "s/a")) == [str(tmp_path / "s/a/2.tif")]
    assert found(str(tmp_path / "one*")) == [str(tmp_path / "one.png")]


def test_what_is_passed_over_is_counted() -> None:
    skipped: Counter[str] = Counter()
    list(find_pictures(["s", "empty"], None, skipped))
    assert skipped == {".txt": 1, "": 1}


def test_a_folder_can_be_left_out_of_others(tmp_path: Path) -> None:
    assert found("s", without=Path("s/a")) == [name for name in S if "/a/" not in name]
    assert found("s/a", without=tmp_path / "s/a") == ["s/a/2.tif"]  # asked for by name


@pytest.mark.parametrize(
    ("stdin", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n rest", ["-"]),
        (b"one.png\ns\nmissing.png", ["one.png", *S, "missing.png"]),
        (b"-\n*.png", ["-", "*.png"]),
        (b"", ["standard input is empty; give it an image, or one path per line"]),
        (None, ["standard input is closed"]),
    ],
)
def test_standard_input_stands_where_it_is_named(stdin: bytes | None, expected: list[str]) -> None:
    assert found("one.png", "-", "one.png", stdin=stdin) == ["one.png", *expected, "one.png"]


def test_links_to_files_count_and_links_to_folders_do_not() -> None:
    Path("s/a/up").symlink_to("..")
    Path("s/a/loop.png").symlink_to("loop.png")
    Path("s/a/broken.png").symlink_to("nowhere")
    Path("s/a/good.png").symlink_to("../10.png")
    Path("linked").symlink_to("s/a")
    names = ["2.tif", "broken.png", "good.png", "loop.png"]
    assert found("s/a") == [f"s/a/{name}" for name in names]
    assert found("linked") == [f"linked/{name}" for name in names]


def test_a_pipe_in_a_folder_is_not_waited_for() -> None:
    os.mkfifo("s/a/0.png")
    assert found("s/a") == ["s/a/2.tif"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_folder_that_cannot_be_listed_is_named() -> None:
    Path("s/a").chmod(0)
    try:
        assert "s/a: cannot be listed (Permission denied)" in found("s")
    finally:
        Path("s/a").chmod(0o700)


def test_a_folder_that_goes_while_it_is_walked_is_named() -> None:
    walk = find_pictures(["s"], None, Counter())
    assert next(walk).name == "s/9.JPG"
    Path("s/a/2.tif").unlink()
    Path("s/a").rmdir()
    rest = list(walk)
    assert str(rest[1].content) == "s/a: cannot be listed (No such file or directory)"


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=1, max_size=6))
def test_numbers_in_names_sort_as_numbers(numbers: list[int]) -> None:
    from lenet.pictures.find_files import natural_order

    names = [f"Scan {number}b.png" for number in numbers]
    assert sorted(names, key=natural_order) == [f"Scan {number}b.png" for number in sorted(numbers)]
