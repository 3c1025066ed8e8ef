"""Labelled cheques: from a folder, from the cache, or from an archive that is fetched once."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lenet.data import cheque_source
from lenet.data.callbacks import DataCallbacks
from lenet.data.cheque_source import find_cheques
from lenet.data.cheques import Cheque
from lenet.data.sources import SourceError
from lenet.errors import LenetError

LABELS = json.dumps(
    {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "categories": [{"id": 5, "name": "5"}],
        "annotations": [{"image_id": 1, "category_id": 5, "bbox": [1, 2, 3, 4]}],
    }
).encode()
INSIDE = "Labeled-7b5/ORAND-CAR-2014-coco/"
WHOLE = {
    INSIDE + "annotations/instances_train2017.json": LABELS,
    INSIDE + "images/train2017/a.jpg": b"an image",
    INSIDE + "images/val2017/b.jpg": b"not asked for",
    INSIDE + "../images/train2017/c.jpg": b"leads out",
    "Labeled-7b5/README.md": b"nor this",
}


def archive(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as members:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            members.addfile(member, io.BytesIO(data))
    return content.getvalue()


def serve(monkeypatch: pytest.MonkeyPatch, content: bytes | SourceError) -> list[str]:
    asked: list[str] = []

    def download(url: str, path: Path, callbacks: DataCallbacks) -> None:
        asked.append(url)
        if isinstance(content, SourceError):
            raise content
        path.write_bytes(content)

    monkeypatch.setattr(cheque_source, "download", download)
    return asked


def test_an_archive_is_fetched_once_and_only_what_is_labelled_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = serve(monkeypatch, archive(WHOLE))
    (found,) = find_cheques()
    assert found.digits == "5"
    assert found.path.read_bytes() == b"an image"
    folder = found.path.parent.parent.parent
    kept = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert kept == ["a.jpg", "instances_train2017.json"]
    assert find_cheques() == [found]
    assert len(asked) == 1
    assert "/7b500aa8" in asked[0]  # a commit: what it holds cannot change


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SourceError("no answer within 5 s"), "no answer within 5 s"),
        (archive(WHOLE)[:80], "could not be downloaded"),
        (b"<html>", "could not be downloaded"),
        (archive({"Labeled-7b5/README.md": b""}), "holds no ORAND-CAR-2014-coco"),
    ],
)
def test_what_cannot_be_had_is_told_and_not_kept(
    monkeypatch: pytest.MonkeyPatch, content: bytes | SourceError, reason: str
) -> None:
    serve(monkeypatch, content)
    with pytest.raises(LenetError, match=reason):
        find_cheques()
    asked = serve(monkeypatch, archive(WHOLE))
    assert len(find_cheques()) == 1
    assert asked


def own_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "labels.tsv").write_text("file\tdigits\tboxes\nx.png\t7\t1,2,3,4\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("named", [True, False])
def test_a_folder_of_ones_own_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: bool
) -> None:
    asked = serve(monkeypatch, SourceError("not to be asked"))
    folder = own_folder(tmp_path / "cheques")
    find: Callable[[], list[Cheque]] = find_cheques
    if named:
        find = lambda: find_cheques(folder)  # noqa: E731 the two ways side by side
    else:
        monkeypatch.setenv("LENET_DATA_DIR", str(tmp_path))
    (found,) = find()
    assert (found.path.name, found.digits) == ("x.png", "7")
    assert asked == []
