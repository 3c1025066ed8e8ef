"""Goes on from trained weights: of a network that ships, or of a run, with the same or new classes.

All layers are kept but the last one. Of the last one, the units of classes with the same name are
kept; those of other classes are drawn as for a new network.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from lenet.artifact import Artifact, find, load
from lenet.data import Dataset
from lenet.errors import LenetError
from lenet.networks import NETWORKS
from lenet.networks.layers import Linear
from lenet.networks.network import Network
from lenet.training.recipe import Recipe
from lenet.training.weights import Weights


def source_named(run: str | Path) -> tuple[str, Artifact]:
    """Load the network to go on from; return it with a text by which a resumed run finds it again.

    Raises
    ------
    LenetError
        There is no such network, or it reads numbers.
    """
    artifact = load(run)
    if artifact.other_members or artifact.pictures == "numbers":
        raise LenetError(f"{run} reads numbers; name a network for single images")
    if isinstance(run, str) and find(run) != Path(run):  # a network that ships
        return run, artifact
    return str(Path(run).resolve()), artifact


def recipe_from(recipe: Recipe, artifact: Artifact, run: str) -> Recipe:
    """Return the recipe with the network and the normalization of a trained network.

    Raises
    ------
    LenetError
        The network has no name in `lenet.networks.NETWORKS`.

    Examples
    --------
    >>> import lenet
    >>> from lenet.training.recipes import OWN
    >>> recipe_from(OWN, lenet.load("digits"), "digits").network
    'modern-or-none'
    """
    trained = artifact.network
    for name, define in NETWORKS.items():
        try:
            known = define(classes=artifact.classes, in_channels=trained.input_shape[0])
        except LenetError:  # networks of the papers have a fixed number of classes or channels
            continue
        if known == trained:
            return replace(recipe, network=name, normalization=artifact.normalization)
    raise LenetError(
        f"the layers of {run} are of no network known by name ({', '.join(NETWORKS)}), so no "
        "training can go on from it"
    )


def check_data(artifact: Artifact, data: Dataset, run: str) -> None:
    """Raise `LenetError` if the data has other channels than the network's input."""
    wanted, found = artifact.network.input_shape[0], data.train.channels
    if wanted != found:
        kinds = {1: "grey", 3: "colour"}
        raise LenetError(
            f"{run} was trained on {kinds.get(wanted, wanted)} images, but the images of "
            f"{data.source} are {kinds.get(found, found)}; leave out --from"
        )


def keep_weights(
    weights: Weights, network: Network, classes: tuple[str, ...], of: Artifact
) -> None:
    """Replace first parameters by trained ones, wherever the classes do not differ.

    Parameters
    ----------
    weights, network, classes
        The new network: its first parameters, which are changed in place, layers and class names.
    of
        The trained network.
    """
    values = {name: value.copy() for name, value in weights.arrays().items()}
    last = network.layers[-1].name if isinstance(network.layers[-1], Linear) else None
    known = {name: place for place, name in enumerate(of.classes)}
    pairs = [(new, known[name]) for new, name in enumerate(classes) if name in known]
    for name, value in of.parameters.items():
        if name.rpartition(".")[0] != last:
            values[name][...] = value
        elif pairs:
            new, old = np.array(pairs).T
            values[name][new] = value[old]
    weights.load(values)
