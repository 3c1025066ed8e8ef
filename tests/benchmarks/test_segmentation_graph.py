"""Viterbi, forward and constrained penalties against all paths of small graphs, one by one."""

from collections.abc import Iterator
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.errors import LenetError
from over_segmentation.segmentation_graph import MEANINGS, NOTHING, SegmentationGraph

Path = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> SegmentationGraph:
    """Draw a graph of few arcs, in which few meanings are possible."""
    last = draw(st.integers(1, 4))
    pairs = [(start, end) for start in range(last) for end in range(start + 1, last + 1)]
    arcs = draw(st.lists(st.sampled_from(pairs), max_size=6))
    penalties = np.full((len(arcs), MEANINGS), inf)
    for row in penalties:
        possible = draw(st.lists(st.sampled_from([0, 1, 9, NOTHING]), max_size=3, unique=True))
        for meaning in possible:
            row[meaning] = draw(st.floats(-2, 30))
    table = np.array(arcs, np.int64).reshape(-1, 2)
    return SegmentationGraph(last, table[:, 0], table[:, 1], penalties)


def paths(graph: SegmentationGraph, node: int = 0) -> Iterator[tuple[float, Path]]:
    """Go through all paths from a node to the last one."""
    if node == graph.last:
        yield 0.0, []
    for arc in np.flatnonzero(graph.starts == node).tolist():
        for meaning in range(MEANINGS):
            penalty = float(graph.penalties[arc, meaning])
            if penalty < inf:
                for further, rest in paths(graph, int(graph.ends[arc])):
                    yield penalty + further, [(arc, meaning), *rest]


def spelt(path: Path) -> str:
    return "".join(str(meaning) for _, meaning in path if meaning != NOTHING)


def together(penalties: list[float]) -> float:
    total = sum(exp(-one) for one in penalties)
    return -log(total) if total else inf


@given(graphs())
def test_viterbi_finds_the_least_of_all_paths(graph: SegmentationGraph) -> None:
    every = list(paths(graph))
    penalty, path = graph.viterbi()
    if not every:
        assert (penalty, path) == (inf, [])
        return
    assert penalty == pytest.approx(min(one for one, _ in every), abs=1e-9)
    assert any(penalty == pytest.approx(one, abs=1e-9) for one, other in every if other == path)


@given(graphs())
def test_the_forward_penalty_is_that_of_all_paths(graph: SegmentationGraph) -> None:
    expected = together([one for one, _ in paths(graph)])
    assert graph.forward_penalty() == pytest.approx(expected, abs=1e-9)


@given(graphs())
def test_constrained_penalties_and_confidences_are_those_of_the_paths_that_spell(
    graph: SegmentationGraph,
) -> None:
    every = list(paths(graph))
    texts = {spelt(path) for _, path in every} | {"", "5", "10", "01"}
    total = together([one for one, _ in every])
    for text in texts:
        expected = together([one for one, path in every if spelt(path) == text])
        numbers = np.array([[int(one) for one in text]], np.int64)
        found = graph.constrained_penalties(numbers)
        assert found.tolist() == pytest.approx([expected], abs=1e-9)
        probability = exp(total - expected) if expected < inf else 0.0
        assert graph.confidence(text) == pytest.approx(probability, abs=1e-9)
    if every:
        assert sum(graph.confidence(text) for text in texts) == pytest.approx(1)


@given(graphs())
def test_a_digit_is_as_sure_as_it_is_beside_what_may_stand_in_its_place(
    graph: SegmentationGraph,
) -> None:
    every = list(paths(graph))

    def probability(text: str) -> float:
        return sum(exp(-one) for one, path in every if spelt(path) == text)

    for text in {spelt(path) for _, path in every}:
        expected: list[float] = []
        for at in range(len(text)):
            others = [text[:at] + one + text[at + 1 :] for one in (*"0123456789", "")]
            expected.append(probability(text) / sum(map(probability, others)))
        assert graph.digit_confidences(text) == pytest.approx(expected, abs=1e-9)


def test_numbers_of_one_length_are_summed_at_once() -> None:
    penalties = np.full((2, MEANINGS), inf)
    penalties[0, [3, 8]] = 1.0, 2.0
    penalties[1, [3, NOTHING]] = 0.5, 4.0
    graph = SegmentationGraph(2, np.array([0, 1]), np.array([1, 2]), penalties)
    numbers = np.array([[3, 3], [8, 3], [3, 8]])
    np.testing.assert_allclose(graph.constrained_penalties(numbers), [1.5, 2.5, inf])
    np.testing.assert_allclose(graph.constrained_penalties(numbers[:, :1]), [5.0, 6.0, 5.0])
    assert graph.viterbi() == (1.5, [(0, 3), (1, 3)])


def test_penalties_may_be_large() -> None:
    penalties = np.full((1, MEANINGS), 1e4)
    penalties[0, 7] = 1e4 - log(10)
    graph = SegmentationGraph(1, np.array([0]), np.array([1]), penalties)
    assert graph.forward_penalty() == pytest.approx(1e4 - log(20))
    assert graph.confidence("7") == pytest.approx(0.5)


@pytest.mark.parametrize("text", ["1.0", "-1", "٣", "1 "])
def test_numbers_have_digits_alone(text: str) -> None:
    graph = SegmentationGraph(1, np.array([0]), np.array([1]), np.zeros((1, MEANINGS)))
    with pytest.raises(LenetError, match="digits 0 to 9 alone"):
        graph.confidence(text)
    with pytest.raises(LenetError, match="digits 0 to 9 alone"):
        graph.digit_confidences(text)


@pytest.mark.parametrize(
    ("starts", "ends", "penalties", "message"),
    [
        ([0], [1, 1], np.zeros((1, 11)), "need as many ends"),
        ([0], [1], np.zeros((1, 10)), "need as many ends"),
        ([1], [1], np.zeros((1, 11)), "to a later one"),
        ([0], [2], np.zeros((1, 11)), "to a later one"),
        ([-1], [1], np.zeros((1, 11)), "to a later one"),
        ([0], [1], np.full((1, 11), np.nan), "is NaN or minus infinity"),
        ([0], [1], np.full((1, 11), -np.inf), "is NaN or minus infinity"),
    ],
)
def test_what_is_no_graph_is_refused(
    starts: list[int], ends: list[int], penalties: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        SegmentationGraph(1, np.array(starts), np.array(ends), penalties)
