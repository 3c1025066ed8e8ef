"""What is refused before the first step: images and classes that the network does not take."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lenet
from lenet.data import Dataset, Split
from lenet.errors import LenetError
from lenet.networks import Network, network_named
from lenet.training.recipes import recipe_named
from lenet.training.start import start


def data_of(shape: tuple[int, ...] = (28, 28), classes: int = 2, dtype: Any = np.uint8) -> Dataset:
    images: Any = np.zeros((2 * classes, *shape), dtype)
    split = Split(images, np.arange(2 * classes) % classes, tuple(map(str, range(classes))))
    return Dataset("pets", "/home/me/pets", split, split)


def network(classes: int, channels: int = 1, name: str = "modern") -> Network:
    return network_named(name)(classes=classes, in_channels=channels)


@pytest.mark.parametrize(
    ("recipe", "data", "own", "sentence"),
    [
        ("own", data_of((32, 32)), None, r"32×32 grey, but modern takes 28×28 grey; .*\(28, 28\)"),
        ("chapter", data_of((16, 16, 3)), None, "16×16 colour, but lenet takes 28×28 colour; load"),
        ("lenet5", data_of((32, 32)), None, "32×32 grey, but lecun1998 takes 28×28 grey; load"),
        ("lecun1989", data_of(), None, r"28×28 grey, but lecun1989 takes 16×16 .*size=\(16, 16\)"),
        ("own", data_of((28, 27)), None, "28×27 grey, but modern takes 28×28 grey; load"),
        (
            "own",
            data_of((28, 28, 3)),
            network(2),
            "colour, but .* 28×28 grey; .*in_channels=3",
        ),
        ("own", data_of((28, 28)), network(2, 3), "grey, but .* 28×28 colour; .*in_channels=1"),
        ("own", data_of(classes=12), network(10), "12 classes, but modern has 10 outputs; .*=12"),
        ("own", data_of(classes=3), network(10), "3 classes, but modern has 10 outputs; .*=3"),
        ("own", data_of(dtype=np.float32), None, r"must be uint8, not float32; lenet.load_data"),
        ("lenet5", data_of(classes=96), None, "bitmaps of 95 characters; for 96 classes"),
    ],
)
def test_data_that_the_network_does_not_take_is_refused_before_the_first_step(
    recipe: str, data: Dataset, own: Network | None, sentence: str
) -> None:
    with pytest.raises(LenetError, match=sentence):
        start(recipe_named(recipe), data, network=own)


@pytest.mark.parametrize(
    ("recipe", "data", "own"),
    [
        ("own", data_of(), None),
        ("lecun1989", data_of((16, 16)), None),
        ("own", data_of((28, 28, 3), 5), network(5, 3)),
        ("own", data_of(classes=4), network(4, name="modern-or-none")),  # "none" is no class
        ("own", data_of((16, 16)), network(2, name="lecun1989")),  # not the recipe's network
    ],
)
def test_data_that_fits_is_taken(recipe: str, data: Dataset, own: Network | None) -> None:
    training = start(recipe_named(recipe), data, network=own)
    assert training.network.classes == len(data.classes)


@pytest.mark.parametrize("side", [8, 28, 50])
@pytest.mark.parametrize("own", [None, network(2, name="lecun1989")])
def test_arrays_are_resized_to_the_network(side: int, own: Network | None) -> None:
    images = np.random.default_rng(0).integers(0, 256, (20, side, side), np.uint8)
    training = start(recipe_named("own"), (images, np.arange(20) % 2), network=own)
    assert training.data.train.images.shape[1:] == training.network.input_shape[1:]


def test_a_refused_training_from_python_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(LenetError, match="32×32"):
        lenet.train(data_of((32, 32)), folder=tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()
