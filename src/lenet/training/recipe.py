"""How a network is trained, in a few numbers. The chapter's recipe is the default everywhere."""

from dataclasses import dataclass

from lenet.engine import Normalization
from lenet.errors import LenetError, did_you_mean


@dataclass(frozen=True)
class Recipe:
    """Plain stochastic gradient descent on cross-entropy, weights drawn by Xavier's rule.

    Parameters
    ----------
    name
        On the command line, and in the run folder's name.
    network
        A name of `lenet.networks.NETWORKS`.
    data
        What is trained on unless told otherwise.
    epochs
        Passes over the training images.
    batch_size
        Images a step; the last step of an epoch takes what is left.
    learning_rate
        Constant.
    normalization
        What the network gets for a pixel.
    """

    name: str
    network: str
    data: str
    epochs: int
    batch_size: int
    learning_rate: float
    normalization: Normalization = Normalization()


# "Dive into Deep Learning", section 7.6.2 (first edition): lr, num_epochs = 0.9, 10.
CHAPTER = Recipe(
    name="chapter",
    network="lenet",
    data="fashion-mnist",
    epochs=10,
    batch_size=256,
    learning_rate=0.9,
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (CHAPTER,)}


def recipe_named(name: str) -> Recipe:
    """Return the recipe called `name`; an unknown name is a `LenetError`."""
    if name not in RECIPES:
        raise LenetError(
            f"no recipe is called {name!r}; known are {', '.join(RECIPES)}."
            + did_you_mean(name, RECIPES)
        )
    return RECIPES[name]
