"""Computes the training loss of each image, and its gradient by the scores.

A network's last layer decides its loss (`loss_of`). If it is an activation function (squashed
outputs), the loss is the squared error, as in 1989; for Gaussian outputs it is equation 9 of the
1998 paper; otherwise the cross-entropy. A network with squashed outputs can also minimise equation
9 (`discrimination`).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.networks.layers import Activation
from lenet.networks.network import Network

LossKind = Literal["cross-entropy", "squared error"]

PLACE_CODE_SLOPE = 4
"""The penalties of two classes differ by this factor times the difference of their outputs."""


def loss_of(network: Network) -> LossKind:
    """Return the loss for the network's outputs.

    Equation 9 of Proc. IEEE 86(11), 1998 (page 9) is a cross-entropy, in which the rubbish class
    takes part: the negative logarithm of the correct class's posterior,
    ``y_D + log(e^-j + sum_i e^-y_i)``, where D is the correct class.
    """
    return "squared error" if isinstance(network.layers[-1], Activation) else "cross-entropy"


def cross_entropy(
    scores: Floats, labels: NDArray[np.int64], rubbish: float | None = None
) -> tuple[Floats, Floats]:
    """Return the cross-entropy of each image and its gradient by the scores.

    Parameters
    ----------
    scores
        ``[N, classes]``.
    labels
        int64 ``[N]``. With `rubbish`, the number of classes is the label of the class "none".
    rubbish
        The class "none" has the constant score ``-rubbish``; None for no class "none".

    Returns
    -------
    ``-log p`` of the labels, ``[N]``, and the gradient, ``[N, classes]``.

    Examples
    --------
    >>> losses, gradient = cross_entropy(np.zeros((1, 2)), np.array([0]))
    >>> losses.round(3).tolist(), gradient.tolist()
    ([0.693], [[-0.5, 0.5]])
    """
    if rubbish is not None:
        none = np.full((len(scores), 1), -rubbish, scores.dtype)
        scores = np.concatenate([scores, none], axis=1)
    shifted = scores - scores.max(axis=1, keepdims=True)
    logarithms = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(labels))
    gradient = np.exp(logarithms)
    gradient[rows, labels] -= 1
    return -logarithms[rows, labels], gradient if rubbish is None else gradient[:, :-1]


def squared_error(outputs: Floats, labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return each image's ``1/2 sum_i (o_i - t_i)^2``, and its gradient by the outputs o.

    The target t of the correct class is +1, the others are -1: within the range of the scaled
    hyperbolic tangent in which its slope is large.
    """
    targets = -np.ones_like(outputs)
    targets[np.arange(len(labels)), labels] = 1
    errors = outputs - targets
    return (errors**2).sum(axis=1) / 2, errors


def discrimination(outputs: Floats, labels: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return each image's loss of equation 9 for squashed outputs, and its gradient by them.

    A class's penalty ``y_i = sum_j (o_j - t_ij)^2`` is the squared distance to its place code: +1
    for the class itself, -1 for the others. This is equation 7 of Proc. IEEE 86(11), 1998 (page 8)
    with place codes in place of bitmaps. With D the correct class, the loss is
    ``y_D + log(sum_i e^-y_i)``, equation 9 (page 9) without the rubbish class, which is not needed:
    squashed outputs cannot be far from all place codes. Since ``y_i - y_k = 4 (o_k - o_i)``, this
    is the cross-entropy of 4 times the outputs.
    """
    losses, gradient = cross_entropy(PLACE_CODE_SLOPE * outputs, labels)
    return losses, PLACE_CODE_SLOPE * gradient
