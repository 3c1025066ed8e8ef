"""Which folders are parts, which are classes, and what is said of the rest."""

from pathlib import Path

import pytest

from lenet.data.folder_layout import find_parts
from lenet.errors import LenetError

CLASSES = ("1", "2")


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def files(*folders: str, classes: tuple[str, ...] = CLASSES) -> list[str]:
    """Two pictures for each class in each folder."""
    return [f"{one}/{name}/{n}.png" for one in folders for name in classes for n in (0, 1)]


def found(root: Path, *known: str) -> tuple[dict[str, dict[str, int]], str]:
    layout = find_parts(root, known)
    counts = {
        str(section): {name: len(paths) for name, paths in classes.items()}
        for section, classes in layout.parts.items()
    }
    return counts, "\n".join(layout.notes)


# Joiners, wide spaces, and a sign that is newer than Python's tables.
NAMES = ("a\u200cb", "a\u200db", "a\u00a0b", "a\u3000b", "\U0001fae8")
BOTH = {"1": 2, "2": 2}


@pytest.mark.parametrize(
    ("train", "other", "section"),
    [
        ("train", "test", "test"),
        ("Train", "Test", "test"),
        ("TRAINING", "testing", "test"),
        ("seg_train", "seg_test", "test"),
        ("training_set", "test_set", "test"),
        ("train-images", "test-images", "test"),
        ("digits train", "digits test", "test"),
        ("train", "val", "validation"),
        ("Train", "Valid", "validation"),
        ("train", "VALIDATION", "validation"),
        ("x_train", "x_val", "validation"),
    ],
)
@pytest.mark.parametrize("around", ["", "digits/", "archive/digits/"])
def test_names_of_parts(tmp_path: Path, train: str, other: str, section: str, around: str) -> None:
    touch(tmp_path, *files(f"{around}{train}", f"{around}{other}"))
    assert found(tmp_path) == ({"train": BOTH, section: BOTH}, "")


@pytest.mark.parametrize(
    ("names", "parts", "note"),
    [
        # Classes alone, also in folders around them.
        (files("."), {"train": BOTH}, ""),
        (files("digits"), {"train": BOTH}, ""),
        (files("a/b"), {"train": BOTH}, ""),
        # Parts inside each other, as archives are packed.
        (files("seg_train/seg_train", "seg_test/seg_test"), {"train": BOTH, "test": BOTH}, ""),
        # Three parts, and what lies beside them.
        (
            files("train", "val", "test"),
            {"train": BOTH, "validation": BOTH, "test": BOTH},
            "",
        ),
        (
            [*files("train", "test", "extra"), "a.png"],
            {"train": BOTH, "test": BOTH},
            "next to train/ and test/: extra/ (4 pictures), 1 picture in no folder",
        ),
        (files("train", "extra"), {"train": BOTH}, "extra/ (4 pictures)"),
        (
            [*files("train"), "test/1.png"],
            {"train": BOTH},
            "not read, because it lies next to train/: test/ (1 picture)",
        ),
        # Each class is divided.
        (
            ["1/train/a.png", "1/test/b.png", "2/Train/a.png", "2/Test/b.png"],
            {"train": {"1": 1, "2": 1}, "test": {"1": 1, "2": 1}},
            "",
        ),
        # Classes that are called as parts are.
        (files(".", classes=("bus", "train")), {"train": {"bus": 2, "train": 2}}, ""),
        (
            files(".", classes=("bus", "test", "val")),
            {"train": {"bus": 2, "test": 2, "val": 2}},
            "",
        ),
        (
            files("train", "test", classes=("bus", "train")),
            {"train": {"bus": 2, "train": 2}, "test": {"bus": 2, "train": 2}},
            "",
        ),
        (
            files("bus", "car", "train", classes=("front", "side")),
            {"train": {"bus": 4, "car": 4, "train": 4}},
            "",
        ),
        # Folders inside a class.
        (["1/a/b/0.png", "1/1.png", "2/0.png"], {"train": {"1": 2, "2": 1}}, ""),
        # What is no class and no picture.
        (
            [*files("."), "3/a.svg", "3/b.SVG"],
            {"train": BOTH},
            "3/, which holds no pictures",
        ),
        ([*files("."), "notes", "1/b.txt"], {"train": BOTH}, "not pictures: 2 (.txt, no suffix)"),
        ([*files("."), "loose.png"], {"train": BOTH}, "1 picture in"),
        (["a/x.gif", "b/x.PGM", "c/x.jfif"], {"train": {"a": 1, "b": 1, "c": 1}}, ""),
        # The systems' own.
        (
            [
                *files(".", "@eaDir", "__MACOSX", "$RECYCLE.BIN", ".git", ".ipynb_checkpoints"),
                "1/@eaDir/0.png/thumb.png",
                "1/.0.png",
                "1/Thumbs.db",
                ".DS_Store",
                "desktop.ini",
            ],
            {"train": BOTH},
            "",
        ),
        # Names.
        (
            ["cafe\u0301/a.png", "caf\u00e9/b.png", "x/c.png"],
            {"train": {"caf\u00e9": 2, "x": 1}},
            "",
        ),
        (
            [
                f"{name}/a.png"
                for name in ("a\u200cb", "a\u200db", "a\u00a0b", "a\u3000b", "\U0001fae8")
            ],
            {
                "train": dict.fromkeys(
                    ("a\u200cb", "a\u200db", "a\u00a0b", "a\u3000b", "\U0001fae8"), 1
                )
            },
            "",
        ),
    ],
)
def test_what_is_found(
    tmp_path: Path, names: list[str], parts: dict[str, dict[str, int]], note: str
) -> None:
    touch(tmp_path, *names)
    counts, notes = found(tmp_path)
    assert counts == parts
    assert note in notes
    assert bool(note) == bool(notes)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["Train/a.png", "Test/b.png"], "holds Test, Train only, which are names of parts"),
        (["train/a.png"], "names of parts"),
        ([*files("a_train", "b_train", "test")], "a_train/, b_train/ may each be the train part"),
        (["a.png"], "no images in class folders"),
        (["a/b.txt"], "no images in class folders"),
        (["digits.csv"], "to use digits.csv, name that file"),
        (["a\nb/a.png", "b/a.png"], "cannot be a class's name"),
        (["a\u202eb/a.png", "b/a.png"], "cannot be a class's name"),
        (["a\u2028b/a.png", "b/a.png"], "cannot be a class's name"),
    ],
)
def test_what_is_refused(tmp_path: Path, names: list[str], message: str) -> None:
    touch(tmp_path, *names)
    with pytest.raises(LenetError, match=message) as raised:
        find_parts(tmp_path)
    assert str(tmp_path) in str(raised.value)


def test_a_known_class_is_not_taken_for_a_folder_around_classes(tmp_path: Path) -> None:
    touch(tmp_path, "3/monday/a.png", "3/tuesday/b.png")
    assert found(tmp_path, "3")[0] == {"train": {"3": 2}}
    assert found(tmp_path)[0] == {"train": {"monday": 1, "tuesday": 1}}


def test_a_test_part_alone_and_a_part_of_one_class(tmp_path: Path) -> None:
    touch(tmp_path / "a", *files("Test"))
    assert found(tmp_path / "a")[0] == {"test": BOTH}
    touch(tmp_path / "b", *files("train"), "test/1/x/a.png", "test/1/y/a.png")
    assert found(tmp_path / "b")[0] == {"train": BOTH, "test": {"1": 2}}


def test_links_are_followed_and_end(tmp_path: Path) -> None:
    touch(tmp_path / "all", "one/a.png", "one/b.png", "two/a.png")
    root = tmp_path / "root"
    (root / "2").mkdir(parents=True)
    (root / "1").symlink_to(tmp_path / "all" / "one")
    (root / "2" / "inner").symlink_to(tmp_path / "all" / "two")
    (root / "2" / "loop").symlink_to(root)
    (root / "2" / "self").symlink_to(root / "2" / "self")
    (root / "2" / "top").symlink_to("/")
    (root / "2" / "broken.png").symlink_to(tmp_path / "missing.png")
    counts, _ = found(root)
    assert counts == {"train": {"1": 2, "2": 2}}  # the broken link is named when it is read


def test_links_to_each_other_end(tmp_path: Path) -> None:
    for name in "abcdefgh":
        touch(tmp_path, f"{name}/0.png")
    for name in "abcdefgh":
        for other in "abcdefgh":
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    assert len(found(tmp_path)[0]["train"]) == 8
