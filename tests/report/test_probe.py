import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation.probe.equivariance import equivariance
from lenet.evaluation.probe.gradient_field import LayerFields, UnitField
from lenet.evaluation.probe.probe import Probe, Shown
from lenet.evaluation.probe.receptive_field import Unit, geometry, receptive_field
from lenet.evaluation.probe.robustness import CHANGES, Robustness
from lenet.networks import (
    Network,
    lecun1989_network,
    lecun1998_network,
    lenet_network,
    modern_network,
)
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Flatten, Padding
from lenet.report.maps import blocks, kernels, tiled
from lenet.report.probe import write_pictures

PICTURES = {"robustness", "equivariance", "receptive_fields", "filters", "feature_maps"}


def untrained(network: Network, classes: tuple[str, ...]) -> Artifact:
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    return Artifact(network, weights, classes)


def measured(artifact: Artifact, test: Split, names: tuple[str, ...]) -> Probe:
    """A probe without the slow parts: only the centre of each layer."""
    places = geometry(artifact.network)
    fields: list[LayerFields] = []
    for stage in artifact.network.stages():
        if isinstance(stage.layer, Padding | Flatten):
            continue
        name, shape = stage.layer.name, stage.output_shape[1:]
        units: list[Unit] = list(np.ndindex(*shape))
        boxes = [receptive_field(artifact.network, name, unit) for unit in units]
        found = tuple(UnitField(u, box, box) for u, box in zip(units, boxes, strict=True))
        fields.append(LayerFields(name, places.get(name), shape, found))
    robust = [
        Robustness(c.name, c.unit, c.levels, {n: tuple(0.5 for _ in c.levels) for n in names})
        for c in CHANGES
    ]
    shown = [Shown(k, test.classes[0], test.classes[1], 0.7) for k in range(2)]
    return Probe(robust, 8, equivariance(artifact, test.images), tuple(range(9)), 8, fields, shown)


@pytest.mark.parametrize(
    ("network", "classes", "beside"),
    [
        (lenet_network(classes=3), ("a", "$b$", "<c> 日本"), True),
        pytest.param(
            modern_network(classes=30, in_channels=3),
            tuple(f"class {k}" for k in range(30)),
            True,
            marks=pytest.mark.slow,
        ),
        pytest.param(lecun1998_network(), tuple("0123456789"), True, marks=pytest.mark.slow),
        pytest.param(lecun1989_network(), tuple("0123456789"), False, marks=pytest.mark.slow),
    ],
    ids=lambda value: value.name if isinstance(value, Network) else "",
)
def test_every_network_gets_its_pictures(
    network: Network, classes: tuple[str, ...], beside: bool, tmp_path: Path
) -> None:
    channels, side, _ = network.input_shape
    shape = (8, side, side) if channels == 1 else (8, side, side, channels)
    random = np.random.default_rng(0)
    test = Split(random.integers(0, 256, shape, dtype=np.uint8), np.arange(8) % 3, classes)
    artifact = untrained(network, classes)
    result = measured(artifact, test, ("network", "mlp") if beside else ("network",))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths = write_pictures(tmp_path, artifact, artifact if beside else None, test, result)
    assert {path.stem for path in paths} == PICTURES
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    for path in paths:
        with Image.open(path) as image:
            assert 300 < image.width < 3500
            assert 300 < image.height < 3500
            assert len(set(image.convert("L").get_flattened_data())) > 10  # drawn, not blank


def test_an_activation_stands_for_what_it_squashes() -> None:
    assert blocks(lenet_network()) == [
        ("conv1 + sigmoid", "act1"),
        ("pool1", "pool1"),
        ("conv2 + sigmoid", "act2"),
        ("pool2", "pool2"),
        ("fc1 + sigmoid", "act3"),
        ("fc2 + sigmoid", "act4"),
        ("fc3", "fc3"),
    ]
    assert [name for _, name in blocks(lecun1998_network())] == [
        "C1_squash",
        "S2_squash",
        "C3_squash",
        "S4_squash",
        "C5_squash",
        "F6_squash",
        "output",
    ]


def test_kernels_lie_where_their_maps_meet() -> None:
    layer = Convolution("c", 3, 2, table=("X.X", ".XX"))
    weight = np.arange(1, 17, dtype=np.float32).reshape(4, 2, 2)  # links 0←0, 1←1, 2←0, 2←1
    canvas = kernels(layer, 2, weight)
    assert canvas.shape == (7, 10)
    np.testing.assert_array_equal(canvas[1:3, 1:3], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(canvas[4:6, 4:6], [[5, 6], [7, 8]])
    np.testing.assert_array_equal(canvas[1:3, 7:9], [[9, 10], [11, 12]])
    np.testing.assert_array_equal(canvas[4:6, 7:9], [[13, 14], [15, 16]])
    assert np.count_nonzero(~np.isnan(canvas)) == 16


def test_dense_kernels_are_columns_by_output_and_wide_layers_are_cut() -> None:
    weight = np.random.default_rng(0).normal(size=(40, 2, 3, 3)).astype(np.float32)
    canvas = kernels(Convolution("c", 40, 3), 2, weight)
    assert canvas.shape == (2 * 4 + 1, 16 * 4 + 1)
    np.testing.assert_array_equal(canvas[5:8, 13:16], weight[3, 1])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((6, 28, 28), (88, 88)), ((16, 5, 5), (23, 23)), ((10,), (4, 4)), ((120, 1, 1), (11, 11))],
)
def test_tiles_are_square_and_lose_nothing(
    shape: tuple[int, ...], expected: tuple[int, int]
) -> None:
    values = np.random.default_rng(0).random(shape)
    canvas = tiled(values)
    assert canvas.shape == expected
    np.testing.assert_array_equal(np.sort(canvas[~np.isnan(canvas)]), np.sort(values, axis=None))
    if len(shape) == 3 and shape[1] > 1:
        top = (expected[0] - 2 * 28 - 2) // 2 if shape[0] == 6 else 0
        np.testing.assert_array_equal(canvas[top : top + shape[1], : shape[2]], values[0])
