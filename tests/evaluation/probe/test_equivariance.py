"""Against a plain loop over places, and against what convolution and pooling are known to do."""

from math import sqrt

import numpy as np
import pytest

from lenet.artifact import Artifact
from lenet.evaluation.probe.equivariance import LayerEquivariance, corresponding, equivariance
from lenet.evaluation.probe.receptive_field import Geometry, geometry
from lenet.evaluation.probe.transforms import Images, shift
from lenet.networks import (
    Network,
    lecun1989_network,
    lecun1998_network,
    lenet1_network,
    lenet_network,
    modern_network,
)
from lenet.networks.layers import Activation, Flatten, Linear, Pooling

EXACT = 1e-5  # what float32 rounds away


def images(side: int = 28, count: int = 6, channels: int = 1) -> Images:
    shape = (count, side, side) if channels == 1 else (count, side, side, channels)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def untrained(network: Network, unit_bias: float = 0.0) -> Artifact:
    random = np.random.default_rng(0)
    weights = {
        name: (random.normal(size=shape) / np.sqrt(max(np.prod(shape[1:]), 1))).astype(np.float32)
        if name.endswith("weight")
        else (unit_bias * random.normal(size=shape)).astype(np.float32)
        for name, shape in network.parameter_shapes.items()
    }
    return Artifact(network, weights, tuple(str(k) for k in range(network.classes)))


@pytest.mark.parametrize(
    ("place", "count", "offset", "expected"),
    [
        # Ten pixels, a unit each: shifted forward, the first are new and the last are gone.
        (Geometry(1, 1, 0), 10, 0, [(p, p) for p in range(10)]),
        (Geometry(1, 1, 0), 10, 3, [(p, p - 3) for p in range(3, 10)]),
        (Geometry(1, 1, 0), 10, -3, [(p, p + 3) for p in range(7)]),
        (Geometry(1, 1, 0), 10, 10, []),
        # 3×3 kernels, padded: the outermost units see the border.
        (Geometry(3, 1, -1), 10, 0, [(p, p) for p in range(1, 9)]),
        (Geometry(3, 1, -1), 10, 2, [(p, p - 2) for p in range(3, 9)]),
        # Pooling by 2: halves go away from zero, and neither field may leave the image.
        (Geometry(2, 2, 0), 5, 1, [(p, p - 1) for p in range(1, 5)]),
        (Geometry(2, 2, 0), 5, 2, [(p, p - 1) for p in range(1, 5)]),
        (Geometry(2, 2, 0), 5, 3, [(p, p - 2) for p in range(2, 5)]),
        (Geometry(2, 2, 0), 5, -1, [(p, p + 1) for p in range(4)]),
        # By 4, one pixel is nearer to no unit than to one.
        (Geometry(4, 4, 0), 2, 1, [(1, 1)]),
        (Geometry(4, 4, 2), 2, -1, [(0, 0)]),
    ],
)
def test_which_units_correspond_by_hand(
    place: Geometry, count: int, offset: int, expected: list[tuple[int, int]]
) -> None:
    target, source = corresponding(place, count, 10, offset)
    assert list(zip(target.tolist(), source.tolist(), strict=True)) == expected


def by_loops(artifact: Artifact, pictures: Images, name: str, d: int) -> tuple[float, float] | None:
    """The definition, place by place."""
    place, side = geometry(artifact.network)[name], pictures.shape[1]
    before = artifact.predictor.activations(pictures)[name].astype(float)
    moved = stayed = spread = 0.0
    for down, right in ((d, 0), (-d, 0), (0, d), (0, -d)):
        after = artifact.predictor.activations(shift(pictures, down, right))[name].astype(float)

        def units(move: int) -> int:
            return (1 if move >= 0 else -1) * int(abs(move) / place.jump + 0.5)

        def inside(p: int, low: int, high: int) -> bool:
            first = place.start + p * place.jump
            return low <= first and first + place.size <= high

        found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for row, column in np.ndindex(*before.shape[2:]):
            origin = (row - units(down), column - units(right))
            if all(
                0 <= o < n and inside(p, max(move, 0), side + min(move, 0)) and inside(o, 0, side)
                for p, o, n, move in zip(
                    (row, column), origin, before.shape[2:], (down, right), strict=True
                )
            ):
                found.append(
                    (before[:, :, row, column], after[:, :, row, column], before[:, :, *origin])
                )
        if found:
            held, new, source = (np.stack(part, axis=2) for part in zip(*found, strict=True))
            moved += ((new - source) ** 2).sum()
            stayed += ((new - held) ** 2).sum()
            spread += ((source - source.mean(axis=(0, 2), keepdims=True)) ** 2).sum()
    return (sqrt(moved / spread), sqrt(stayed / spread)) if spread else None


def layer_of(found: list[LayerEquivariance], name: str) -> LayerEquivariance:
    return next(layer for layer in found if layer.layer == name)


@pytest.mark.parametrize("name", ["conv1", "pool1", "conv2", "act2", "pool2"])
def test_it_is_the_definition(name: str) -> None:
    artifact, pictures = untrained(lenet_network("tanh", "max")), images()
    found = layer_of(equivariance(artifact, pictures, (0, 1, 3, 8)), name)
    for number, d in enumerate((0, 1, 3, 8)):
        expected = by_loops(artifact, pictures, name, d)
        assert expected is not None
        assert found.equivariance[number] == pytest.approx(expected[0], abs=EXACT)
        assert found.invariance[number] == pytest.approx(expected[1], abs=EXACT)


@pytest.mark.parametrize(
    ("network", "channels"),
    [
        (lenet_network(), 1),
        (lenet_network("tanh", input_size=32, in_channels=3), 3),
        (modern_network(), 1),
        (lenet1_network(), 1),
        (lecun1998_network(), 1),
        (lecun1989_network(), 1),
    ],
    ids=lambda value: f"{value.name}{value.input_shape}" if isinstance(value, Network) else "",
)
def test_maps_move_exactly_with_shifts_by_whole_units_only(network: Network, channels: int) -> None:
    pictures = images(network.input_shape[1], channels=channels)
    found = equivariance(untrained(network), pictures)
    seen = 0
    for layer in found:
        assert layer.invariance[0] == 0
        for d, (moves, stays) in enumerate(zip(layer.equivariance, layer.invariance, strict=True)):
            if layer.jump is None:
                assert moves is None
                assert stays is not None
                assert (stays > 0.05) == (d > 0)
            elif moves is not None and stays is not None:
                seen += 1
                assert (moves < EXACT) == (d % layer.jump == 0), (layer.layer, d)
                assert (stays < EXACT) == (d == 0)
    assert seen > 10


def test_biases_of_single_units_know_where_they_are() -> None:
    artifact = untrained(lecun1989_network(), unit_bias=0.3)
    first = layer_of(equivariance(artifact, images(16)), "H1")
    assert first.jump == 2
    assert first.equivariance[0] == 0
    for d in (2, 4):  # whole units
        moves = first.equivariance[d]
        assert moves is not None
        assert moves > 0.1


def test_where_no_place_is_left_there_is_no_figure() -> None:
    found = layer_of(equivariance(untrained(lecun1989_network()), images(16)), "H2")
    # Only one unit a row sees no border, and from a shift by 2 on it has no partner.
    assert [value is None for value in found.equivariance] == [d > 1 for d in range(9)]
    assert [value is None for value in found.invariance] == [d > 1 for d in range(9)]


def test_a_layer_that_never_varies_has_no_figure() -> None:
    artifact = untrained(lenet_network("relu"))
    artifact.parameters["conv1.weight"][:] = 0
    artifact.parameters["conv1.bias"][:] = 0.1  # which float64 cannot add up without rounding
    assert layer_of(equivariance(artifact, images()), "act1").equivariance == (None,) * 9


def test_one_is_as_wrong_as_a_constant_map_and_a_root_of_two_as_another_image() -> None:
    layers = (Activation("same", "relu"), Pooling("all", "average", 28), Flatten("flat"))
    network = Network("n", (1, 28, 28), (*layers, Linear("fc", 2)))
    found = equivariance(untrained(network), images(count=50), (0, 9))
    same, pooled = layer_of(found, "same"), layer_of(found, "all")
    # Neighbours of noise are strangers to each other.
    assert same.invariance[1] == pytest.approx(sqrt(2), rel=0.02)
    assert same.equivariance[1] == 0
    assert (pooled.jump, pooled.equivariance) == (None, (None, None))
