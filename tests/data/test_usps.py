from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenet.data.usps import read_usps
from lenet.errors import LenetError


def line(label: int, values: list[float]) -> str:
    return f"{label} " + " ".join(f"{i}:{value:g}" for i, value in enumerate(values, start=1))


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "usps"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_paper_is_0_and_ink_is_255_row_by_row(tmp_path: Path) -> None:
    first = [-1.0] * 256
    first[1], first[16] = 1.0, 0.0
    path = write(tmp_path, f"{line(1, first)}\n{line(10, [1.0] * 256)} \n")
    images, labels = read_usps(path)
    assert images.dtype == np.uint8
    assert images.shape == (2, 16, 16)
    assert images[0, 0, 1] == 255
    assert images[0, 1, 0] == 128
    assert images[0].sum(dtype=int) == 255 + 128
    assert (images[1] == 255).all()
    assert labels.tolist() == [1, 10]


def test_a_pixel_that_is_not_named_is_zero_as_libsvm_has_it(tmp_path: Path) -> None:
    images, _ = read_usps(write(tmp_path, "3 256:1\n4\n"))
    assert images[0, 15, 15] == 255
    assert (images.reshape(2, -1)[:, :-1] == 128).all()


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x 1:0",
        "9223372036854775808 1:0",
        "1.5 1:0",
        "1 1",
        "1 1:",
        "1 1:x",
        "1 a:1",
        "1 257:0",
        "1 0:0",
        "1 -5:0",
        "1 1:nan",
        "1 1:inf",
        "1 1:5",
        "1 1:-2",
        "<html>",
        "1 1:0 Größe",
    ],
)
def test_another_line_is_named_by_its_number(tmp_path: Path, bad: str) -> None:
    path = write(tmp_path, f"{line(1, [0.0] * 256)}\n{bad}\n{line(1, [0.0] * 256)}\n")
    with pytest.raises(LenetError, match=r"usps, line 2: not LIBSVM data"):
        read_usps(path)


@given(st.binary(max_size=40) | st.text("0123456789:.- \nen", max_size=40).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_images_or_a_lenet_error(tmp_path: Path, content: bytes) -> None:
    try:
        images, labels = read_usps(write(tmp_path, content))
    except LenetError:
        return
    assert images.shape == (len(labels), 16, 16)
