"""Converts a network's scores to probabilities."""

import numpy as np

from lenet.engine.checks import Floats
from lenet.engine.losses import loss_of
from lenet.networks.network import Network


def probabilities(network: Network, scores: Floats) -> Floats:
    """Convert a network's scores ``[N, classes]`` to probabilities, float32, of the same shape.

    They are the `softmax`, except for outputs trained by squared error with targets of ±1: these
    estimate the mean of the target, so that ``(1 + output) / 2`` is a probability. The sum of such
    a row need not be 1.

    Examples
    --------
    >>> from lenet.networks import network_named
    >>> scores = np.full((1, 10), -1, np.float32)
    >>> scores[0, 7] = 0.5
    >>> probabilities(network_named("lenet1")(), scores).tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.75, 0.0, 0.0]]
    """
    if loss_of(network) == "squared error":
        return np.clip((1 + scores) / np.float32(2), 0, 1)
    return softmax(scores, network.rubbish)


def softmax(scores: Floats, rubbish: float | None = None) -> Floats:
    """Convert scores ``[N, classes]`` to probabilities, float32, of the same shape.

    The sum of each row is 1. If there is a class "none" with the score ``-rubbish``, the sum is
    smaller by its probability.

    Examples
    --------
    >>> scores = np.zeros((1, 3), np.float32)
    >>> softmax(scores, rubbish=0.0).tolist()  # one quarter is left for "none"
    [[0.25, 0.25, 0.25]]
    """
    greatest = scores.max(axis=1, keepdims=True)
    if rubbish is None:
        powers = np.exp(scores - greatest)
        return powers / powers.sum(axis=1, keepdims=True)
    greatest = np.maximum(greatest, -np.float32(rubbish))
    powers = np.exp(scores - greatest)
    none = np.exp(-np.float32(rubbish) - greatest)
    return powers / (powers.sum(axis=1, keepdims=True) + none)
