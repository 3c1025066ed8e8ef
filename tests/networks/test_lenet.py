from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks import lenet_network, network_named

# The chapter prints these after each layer, for an image of (1, 1, 28, 28).
CHAPTER_SHAPES = [
    (6, 28, 28),
    (6, 28, 28),
    (6, 14, 14),
    (16, 10, 10),
    (16, 10, 10),
    (16, 5, 5),
    (400,),
    (120,),
    (120,),
    (84,),
    (84,),
    (10,),
]


def test_the_chapters_network_has_the_chapters_shapes_and_counts() -> None:
    network = lenet_network()
    assert [stage.output_shape for stage in network.stages()] == CHAPTER_SHAPES
    by_layer = {stage.layer.name: stage.parameters for stage in network.stages()}
    assert by_layer == {
        "conv1": 156,
        "act1": 0,
        "pool1": 0,
        "conv2": 2_416,
        "act2": 0,
        "pool2": 0,
        "flatten": 0,
        "fc1": 48_120,
        "act3": 0,
        "fc2": 10_164,
        "act4": 0,
        "fc3": 850,
    }
    assert network.parameters == 61_706
    assert network.multiply_accumulates == 416_520
    assert network.classes == 10


def test_32_pixels_without_padding_give_the_same_maps_as_28_with() -> None:
    wide = lenet_network(input_size=32)
    assert [stage.output_shape for stage in wide.stages()] == CHAPTER_SHAPES
    assert wide.parameters == 61_706


@pytest.mark.parametrize(
    ("change", "parameters"),
    [
        ({"classes": 26}, 61_706 + 16 * 85),
        ({"in_channels": 3}, 61_706 + 2 * 25 * 6),
        ({"activation": "relu", "pooling": "max"}, 61_706),
        ({"hidden": (120,)}, 156 + 2_416 + 48_120 + 1_210),
        ({"hidden": ()}, 156 + 2_416 + 4_010),
        ({"channels": (6,)}, 156 + 1_176 * 120 + 120 + 10_164 + 850),
        ({"channels": (1, 1), "hidden": (1,)}, 26 + 26 + 26 + 20),
    ],
)
def test_the_chapters_exercises_change_what_they_should(
    change: dict[str, Any], parameters: int
) -> None:
    assert lenet_network(**change).parameters == parameters


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_size": 30}, "28×28 or 32×32"),
        ({"channels": ()}, "at least one convolution"),
        ({"channels": (6, 16, 120, 3)}, "does not fit"),
        ({"channels": (0, 16)}, "channels must be"),
        ({"hidden": (-1,)}, "units must be"),
        ({"in_channels": 5}, "1 to 4 channels"),
        ({"in_channels": 0}, "1 to 4 channels"),
        ({"classes": 0}, "units must be"),
        ({"activation": "swish"}, "activation must be one of"),
        ({"pooling": "mean"}, "pooling must be one of"),
    ],
)
def test_what_no_lenet_can_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(LenetError, match=message):
        lenet_network(**change)


def test_an_unknown_network_gets_a_suggestion() -> None:
    with pytest.raises(LenetError, match="Did you mean 'lenet'"):
        network_named("lennet")
