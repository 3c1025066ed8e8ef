"""A hundredth of the soak: mutated requests and pictures, sent to a real service."""

import numpy as np
import pytest

from mutated import mutated, pictures
from soak import soak


def test_mutations_differ_and_follow_from_the_seed() -> None:
    content = bytes(range(256))
    first, second = (
        [mutated(content, random) for _ in range(50)]
        for random in (np.random.default_rng(1), np.random.default_rng(1))
    )
    assert first == second
    assert len(set(first)) > 45
    assert isinstance(mutated(b"", np.random.default_rng(1)), bytes)


def test_all_formats_are_there() -> None:
    assert set(pictures()) >= {"PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"}


@pytest.mark.slow
def test_a_hundredth() -> None:
    result = soak(0.01, seed=1)
    assert result["faults"] == []
    assert len(result["rows"]) >= 8
