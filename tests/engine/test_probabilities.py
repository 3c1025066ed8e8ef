import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lenet.engine.probabilities import probabilities, softmax
from lenet.networks import lecun1998_network, lenet1_network, lenet_network

SCORES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 6)),
    elements=st.floats(-1e4, 1e4, width=32),
)


def test_by_hand() -> None:
    scores = np.log(np.array([[1, 3], [5, 5]], np.float32))
    np.testing.assert_allclose(softmax(scores), [[0.25, 0.75], [0.5, 0.5]], rtol=1e-6)
    # Rubbish weighs as much as a class whose score is minus j.
    with_rubbish = softmax(scores, -math.log(4))
    np.testing.assert_allclose(with_rubbish, [[1 / 8, 3 / 8], [5 / 14, 5 / 14]], rtol=1e-6)


@given(SCORES, st.none() | st.floats(0, 1e4))
def test_rows_sum_to_one_less_the_posterior_of_rubbish(
    scores: np.ndarray[tuple[int, int], np.dtype[np.float32]], rubbish: float | None
) -> None:
    result = softmax(scores, rubbish)
    assert result.dtype == np.float32
    assert result.shape == scores.shape
    assert (result >= 0).all()
    for row, values in zip(scores.astype(np.float64), result, strict=True):
        further = [*row, *([] if rubbish is None else [-rubbish])]
        powers = [math.exp(value - max(further)) for value in further]
        expected = np.array(powers) / sum(powers)
        # A float32 score of 1e4 has a last digit of 0.001, and so has j.
        np.testing.assert_allclose(values, expected[: len(row)], rtol=5e-3, atol=1e-7)
        none = 0.0 if rubbish is None else expected[-1]
        assert values.sum() == pytest.approx(1 - none, abs=5e-3)


@pytest.mark.parametrize("rubbish", [None, 0.0, 10.0, 1e4, 1e6])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_no_score_overflows(rubbish: float | None, size: float) -> None:
    result = softmax(np.array([[size, 0], [size, size]], np.float32), rubbish)
    assert np.isfinite(result).all()
    if rubbish is None or rubbish >= 1e4:
        assert result[0].max() == 1


def test_far_from_every_class_all_is_rubbish() -> None:
    result = softmax(np.array([[-500, -600]], np.float32), 10.0)
    assert result.sum() == 0


def test_squashed_outputs_on_target_are_sure() -> None:
    network = lenet1_network()
    scores = -np.ones((2, 10), np.float32)
    scores[0, 3], scores[1, 7] = 1, 1.7
    shares = probabilities(network, scores)
    assert shares[0, 3] == shares[1, 7] == 1
    assert shares.sum(axis=1).tolist() == [1, 1]
    assert probabilities(network, np.zeros((1, 10), np.float32)).tolist() == [[0.5] * 10]


def test_other_networks_have_a_softmax_gaussian_ones_with_their_rubbish() -> None:
    scores = np.array([[-3, -9, *[-50] * 8]], np.float32)
    assert np.array_equal(probabilities(lenet_network(), scores), softmax(scores))
    shares = probabilities(lecun1998_network(rubbish=3.0), scores)
    assert np.array_equal(shares, softmax(scores, 3.0))
    # The rubbish class is as far away as the nearest bitmap.
    assert 1 - shares.sum() == pytest.approx(shares[0, 0], rel=1e-5)
