import bz2
import gzip
import lzma
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray
from tests.idx import write_idx

from lenet.data.idx import IdxError, open_compressed, read_idx

on_disk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

Packer = Callable[[bytes], bytes]
PACKERS: dict[str, Packer] = {
    "plain": bytes,
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "bzip2": bz2.compress,
    "xz": lambda content: lzma.compress(content, preset=0),  # a small window
}
packings = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS.keys())

MOST = (1 << 32) - 1


def header(code: int, *sides: int) -> bytes:
    return bytes([0, 0, code, len(sides)]) + b"".join(n.to_bytes(4, "big") for n in sides)


WHOLE = header(0x08, 2, 3) + bytes(range(6))


@st.composite
def typed_arrays(draw: st.DrawFn) -> NDArray[Any]:
    dtype = draw(
        st.sampled_from(["u1", "i1", "<i2", ">i2", "<i4", ">i4", "<f4", ">f4", "<f8", ">f8"])
    )
    shapes = npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
    return draw(npst.arrays(np.dtype(dtype), shapes))


@given(array=typed_arrays(), suffix=st.sampled_from(["", ".gz"]))
@on_disk
def test_what_is_written_is_read_back(tmp_path: Path, array: NDArray[Any], suffix: str) -> None:
    path = tmp_path / f"array{suffix}"
    write_idx(path, array)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") is bool(suffix)
    back = read_idx(path)
    np.testing.assert_array_equal(back, array)  # NaN counts as equal
    assert back.shape == array.shape
    assert back.dtype == array.dtype.newbyteorder("=")
    assert back.dtype.isnative
    assert back.flags.writeable


def test_views_are_written_in_order(tmp_path: Path) -> None:
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4)[:, ::-1].swapaxes(0, 2)
    write_idx(tmp_path / "a", array)
    assert np.array_equal(read_idx(tmp_path / "a"), array)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (header(0x08, 2) + b"\x01\xff", np.array([1, 255], np.uint8)),
        (header(0x09, 2) + b"\x01\xff", np.array([1, -1], np.int8)),
        (header(0x0B, 2) + b"\x01\x00\xff\xfe", np.array([256, -2], np.int16)),
        (header(0x0C, 1, 1) + b"\x00\x00\x01\x00", np.array([[256]], np.int32)),
        (header(0x0D, 1) + b"\x3f\x80\x00\x00", np.array([1], np.float32)),
        (header(0x0E, 1) + b"\xbf\xf0" + bytes(6), np.array([-1], np.float64)),
        (header(0x08, 0, 28, 28), np.zeros((0, 28, 28), np.uint8)),
    ],
)
@packings
def test_bytes_mean_what_the_format_says(
    tmp_path: Path, content: bytes, expected: NDArray[Any], pack: Packer
) -> None:
    (tmp_path / "a").write_bytes(pack(content))
    array = read_idx(tmp_path / "a")
    assert array.dtype == expected.dtype
    assert np.array_equal(array, expected)
    assert array.shape == expected.shape


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x08", "not an IDX file"),
        (b"<!DOCTYPE html>", "not an IDX file"),
        (b"\x01" + WHOLE[1:], "not an IDX file: it begins with 0x01000802"),
        (b"\0\x01" + WHOLE[2:], "not an IDX file"),
        (header(0x0A, 2) + bytes(2), "not an IDX file"),
        (header(0x08) + bytes(2), "0 dimensions"),
        (header(0x08, *[1] * 33) + bytes(1), "33 dimensions"),
        (WHOLE[:8], "header itself is cut short"),
        (WHOLE[:-1], "truncated: 5 bytes of values, its header claims 6 for 2×3"),
        (header(0x08, 2, 3), "truncated"),
        (WHOLE + b"\0", "more bytes than its header claims"),
        (header(0x08, 0) + b"\0", "more bytes than its header claims"),
        (header(0x0E, MOST, MOST), "truncated: its header claims"),
        (header(0x08, *[MOST] * 32), "truncated: its header claims"),
        (header(0x08, 0, MOST, MOST, MOST), "claims|dimensions|shape"),
        (header(0x0E, MOST, MOST, 0), "claims|dimensions|shape"),
    ],
)
@packings
def test_what_is_not_idx_is_refused(
    tmp_path: Path, content: bytes, message: str, pack: Packer
) -> None:
    path = tmp_path / "a"
    path.write_bytes(pack(content))
    with pytest.raises(IdxError, match=message) as raised:
        read_idx(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        *(gzip.compress(WHOLE)[:n] for n in (6, 10, 15, -8, -4, -1)),
        *(bz2.compress(WHOLE)[:n] for n in (6, 20, -1)),
        *(lzma.compress(WHOLE)[:n] for n in (6, 20, -1)),
        gzip.compress(WHOLE)[:-8] + b"\1\2\3\4" + gzip.compress(WHOLE)[-4:],  # the checksum
        gzip.compress(WHOLE)[:-4] + b"\1\2\3\4",  # the length
        gzip.compress(WHOLE)[:10] + b"\xff" * 20,
        gzip.compress(WHOLE) + b"trailing",
        b"\x1f\x8b<html>",
        b"BZh<html>",
        b"\xfd7zXZ\x00<html>",
    ],
)
def test_a_broken_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(IdxError, match="truncated or not a whole archive"):
        read_idx(tmp_path / "a")


@given(st.binary(max_size=60), st.sampled_from([b"", b"\0\0\x08", b"\x1f\x8b", WHOLE[:6], b"BZh9"]))
@on_disk
def test_any_bytes_are_a_value_or_an_idx_error(tmp_path: Path, tail: bytes, start: bytes) -> None:
    (tmp_path / "a").write_bytes(start + tail)
    try:
        array = read_idx(tmp_path / "a")
    except IdxError:
        return
    assert array.ndim >= 1


@given(data=st.data())
@packings
@on_disk
def test_a_damaged_file_is_the_same_value_or_an_idx_error_when_packed(
    tmp_path: Path, pack: Packer, data: st.DataObject
) -> None:
    content = bytearray(pack(WHOLE))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    keep = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    (tmp_path / "a").write_bytes(content[:keep])
    try:
        array = read_idx(tmp_path / "a")
    except IdxError:
        return
    if not content.startswith(b"\0\0"):  # the archive's checksum holds the values
        assert np.array_equal(array, np.arange(6).reshape(2, 3))


def peak_of_refusal(path: Path) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(IdxError):
            read_idx(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [
        (header(0x08, MOST, MOST) + bytes(30))[:30],
        gzip.compress(header(0x08, MOST, MOST) + bytes(30)),
        header(0x0E, 1 << 28) + bytes(30),
        lzma.compress(header(0x08, 1 << 28), preset=0),
    ],
    ids=["plain", "gzip", "2 GiB", "xz"],
)
def test_memory_stays_small_whatever_the_header_claims(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert peak_of_refusal(tmp_path / "a") < 2 << 20


@packings
def test_memory_stays_small_whatever_follows_the_values(tmp_path: Path, pack: Packer) -> None:
    (tmp_path / "a").write_bytes(pack(WHOLE + bytes(8 << 20)))
    assert peak_of_refusal(tmp_path / "a") < 2 << 20


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_opened_is_an_oserror(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError) as raised:  # noqa: PT011 its number is checked below
        read_idx(tmp_path / name)
    assert raised.value.errno is not None


@packings
def test_compression_is_told_by_the_first_bytes(tmp_path: Path, pack: Packer) -> None:
    (tmp_path / "misnamed.gz").write_bytes(pack(b"content"))
    with open_compressed(tmp_path / "misnamed.gz") as file:
        assert file.read() == b"content"
