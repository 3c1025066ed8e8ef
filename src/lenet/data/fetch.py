"""Finds or downloads the files of a data set, and checks the hash of each.

The sources are tried in this order: ``LENET_DATA_DIR``, the cache, the system's dataset folder, the
HTTPS mirrors, the package manager. Each source is asked for all missing files before the next one
is tried, so a mirror that does not answer costs only one timeout.
"""

import errno
import gzip
import hashlib
import lzma
import os
import time
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path

import platformdirs

from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.catalog import Entry, File
from lenet.data.idx import open_compressed
from lenet.data.sources import Source, SourceError, sources
from lenet.errors import ErrorInLines, LenetError
from lenet.files import whole_file, write_text

_CHUNK = 1 << 20
_MOST_BYTES = 2 << 30  # the largest known file (EMNIST byclass) has 0.55 GB
_STALE_SECONDS = 24 * 3600
# The disk is full, the user's share of it is used up, or the file system is read-only.
_NO_SPACE = {errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}


def cache_folder() -> Path:
    """Return the folder for downloaded data.

    ``LENET_CACHE_DIR``, or by default ``lenet`` in the platform's cache folder for users.
    """
    own = os.environ.get("LENET_CACHE_DIR")
    if own:
        return Path(own)
    return Path(platformdirs.user_cache_dir("lenet", appauthor=False))


def fetch(entry: Entry, callbacks: DataCallbacks = SILENT) -> dict[str, Path]:
    """Return the path of each file of a data set, by the file's name, decompressed and checked.

    Raises
    ------
    LenetError
        No source has all the files. The message lists every source with its reason.
    """
    cache = cache_folder() / entry.name
    own = os.environ.get("LENET_DATA_DIR")
    found: dict[str, Path] = {}
    reasons: list[str] = []

    def missing() -> list[File]:
        return [file for file in entry.files if file.name not in found]

    def failed(source: str, reason: object) -> None:
        reasons.append(f"{source}: {reason}")
        callbacks.on_message(f"{entry.name}: {source}: {reason}")

    def try_source(source: Source) -> None:
        try:
            with source.open(missing(), callbacks) as locate:
                for file in missing():
                    found[file.name] = _take(locate(file), file, cache, in_place=source.permanent)
        except SourceError as error:
            failed(source.label, error)
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise LenetError(cannot_be_written(error)) from error
            if not isinstance(error, PermissionError):
                raise
            failed(source.label, f"no permission to read or write {error.filename}")

    before, after = sources(entry, Path(own) if own else None)
    for source in before:
        if missing():
            try_source(source)
    for file in missing():
        try:
            found[file.name] = _from_cache(file, cache)
        except SourceError as error:
            if not any(reason.startswith("cache") for reason in reasons):  # one line is enough
                failed(f"cache {cache}", error)
    for source in after:
        if missing():
            try_source(source)
    if missing():
        raise ErrorInLines(_explain(entry, reasons))
    return {file.name: found[file.name] for file in entry.files}


def cannot_be_written(error: OSError) -> str:
    """Return the sentence about a folder that is full or read-only, with how to name another."""
    where, cache = str(error.filename or "the disk"), cache_folder()
    in_cache = Path(where).is_relative_to(cache)
    name = "LENET_CACHE_DIR" if in_cache else "TMPDIR"
    what = "cache" if in_cache else "temporary folder"
    return (
        f"{where} cannot be written ({error.strerror}); name another folder as the {what}: "
        f"set {name}=DIR"
    )


def _from_cache(file: File, cache: Path) -> Path:
    """Check a cached file; delete it if it is damaged."""
    path = cache / file.name
    if not path.is_file():
        raise SourceError(f"{file.name} is not there yet" if cache.is_dir() else "empty")
    expected = file.sha256 or _recorded_hash(path)
    if expected is not None and _hash_file(path) == expected:
        return path
    with suppress(OSError):
        path.unlink()
    raise SourceError(f"{file.name} was damaged; removed")


def _take(path: Path, file: File, cache: Path, *, in_place: bool) -> Path:
    """Check a source's file; return it if it can be used in place, else a copy in the cache."""
    if file.archive_hash is not None:
        algorithm, _, expected = file.archive_hash.partition(":")
        if _hash_file(path, algorithm) != expected:
            raise SourceError(f"{path.name} is altered: not the published {algorithm} hash")
    elif in_place and _hash_file(path) == file.sha256:
        return path
    return _decompress(path, file, cache)


def _decompress(path: Path, file: File, cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    _remove_stale_parts(cache)
    target = cache / file.name
    try:
        with _decompressed(path, file) as source, whole_file(target) as part:
            digest = _copy(source, part)
            if file.sha256 is not None and digest != file.sha256:
                raise SourceError(f"{path.name} is altered: its SHA-256 is {digest[:12]}…")
            if file.sha256 is None:
                # The hash is written first: a file without one looks damaged to other processes.
                write_text(_hash_path(target), digest + "\n")
    except (EOFError, KeyError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        # gzip and bz2 report bad data as an OSError without a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise SourceError(f"{path.name} is truncated or not a whole archive") from error
    return target


@contextmanager
def _decompressed(path: Path, file: File) -> Generator[BufferedIOBase, None, None]:
    _, _, member = file.archive.partition(":")
    if member:
        with zipfile.ZipFile(path) as archive, archive.open(member) as raw:
            yield gzip.GzipFile(fileobj=raw)
    else:
        with open_compressed(path) as stream:
            yield stream


def _copy(source: BufferedIOBase, target: Path) -> str:
    """Copy a stream to a file and return the SHA-256 of its bytes."""
    digest = hashlib.sha256()
    size = 0
    with target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > _MOST_BYTES:
                raise SourceError("it decompresses to more than any known file")
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _hash_file(path: Path, algorithm: str = "sha256") -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _hash_path(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _recorded_hash(path: Path) -> str | None:
    """Return the hash that `_decompress` wrote for a file whose own hash is not published."""
    try:
        return _hash_path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _remove_stale_parts(folder: Path) -> None:
    """Delete the partial files of killed processes; newer ones may belong to a running process."""
    for path in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()


_OTHER_CACHE = "If the cache cannot be written, name another folder: set LENET_CACHE_DIR=DIR."


def _explain(entry: Entry, reasons: list[str]) -> str:
    lines = [
        f"no source has all the files of {entry.name}:",
        *(f"  {reason}" for reason in reasons),
        f"By hand: put {', '.join(sorted({file.remote for file in entry.files}))}",
        f"  (see {entry.homepage})",
        f"  into a folder {entry.name}/ inside any folder D, and set LENET_DATA_DIR=D.",
        *([_OTHER_CACHE] if any("no permission" in reason for reason in reasons) else []),
    ]
    return "\n".join(lines)
