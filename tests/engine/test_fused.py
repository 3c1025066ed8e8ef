"""The fused multiply-add against exact fractions, and where two roundings would be wrong."""

from fractions import Fraction

import numpy as np
import pytest

from lenet.engine.checks import Floats
from lenet.engine.fused import fused_multiply_add


def exactly(a: np.float32, b: np.float32, c: np.float32) -> np.float32:
    """Round ``a * b + c`` once, by trying the neighbours of a guess; of equals the even one."""
    value = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    guess = np.float32(float(value))
    down, up = (np.nextafter(guess, np.float32(side)) for side in (-np.inf, np.inf))
    return min(
        (down, guess, up),
        key=lambda one: (abs(Fraction(float(one)) - value), int(one.view(np.int32)) & 1),
    )


def numbers(seed: int, count: int = 3000) -> Floats:
    random = np.random.default_rng(seed)
    signs = random.choice([-1, 1], count)
    exponents = random.integers(-12, 12, count)
    return (signs * random.random(count) * 2.0**exponents).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_it_rounds_once(seed: int) -> None:
    a, b, c = numbers(seed), numbers(seed + 10), numbers(seed + 20)
    found = fused_multiply_add(a, b, c)
    assert found.dtype == np.float32
    assert [exactly(*three) for three in zip(a, b, c, strict=True)] == found.tolist()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("side", [1, -1])
def test_a_sum_beside_a_tie_is_rounded_to_its_own_side(sign: int, side: int) -> None:
    """The product 1 + 2^-24 less or more than nothing: float64 alone sees a tie."""
    a = np.array([sign * side * 2.0**-50], np.float32)
    b = np.array([2.0**-50], np.float32)
    # 1 + 2^-23 + 2^-24 is no float32, so the tie is in the sum of a product with two factors.
    tie_a = np.array([sign * (2**12 + 1)], np.float32)
    tie_b = np.array([2**12 + 1], np.float32)
    assert float(fused_multiply_add(a, b, np.float32(sign))[0]) == sign
    # (2^12 + 1)^2 = 2^24 + 2^13 + 1 lies between two float32; c moves it off the middle.
    for c in (side * 2.0**-30, side * 2.0**-45, 0.0):
        found = fused_multiply_add(tie_a, tie_b, np.array([c], np.float32))
        assert found[0] == exactly(tie_a[0], tie_b[0], np.float32(c))


def test_what_is_no_number_stays_so() -> None:
    a = np.array([np.inf, np.nan, 1e30, -1e30, 0.0], np.float32)
    found = fused_multiply_add(a, np.full(5, 1e30, np.float32), np.float32(1))
    assert np.array_equal(found, [np.inf, np.nan, np.inf, -np.inf, 1], equal_nan=True)
