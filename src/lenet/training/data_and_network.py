"""Finds a recipe's data and network, and checks that they fit each other."""

from dataclasses import replace

import numpy as np

from lenet.data import Dataset, load_data
from lenet.data.callbacks import DataCallbacks
from lenet.data.load import DataLike
from lenet.data.split import hold_out
from lenet.errors import LenetError
from lenet.networks import Network, network_named
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Pictures
from lenet.training.recipe import Recipe


def loaded(
    recipe: Recipe,
    network: Network | None,
    data: DataLike,
    seed: int,
    callbacks: DataCallbacks,
    pixels: PixelRange,
    pictures: Pictures | None,
) -> Dataset:
    """Return a data set as it is, or load it in the size of the network, or of the recipe's."""
    if not isinstance(data, Dataset):
        _, height, width = (network or network_named(recipe.network)()).input_shape
        return load_data(data, (height, width), seed, callbacks, pixels, pictures)
    return data if pictures is None else replace(data, pictures=pictures)


def with_validation(recipe: Recipe, data: Dataset, seed: int, callbacks: DataCallbacks) -> Dataset:
    """Return the data with the recipe's share of validation images, unless it has its own."""
    if recipe.validation and data.validation is None:
        data = hold_out(data, recipe.validation, seed)
    elif data.validation is not None:
        callbacks.on_message(
            f"{data.name}: calibrated on its own {len(data.validation):,} validation images"
        )
    return data


def network_for(recipe: Recipe, data: Dataset) -> Network:
    """Return the recipe's network for the data's classes and channels.

    Raises
    ------
    LenetError
        The network or the recipe does not fit the data.
    """
    distortion, extra = recipe.distortion, recipe.extra_examples
    if distortion is not None and recipe.method == "sdlm" and data.train.channels != 1:
        raise LenetError(f"recipe {recipe.name} distorts grey images only")
    if distortion is not None and distortion.flip and data.pictures in ("digits", "numbers"):
        raise LenetError(
            f"recipe {recipe.name} mirrors images, and a mirrored digit is no digit; "
            "use --recipe digits-record or another one"
        )
    define = network_named(recipe.network)
    network = define(classes=data.classes, in_channels=data.train.channels)
    check_fits(network, data)
    if extra is not None and (network.rubbish is None or data.pictures != "digits"):
        raise LenetError(
            f'recipe {recipe.name} needs digits and a network with a class "none"; '
            f"{network.name} on {data.source} does not fit"
        )
    return network


def check_fits(network: Network, data: Dataset) -> None:
    """Raise `LenetError` if the images or the classes are not those that the network takes.

    Examples
    --------
    >>> import numpy as np
    >>> from lenet.data import Split
    >>> split = Split(np.zeros((2, 32, 32), np.uint8), np.array([0, 1]), ("cat", "dog"))
    >>> data = Dataset("pets", "pets", split, split)
    >>> check_fits(network_named("lenet5")(classes=2), data)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lenet.errors.LenetError: pets: the images are 32×32 grey, but lecun1998 takes 28×28 grey; ...
    """
    images = data.train.images
    if images.dtype != np.uint8:
        raise LenetError(
            f"{data.source}: the images must be uint8, not {images.dtype}; "
            "lenet.load_data((images, labels)) converts them"
        )
    channels, height, width = network.input_shape
    wanted = (height, width, channels)
    found = (images.shape[1], images.shape[2], data.train.channels)
    if found != wanted:
        advice = (
            f"load them with lenet.load_data(..., size=({height}, {width})), which resizes them"
            if found[:2] != wanted[:2]
            else f"define the network with in_channels={data.train.channels}"
        )
        raise LenetError(
            f"{data.source}: the images are {_shape(*found)}, "
            f"but {network.name} takes {_shape(*wanted)}; {advice}"
        )
    if network.classes != len(data.classes):
        raise LenetError(
            f"{data.source}: there are {len(data.classes)} classes, but {network.name} has "
            f"{network.classes} outputs; define it with classes={len(data.classes)}"
        )


def _shape(height: int, width: int, channels: int) -> str:
    kind = {1: "grey", 3: "colour"}.get(channels, f"of {channels} channels")
    return f"{height}×{width} {kind}"
