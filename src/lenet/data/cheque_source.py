"""Finds the labelled cheques (`lenet.data.cheques`), or downloads them once into the cache.

The folder ``LENET_DATA_DIR/cheques`` comes first. Otherwise one commit of the public repository is
downloaded. Its address contains the commit's hash, so its content cannot change.
"""

import os
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.cheques import ANNOTATIONS, Cheque, load_cheques
from lenet.data.fetch import cache_folder, cannot_be_written
from lenet.data.sources import SourceError, download
from lenet.ending.temporary import temporary_folder
from lenet.errors import LenetError
from lenet.files import whole_file

_COMMIT = "7b500aa8fcd25014d0c342fe758277a0a53266c9"
_ADDRESS = f"https://codeload.github.com/Fzkuji/Labeled_ORAND-CAR-A/tar.gz/{_COMMIT}"
_INSIDE = "ORAND-CAR-2014-coco"
_NAME = "cheques"


def find_cheques(folder: Path | None = None, callbacks: DataCallbacks = SILENT) -> list[Cheque]:
    """Return the labelled cheques of `folder`; None finds or downloads them.

    Raises
    ------
    LenetError
        The cheques cannot be downloaded, or the folder does not hold labelled cheques.
    """
    own = os.environ.get("LENET_DATA_DIR")
    if folder is None and own is not None and (Path(own) / _NAME).is_dir():
        folder = Path(own) / _NAME
    return load_cheques(_fetched(callbacks) if folder is None else folder)


def _fetched(callbacks: DataCallbacks) -> Path:
    cache = cache_folder() / _NAME / _COMMIT[:12]
    if (cache / ANNOTATIONS).is_file():  # this file is written last, so the images are complete
        return cache
    with temporary_folder() as folder:
        archive = folder / "cheques.tar.gz"
        try:
            download(_ADDRESS, archive, callbacks)
            _extract(archive, cache)
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise LenetError(cannot_be_written(error)) from error
        except (SourceError, tarfile.TarError, EOFError, zlib.error) as error:
            raise LenetError(
                f"the labelled cheques could not be downloaded from {_ADDRESS}: {error}; put "
                "their folder into LENET_DATA_DIR/cheques, or name it with --cheques in "
                "`lenet train reader`"
            ) from error
    if not (cache / ANNOTATIONS).is_file():
        raise LenetError(f"{_ADDRESS} holds no {_INSIDE}/{ANNOTATIONS}")
    return cache


def _extract(archive: Path, cache: Path) -> None:
    """Extract the images and then their labels; skip all other files."""
    labels = b""
    for folder in ("annotations", "images/train2017"):
        (cache / folder).mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as members:
        for member in members:
            parts = PurePosixPath(member.name).parts[1:]  # without the folder of the commit
            content = members.extractfile(member) if parts[:1] == (_INSIDE,) else None
            if content is None or ".." in parts:
                continue
            inside = PurePosixPath(*parts[1:])
            if str(inside) == ANNOTATIONS:
                labels = content.read()
            elif inside.parent == PurePosixPath("images/train2017") and inside.suffix == ".jpg":
                with whole_file(cache / inside) as part:
                    part.write_bytes(content.read())
    if labels:
        with whole_file(cache / ANNOTATIONS) as part:
            part.write_bytes(labels)
