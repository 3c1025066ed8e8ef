"""Where the labelled cheques are had from: a folder of the user's, the cache, or their repository.

The set is read from ``LENET_DATA_DIR/cheques`` if that is there; else a commit of the public
repository is fetched once. The commit is named by its hash, so nobody can change what it holds.
"""

import os
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath

from lenet.data.callbacks import SILENT, Listener
from lenet.data.cheques import Cheque, load_cheques
from lenet.data.fetch import cache_folder
from lenet.data.sources import SourceError, download
from lenet.errors import LenetError
from lenet.files import whole_file

_COMMIT = "7b500aa8fcd25014d0c342fe758277a0a53266c9"
_ADDRESS = f"https://codeload.github.com/Fzkuji/Labeled_ORAND-CAR-A/tar.gz/{_COMMIT}"
_INSIDE = "ORAND-CAR-2014-coco"
_ANNOTATIONS = "annotations/instances_train2017.json"
_NAME = "cheques"


def find_cheques(folder: Path | None = None, listener: Listener = SILENT) -> list[Cheque]:
    """Return the labelled cheques of `folder`, or those that are found or fetched.

    Raises
    ------
    LenetError
        They cannot be had, or `folder` holds none.
    """
    own = os.environ.get("LENET_DATA_DIR")
    if folder is None and own is not None and (Path(own) / _NAME).is_dir():
        folder = Path(own) / _NAME
    return load_cheques(_fetched(listener) if folder is None else folder)


def _fetched(listener: Listener) -> Path:
    cache = cache_folder() / _NAME / _COMMIT[:12]
    if (cache / _ANNOTATIONS).is_file():  # unpacked last
        return cache
    with tempfile.TemporaryDirectory(prefix="lenet-") as name:
        archive = Path(name) / "cheques.tar.gz"
        try:
            download(_ADDRESS, archive, listener)
            _unpack(archive, cache)
        except (SourceError, tarfile.TarError, EOFError, zlib.error) as error:
            raise LenetError(
                f"the labelled cheques could not be fetched from {_ADDRESS}: {error}; put "
                "their folder into LENET_DATA_DIR/cheques, or give it to `lenet train reader` with "
                "--cheques"
            ) from error
    if not (cache / _ANNOTATIONS).is_file():
        raise LenetError(f"{_ADDRESS} holds no {_INSIDE}/{_ANNOTATIONS}")
    return cache


def _unpack(archive: Path, cache: Path) -> None:
    """Write the labels and the images that belong to them, and nothing else."""
    labels = b""
    for folder in ("annotations", "images/train2017"):
        (cache / folder).mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as members:
        for member in members:
            parts = PurePosixPath(member.name).parts[1:]  # without the commit's own folder
            content = members.extractfile(member) if parts[:1] == (_INSIDE,) else None
            if content is None or ".." in parts:
                continue
            inside = PurePosixPath(*parts[1:])
            if str(inside) == _ANNOTATIONS:
                labels = content.read()
            elif inside.parent == PurePosixPath("images/train2017") and inside.suffix == ".jpg":
                with whole_file(cache / inside) as part:
                    part.write_bytes(content.read())
    if labels:
        with whole_file(cache / _ANNOTATIONS) as part:
            part.write_bytes(labels)
