"""From a network's scores to probabilities."""

import numpy as np

from lenet.engine.checks import Floats
from lenet.engine.losses import loss_of
from lenet.networks.network import Network


def probabilities(network: Network, scores: Floats) -> Floats:
    """Turn a network's scores ``[N, classes]`` into probabilities, float32, of the same shape.

    Outputs trained by squared error to targets of ±1 estimate the mean of their target, so
    ``(1 + output) / 2`` is a probability; a row need not sum to one. Of other networks it is the
    softmax. With Gaussian outputs that sums to less than one, and what is missing is the
    probability that the image is none of the classes.
    """
    if loss_of(network) == "squared error":
        return np.clip((1 + scores) / np.float32(2), 0, 1)
    return softmax(scores, network.rubbish)


def softmax(scores: Floats, rubbish: float | None = None) -> Floats:
    """Turn scores ``[N, classes]`` into probabilities, float32.

    A row sums to one; with `rubbish`, the j of a network with Gaussian outputs, it sums to less,
    and what is missing is the probability that the image is none of the classes.
    """
    greatest = scores.max(axis=1, keepdims=True)
    if rubbish is None:
        powers = np.exp(scores - greatest)
        return powers / powers.sum(axis=1, keepdims=True)
    greatest = np.maximum(greatest, -np.float32(rubbish))
    powers = np.exp(scores - greatest)
    none = np.exp(-np.float32(rubbish) - greatest)
    return powers / (powers.sum(axis=1, keepdims=True) + none)
