"""Fits a recipe to the size and the kind of the data: once, when the data is known.

A recipe with a fixed number of steps (`lenet.training.recipes.OWN`) learns from 200 images as well
as from 200,000. The recipe that this returns holds plain numbers, and is what a run saves.
"""

from dataclasses import fields, replace

import numpy as np

from lenet.data import Dataset
from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks import Network
from lenet.pictures.types import Labels
from lenet.training.recipe import Recipe
from lenet.training.recipes import OWN, OWN_MANY

MOST_EPOCHS = 20
"""Each epoch ends with an evaluation on the test images, which takes time."""
MOST_REPEATED = 20
"""No class is shown more often than this in a pass, in proportion to the most frequent one."""
_MANY = 10_000
"""From this number of images on, `OWN_MANY` applies, and some images are held out."""
_HELD_OUT = 2_000  # enough for thresholds down to an error rate of 0.2%
_HELD_OUT_SHARE = 0.1
_MOST_SHOWN = 100_000_000


def fitted(recipe: Recipe, data: Dataset) -> Recipe:
    """Return the recipe for some data: epochs instead of steps, and what calibrates the network.

    A recipe that says its epochs keeps them.

    Parameters
    ----------
    data
        The data as it was loaded, before training images are held out.

    Examples
    --------
    >>> from lenet.data import Split
    >>> from lenet.training.recipes import OWN
    >>> split = Split(np.zeros((200, 28, 28), np.uint8), np.arange(200) % 2, ("cat", "dog"))
    >>> recipe = fitted(OWN, Dataset("pets", "pets", split, split))
    >>> recipe.epochs, recipe.epochs * recipe.repeats * 200 // recipe.batch_size == OWN.steps
    (20, True)
    """
    recipe = _calibrating(_of_own(recipe, data), data)
    if recipe.epochs:
        return replace(recipe, steps=0)
    train = round(len(data.train) * (1 - recipe.validation * (data.validation is None)))
    pictures = train * len(shown(recipe, data.train.labels)) / len(data.train)
    passes = max(1, round(recipe.steps * recipe.batch_size / pictures))
    repeats = -(-passes // MOST_EPOCHS)
    epochs = max(1, round(passes / repeats))
    return replace(recipe, epochs=epochs, repeats=repeats, steps=0)


def _of_own(recipe: Recipe, data: Dataset) -> Recipe:
    """Return the recipe `OWN` for this number and kind of images; changed fields stay."""
    if recipe.name != OWN.name:
        return recipe
    if len(data.train) >= _MANY:
        for one in fields(Recipe):
            if getattr(recipe, one.name) == getattr(OWN, one.name):
                recipe = replace(recipe, **{one.name: getattr(OWN_MANY, one.name)})
    if recipe.distortion is not None and data.pictures == "clothing":
        recipe = replace(recipe, distortion=replace(recipe.distortion, flip=True))
    return recipe


def _calibrating(recipe: Recipe, data: Dataset) -> Recipe:
    """Choose between held-out images and a second training to calibrate the network with."""
    if data.validation is not None or recipe.validation:
        return replace(recipe, cross_fit=False)
    count = len(data.train)
    if recipe.best_epoch or (recipe.cross_fit and count >= _MANY):
        share = min(_HELD_OUT_SHARE, _HELD_OUT / count)
        return replace(recipe, validation=share, cross_fit=False)
    return recipe


def shown(recipe: Recipe, labels: Labels) -> Labels:
    """Return the indices of the images that an epoch shows: int64, in ascending order.

    Each image occurs `Recipe.repeats` times, and those of rare classes more often, as
    `Recipe.balance` says.

    Raises
    ------
    LenetError
        An epoch would show more than 100 million images.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lenet.training.recipes import OWN
    >>> uneven = np.array([0, 0, 0, 0, 1])
    >>> shown(replace(OWN, balance=1.0), uneven).tolist()
    [0, 1, 2, 3, 4, 4, 4, 4]
    """
    times = np.full(len(labels), float(recipe.repeats))
    if recipe.balance:
        counts = np.bincount(labels)
        more = (counts.max() / np.maximum(counts, 1)) ** recipe.balance
        times *= np.minimum(more, MOST_REPEATED)[labels]
    if times.sum() > _MOST_SHOWN:
        raise LenetError(
            f"an epoch of {times.sum():,.0f} images is too long; repeats, {recipe.repeats:,}, "
            f"must be smaller for {len(labels):,} images"
        )
    whole = times.astype(np.int64)
    # A class whose share is no whole number shows some of its images once more, at equal distances.
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rest = times[members[0]] - whole[members[0]]
        extra = np.floor(rest * np.arange(1, len(members) + 1) + 1e-9)
        whole[members] += np.diff(extra, prepend=0.0).astype(np.int64)
    return np.repeat(np.arange(len(labels)), whole)


def smoothed(labels: Labels, network: Network, share: float) -> Floats:
    """Return targets, float32 ``[N, outputs]``, with label smoothing (`Recipe.smoothing`).

    A class "none" has a column too, and its target is 0.

    Examples
    --------
    >>> from lenet.networks import network_named
    >>> smoothed(np.array([1]), network_named("lenet")(classes=4), 0.2)
    array([[0.05, 0.85, 0.05, 0.05]], dtype=float32)
    """
    columns = network.classes + (network.rubbish is not None)
    targets = np.zeros((len(labels), columns), np.float32)
    targets[:, : network.classes] = share / network.classes
    targets[np.arange(len(labels)), labels] += np.float32(1 - share)
    return targets
