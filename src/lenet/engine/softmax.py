"""From a network's scores to probabilities."""

import numpy as np

from lenet.engine.reference import Floats


def softmax(scores: Floats) -> Floats:
    """Turn scores ``[N, classes]`` into probabilities, float32, that sum to one a row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
