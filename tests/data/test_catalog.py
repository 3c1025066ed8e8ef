import re

import pytest

from lenet.data.catalog import CATALOG, Entry, File, entry_named
from lenet.errors import LenetError

entries = pytest.mark.parametrize("entry", CATALOG.values(), ids=CATALOG.keys())


@pytest.mark.parametrize(
    ("file", "remote"),
    [
        (File("a-ubyte"), "a-ubyte.gz"),
        (File("a", archive="a.bz2"), "a.bz2"),
        (File("a", archive="all.zip:folder/a.gz"), "all.zip"),
    ],
)
def test_a_file_knows_its_name_on_a_mirror(file: File, remote: str) -> None:
    assert file.remote == remote


@entries
def test_every_file_has_one_hash_of_the_right_form(entry: Entry) -> None:
    for file in entry.files:
        assert (file.sha256 is None) != (file.archive_hash is None)
        known = file.sha256 or file.archive_hash or ""
        assert re.fullmatch("[0-9a-f]{64}|sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", known)


@entries
def test_an_entry_is_whole(entry: Entry) -> None:
    assert CATALOG[entry.name] is entry
    assert entry_named(entry.name) is entry
    assert len(entry.files) in (2, 4)
    assert len({file.name for file in entry.files}) == len(entry.files)
    assert len(set(entry.classes)) == len(entry.classes) >= 10
    assert entry.mirrors
    for url in entry.mirrors:
        assert re.fullmatch(r"https://[^ ]+/", url)
    assert {manager for manager, _, _ in entry.packages} <= {"apt", "npm"}
    assert entry.licence
    assert entry.title
    assert entry.homepage.startswith("http")
    assert entry.train >= entry.test > 0


def test_training_files_come_before_test_files() -> None:
    for entry in CATALOG.values():
        half = len(entry.files) // 2
        first = " ".join(file.name for file in entry.files[:half])
        second = " ".join(file.name for file in entry.files[half:])
        assert "t10k" not in first
        assert "-test-" not in first
        assert "train" not in second


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("fashion-mnist", 10),
        ("emnist-balanced", 47),
        ("emnist-byclass", 62),
        ("emnist-bymerge", 47),
        ("emnist-letters", 26),
    ],
)
def test_the_number_of_classes_is_the_published_one(name: str, classes: int) -> None:
    assert len(entry_named(name).classes) == classes


@pytest.mark.parametrize(
    ("name", "hint"),
    [("fashion-mnst", "Did you mean 'fashion-mnist'?"), ("mnits", "Did you mean 'mnist'?")],
)
def test_an_unknown_name_gets_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(LenetError, match="lenet data list") as raised:
        entry_named(name)
    assert repr(name) in str(raised.value)
    assert str(raised.value).endswith(hint)


@pytest.mark.parametrize("name", ["", "qqqqqqqq"])
def test_a_far_name_gets_no_suggestion(name: str) -> None:
    with pytest.raises(LenetError) as raised:
        entry_named(name)
    assert "Did you mean" not in str(raised.value)
