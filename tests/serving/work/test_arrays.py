"""Numbers in JSON, against NumPy's own reading of them, and what never reaches NumPy."""

import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from starlette.exceptions import HTTPException

from lenet.serving.work.arrays import numbers


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "[]",
        "[[]]",
        "[[], []]",
        "[[1, 2], [3, 4]]",
        "[[0.5, 1], [3, 4]]",
        "[[[1], [2]], [[3], [4]]]",
        "[-1, 255, 1e300]",
        "[[[[[[[[7]]]]]]]]",
        "[9223372036854775807]",
        "[18446744073709551615]",
    ],
)
def test_numbers_are_read_as_numpy_reads_them(text: str) -> None:
    expected = np.array(json.loads(text))
    found = numbers(json.loads(text), "x", 422)
    assert (found.dtype, found.shape, found.tolist()) == (
        expected.dtype,
        expected.shape,
        expected.tolist(),
    )


@pytest.mark.parametrize(
    "value",
    [
        1,
        "text",
        None,
        {},
        [[1], [1, 2]],
        [[1], 1],
        [1, [1]],
        [["a"]],
        [[1, "a"]],
        [[True]],
        [[None]],
        [{}],
        [[[[[[[[[1]]]]]]]]],
        [10**30],
        [10**400, 0.5],
    ],
)
def test_what_is_no_array_of_numbers_is_refused(value: object) -> None:
    with pytest.raises(HTTPException, match="x: ") as refused:
        numbers(value, "x", 400)
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    "value",
    [
        [["a"] * 1000 for _ in range(99)] + [["a" * 500_000] + ["a"] * 999],
        [[1] * (k % 100) for k in range(1000)],
        [[[1] * 100] * 100] * 99 + [[[1] * 99] * 100],
    ],
)
def test_a_small_text_takes_little_memory(value: Any) -> None:
    tracemalloc.start()  # NumPy would make each text as wide as the longest: 200 GB
    try:
        with pytest.raises(HTTPException):
            numbers(value, "x", 422)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
