import numpy as np
from numpy.typing import NDArray

from lenet.synthesis.flagged_ones import flagged_ones


def runs(row: NDArray[np.bool_]) -> int:
    """How many pieces of ink lie beside each other."""
    return int(np.count_nonzero(np.diff(row.astype(np.int8), prepend=0) == 1))


def test_flag_and_stem_part_below_their_common_top() -> None:
    images = flagged_ones(100, np.random.default_rng(0))
    assert images.shape == (100, 28, 28)
    parted = 0
    for image in images:
        ink = image > 100
        inked = np.flatnonzero(ink.any(axis=1))
        pieces = [runs(ink[row]) for row in inked]
        assert pieces[0] == 1  # where both begin
        parted += 2 in pieces[: len(pieces) * 3 // 4]
    # A thick pen may fill what is between a short flag and the stem.
    assert parted > 60


def test_they_follow_from_chance_alone() -> None:
    first, again, other = (flagged_ones(5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
