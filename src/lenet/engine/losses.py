"""What training makes small: the loss of each image, with its derivatives by the scores.

A network's own last layer says which loss is its own (`loss_of`): squared error for squashed
outputs, as in 1989; the 1998 paper's equation 9 for Gaussian outputs; else cross-entropy.
Squashed outputs can learn by equation 9 too (`discrimination`).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.networks.layers import Activation
from lenet.networks.network import Network

LossKind = Literal["cross-entropy", "squared error"]

PLACE_CODE_SLOPE = 4
"""The difference of two outputs, times this, is that of their classes' squared distances."""


def loss_of(network: Network) -> LossKind:
    """Return the loss that belongs to the network's outputs.

    For Gaussian outputs that is cross-entropy too: with the rubbish class among the classes, it is
    equation 9 of Proc. IEEE 86(11), 1998 (page 9), the negative logarithm of the right class's
    posterior, ``y_D + log(e^-j + sum_i e^-y_i)``.
    """
    return "squared error" if isinstance(network.layers[-1], Activation) else "cross-entropy"


def cross_entropy(
    scores: Floats, labels: NDArray[np.int64], rubbish: float | None = None
) -> tuple[Floats, Floats]:
    """Return each image's ``-log p``, ``[N]``, and its gradient by the scores, ``[N, classes]``.

    Parameters
    ----------
    scores
        ``[N, classes]``.
    labels
        int64 ``[N]``; the number of classes stands for rubbish.
    rubbish
        The j of a further class whose score is always ``-j``; None for no such class.
    """
    if rubbish is not None:
        none = np.full((len(scores), 1), -rubbish, scores.dtype)
        scores = np.concatenate([scores, none], axis=1)
    shifted = scores - scores.max(axis=1, keepdims=True)
    logarithms = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    gradient = np.exp(logarithms)
    gradient[rows, labels] -= 1
    known = gradient if rubbish is None else gradient[:, :-1]
    return -logarithms[rows, labels], known


def squared_error(outputs: Floats, labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return each image's ``1/2 sum_i (o_i - t_i)^2`` and its gradient by the outputs.

    The target of the right class is +1, that of any other -1: within the range in which the scaled
    hyperbolic tangent is steep.
    """
    targets = -np.ones_like(outputs)
    targets[np.arange(len(labels)), labels] = 1
    off = outputs - targets
    return (off**2).sum(axis=1) / 2, off


def discrimination(outputs: Floats, labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return each image's loss by equation 9 for squashed outputs, and its gradient by them.

    A class's penalty ``y_i = sum_j (o_j - t_ij)^2`` is the squared distance from its target, +1 for
    itself and -1 for the others: equation 7 of Proc. IEEE 86(11), 1998 (page 8) with place codes
    for bitmaps. The loss is that of equation 9 (page 9), ``y_D + log(sum_i e^-y_i)``, without the
    rubbish class: squashed outputs cannot move far from all targets together. As ``y_i - y_k`` is
    ``4 (o_k - o_i)``, it is the cross-entropy of four times the outputs.
    """
    losses, gradient = cross_entropy(PLACE_CODE_SLOPE * outputs, labels)
    return losses, PLACE_CODE_SLOPE * gradient
