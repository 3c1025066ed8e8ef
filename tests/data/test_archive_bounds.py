"""Archives are bounded as a whole before they are read."""

import bz2
import gzip
import io
import lzma
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lenet.data import archive_bounds, load_data
from lenet.data.archive_bounds import ALWAYS, most_decompressed
from lenet.data.idx import open_compressed
from lenet.errors import LenetError, OutOfMemory


def npy(shape: tuple[int, ...], content: bytes = b"", dtype: str = "|u1") -> bytes:
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    padded = header + b" " * (63 - (len(header) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + content


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def with_claim(path: Path, size: int) -> Path:
    """Let the directory of an archive claim another size for its first member."""
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(content)
    return path


def refused(path: Path) -> tuple[str, int]:
    tracemalloc.start()
    try:
        with pytest.raises(LenetError) as raised:
            load_data(path)
        return str(raised.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


SMALL = npy((4,), b"\0\1\0\1")


@pytest.mark.parametrize(
    ("images", "claim", "message"),
    [
        (npy((300 << 10, 1024)), None, "claims"),  # its own header lies
        (npy((4, 1 << 40)), None, "claims"),
        (npy((-4, 28, 28)), None, "corrupt"),
        (npy((4, 28, 28), bytes(4 * 784)), 400 << 20, "unpacks to more than"),  # the directory lies
        (npy((4, 28, 28), bytes(4 * 784)), 10, "claims"),
    ],
)
def test_what_claims_too_much_is_refused(
    images: bytes, claim: int | None, message: str, tmp_path: Path
) -> None:
    path = archive(tmp_path / "a.npz", {"images.npy": images, "labels.npy": SMALL})
    if claim is not None:
        with_claim(path, claim)
    text, peak = refused(path)
    assert message in text
    assert peak < 8_000_000


def test_many_members_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_bounds, "ALWAYS", 2 << 20)
    members = {"images.npy": npy((4, 28, 28), bytes(4 * 784)), "labels.npy": SMALL}
    more = {f"{n}.npy": bytes(400 << 10) for n in range(6)}
    text, _ = refused(archive(tmp_path / "a.npz", {**members, **more}))
    assert "unpacks to more than 2,097,152" in text


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_table_that_unpacks_for_ever_is_ended(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_bounds, "ALWAYS", 1 << 20)
    (tmp_path / "a.csv.gz").write_bytes(pack(b"label,p\n" + b"1" * (3 << 20)))
    with pytest.raises(LenetError, match="unpacks to more than"):
        load_data(tmp_path / "a.csv.gz")


def test_what_is_large_itself_may_unpack_to_more() -> None:
    assert most_decompressed(1) == ALWAYS
    assert most_decompressed(1 << 30) == 64 << 30


def test_a_compressed_file_reads_as_before(tmp_path: Path) -> None:
    text = b"".join(b"%d\n" % n for n in range(100_000))
    (tmp_path / "a.gz").write_bytes(gzip.compress(text))
    with open_compressed(tmp_path / "a.gz") as file:
        assert file.readline() == b"0\n"
        assert file.read() == text[2:]


def test_memory_that_runs_out_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise MemoryError("Unable to allocate 30 GiB")

    monkeypatch.setattr("lenet.data.load.find", none)
    with pytest.raises(
        OutOfMemory, match=r"not enough memory \(Unable to allocate 30 GiB\)"
    ) as one:
        load_data("somewhere")
    assert isinstance(one.value, LenetError)
    assert isinstance(one.value, MemoryError)


def test_arrays_of_numpy_keep_loading(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (40, 28, 28), np.uint8)
    stream = io.BytesIO()
    np.savez_compressed(stream, images=images, labels=np.arange(40) % 4)
    (tmp_path / "a.npz").write_bytes(stream.getvalue())
    assert len(load_data(tmp_path / "a.npz").train) == 32
