"""Networks that have learned nothing, and answers that nobody gave: what a report is made of."""

from dataclasses import dataclass

import numpy as np

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation import Evaluation
from lenet.networks import Network, lenet_network
from lenet.networks.layers import Flatten, Linear


def some_weights(network: Network, classes: tuple[str, ...]) -> Artifact:
    """Give a network weights at random."""
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    return Artifact(network, weights, classes, origin={"data": "bars", "seed": 0})


@dataclass(frozen=True)
class Case:
    """What a page is made of.

    Parameters
    ----------
    classes
        Their names.
    images
        How many.
    right
        Which share of the answers is right.
    shape
        Of an image: height, width, perhaps 3 channels.
    labels
        How many of the classes occur.
    """

    classes: tuple[str, ...]
    images: int = 60
    right: float = 0.7
    shape: tuple[int, ...] = (28, 28)
    labels: int | None = None

    def made(self) -> tuple[Artifact, Split, Evaluation]:
        """Make noise of it."""
        random = np.random.default_rng(0)
        count = len(self.classes)
        labels = random.integers(0, self.labels or count, self.images)
        images = random.integers(0, 256, (self.images, *self.shape), dtype=np.uint8)
        moved = random.random(self.images) >= self.right
        answers = (labels + moved * random.integers(1, max(count, 2), self.images)) % count
        scores = random.random((self.images, count), dtype=np.float32)
        scores[np.arange(self.images), answers] += 3
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        test = Split(images, labels, self.classes)
        artifact = some_weights(_network(self.shape, count), self.classes)
        return artifact, test, Evaluation(self.classes, labels, scores, shares)


def _network(shape: tuple[int, ...], classes: int) -> Network:
    channels = shape[2] if len(shape) == 3 else 1
    if shape[:2] == (28, 28):
        return lenet_network(classes=classes, in_channels=channels)
    layers = (Flatten("flatten"), Linear("out", classes))
    return Network("one layer", (channels, *shape[:2]), layers)
