import numpy as np
import pytest

from lenet.artifact import Artifact
from lenet.evaluation.probe.gradient_field import (
    bounding_box,
    check_fields,
    fields_by_gradient,
    input_gradients,
)
from lenet.evaluation.probe.receptive_field import Rectangle, Unit, receptive_field
from lenet.networks import (
    Network,
    lecun1989_network,
    lecun1998_network,
    lenet1_network,
    lenet_network,
    modern_network,
)


def untrained(network: Network, bias: float = 0.0) -> Artifact:
    random = np.random.default_rng(0)
    weights = {
        name: (random.normal(size=shape) / np.sqrt(max(np.prod(shape[1:]), 1))).astype(np.float32)
        if name.endswith("weight")
        else np.full(shape, bias, np.float32)
        for name, shape in network.parameter_shapes.items()
    }
    return Artifact(network, weights, tuple(str(k) for k in range(network.classes)))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["...", "..."], None),
        (["...", ".X."], Rectangle(1, 1, 1, 1)),
        (["X..", "..X"], Rectangle(0, 0, 2, 3)),
        ([".XX", ".X."], Rectangle(0, 1, 2, 2)),
    ],
)
def test_bounding_box(rows: list[str], expected: Rectangle | None) -> None:
    assert bounding_box(np.array([[cell == "X" for cell in row] for row in rows])) == expected


@pytest.mark.parametrize(
    "network",
    [
        lenet_network(),
        lenet_network("tanh", "max", in_channels=3, input_size=32),
        modern_network(),
        lecun1998_network(),
        lenet1_network(),
    ],
    ids=lambda network: f"{network.name}{network.input_shape}",
)
def test_gradient_and_geometry_agree_at_corner_edge_and_centre(network: Network) -> None:
    artifact = untrained(network)
    for stage in network.stages():
        name, shape = stage.layer.name, stage.output_shape[1:]
        units: list[Unit] = [()]
        if shape:
            bottom, right = shape[0] - 1, shape[1] - 1
            units = [(0, 0), (0, right // 2), (bottom // 2, right // 2), (bottom, right)]
        expected = [receptive_field(network, name, unit) for unit in units]
        assert fields_by_gradient(artifact, name, units) == expected, name


def test_every_place_of_the_zip_code_network() -> None:
    checked = check_fields(untrained(lecun1989_network()))
    assert [(layer.layer, layer.equal, len(layer.units)) for layer in checked] == [
        ("H1", 64, 64),
        ("H1_squash", 64, 64),
        ("H2", 16, 16),
        ("H2_squash", 16, 16),
        ("H3", 1, 1),
        ("H3_squash", 1, 1),
        ("output", 1, 1),
        ("output_squash", 1, 1),
    ]
    corner, edge, centre = checked[2].named().values()
    assert (corner.unit, edge.unit, centre.unit) == ((0, 0), (0, 2), (2, 2))
    assert corner.by_gradient == Rectangle(0, 0, 7, 7)
    assert centre.by_gradient == Rectangle(2, 2, 13, 13)
    assert list(checked[4].named()) == ["all"]
    assert checked[4].geometry is None


def test_a_kernel_with_a_dead_column_is_told_apart() -> None:
    artifact = untrained(lecun1989_network())
    artifact.parameters["H1.weight"][..., -1] = 0
    first = check_fields(artifact)[0]
    centre = first.named()["centre"]
    assert centre.by_geometry == Rectangle(6, 6, 5, 5)
    assert centre.by_gradient == Rectangle(6, 6, 5, 4)
    # At the right edge, the dead column lies in the padding and is missed by nobody.
    assert first.equal == sum(unit.equal for unit in first.units) == 8


def test_nearly_saturated_sigmoids_do_not_hide_pixels() -> None:
    artifact = untrained(lenet_network(), bias=20)  # a slope of 2e-9, in float32 of nothing
    field = receptive_field(artifact.network, "pool2", (2, 2))
    assert fields_by_gradient(artifact, "pool2", [(2, 2)]) == [field]


def test_a_gradient_is_the_difference_that_a_pixel_makes() -> None:
    artifact = untrained(lenet_network())
    image = np.full((1, 28, 28), 100, np.uint8)
    found = input_gradients(artifact, "pool2", [(2, 2), (0, 0)], image)
    assert found.shape == (2, 28, 28)
    lighter, darker = image.copy(), image.copy()
    lighter[0, 12, 13] += 20
    darker[0, 12, 13] -= 20
    after, before = (artifact.predictor.activations(x)["pool2"] for x in (lighter, darker))
    slope = (after - before)[0, :, 2, 2].sum() / (40 * artifact.normalization.scale)
    assert found[0, 12, 13] == pytest.approx(abs(slope), rel=0.02)
    assert found[1, 20, 20] == 0
    both = input_gradients(artifact, "pool2", [(2, 2)], np.concatenate([image, image]))
    np.testing.assert_allclose(both[0], 2 * found[0])
