"""Computes the backward pass in NumPy: the gradient of the loss by every parameter.

Backpropagation is the chain rule, applied from the last layer to the first. Each layer receives the
derivative of the loss by its output, and computes from it the derivatives by its parameters and by
its input, which is the output of the layer before. `lenet.engine.reference` is the forward pass.

The same code computes the second derivatives of the 1998 method (`curvature`): where a gradient is
multiplied by a weight, an input or a slope, a second derivative is multiplied by its square (Proc.
IEEE 86(11), 1998, Appendix C, pages 41 and 42). This is the Gauss-Newton approximation. It leaves
out the curvature of the activation functions and the terms between different units.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.engine.losses import (
    PLACE_CODE_SLOPE,
    cross_entropy,
    discrimination,
    loss_of,
    squared_error,
)
from lenet.engine.probabilities import softmax
from lenet.engine.reference import activations, codes_of, dense_weight, windows
from lenet.errors import LenetError
from lenet.networks.convolution import Convolution
from lenet.networks.layers import AMPLITUDE, LEAK, SLOPE, Activation, Linear, Padding, Pooling
from lenet.networks.network import Layer, Network
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.residual import Residual
from lenet.networks.subsampling import Subsampling


def loss_and_gradients(
    network: Network,
    parameters: Mapping[str, Floats],
    pixels: Floats,
    labels: NDArray[np.int64],
    discriminative: bool = False,
) -> tuple[float, int, dict[str, Floats]]:
    """Compute the mean loss of some images, and its gradient by every parameter.

    Parameters
    ----------
    pixels, labels
        Normalised images, float32 ``[N, channels, height, width]``, and int64 ``[N]``.
    discriminative
        True: networks with squashed outputs minimise `lenet.engine.losses.discrimination` instead
        of the squared error.

    Returns
    -------
    The mean loss, the number of images classified correctly, and the gradients by parameter name.

    Raises
    ------
    LenetError
        The network has residual blocks, which only PyTorch trains.
    """
    values = _values(network, parameters, pixels)
    scores = values[-1]
    if loss_of(network) == "squared error":
        loss = discrimination if discriminative else squared_error
        losses, derivative = loss(scores, labels)
    else:
        losses, derivative = cross_entropy(scores, labels, network.rubbish)
    derivative = derivative / np.float32(len(labels))  # the loss is a mean
    gradients: dict[str, Floats] = {}
    _backward(network, parameters, values, len(network.layers), derivative, gradients)
    correct = _count_correct(scores, labels, network.rubbish)
    ordered = {name: gradients[name] for name in network.parameter_shapes}
    return float(losses.mean()), correct, ordered


def input_gradient(
    network: Network, parameters: Mapping[str, Floats], pixels: Floats, layer: str, gradient: Floats
) -> Floats:
    """Compute the gradient of ``sum(gradient * output of a layer)`` by the pixels.

    Parameters
    ----------
    layer
        The layer's name.
    gradient
        An array with the shape of that layer's output, batch first.

    Returns
    -------
    The gradient, of the shape of `pixels`, ``[N, channels, height, width]``.
    """
    values = _values(network, parameters, pixels)
    depth = [one.name for one in network.layers].index(layer) + 1
    return _backward(network, parameters, values, depth, gradient, {})


def curvature(
    network: Network,
    parameters: Mapping[str, Floats],
    pixels: Floats,
    labels: NDArray[np.int64],
    discriminative: bool = False,
) -> dict[str, Floats]:
    """Compute the mean second derivative of the loss by every parameter; it is never negative.

    The computation begins with the second derivative of the loss by the outputs (by the inputs of
    Gaussian outputs). It is 1 for the squared error. For equation 9 an upper bound is taken
    (`_gaussian_curvature`, `_place_code_curvature`).

    Parameters
    ----------
    pixels, labels, discriminative
        As for `loss_and_gradients`.

    Raises
    ------
    LenetError
        The network's outputs are neither squashed nor Gaussian.
    """
    values = _values(network, parameters, pixels)
    depth = len(network.layers)
    if not isinstance(network.layers[-1], RadialBasis) and loss_of(network) != "squared error":
        raise LenetError(f"{network.name} has neither squashed nor Gaussian outputs")
    start = np.ones_like(values[-1])
    if isinstance(network.layers[-1], RadialBasis):
        depth -= 1
        start = _gaussian_curvature(network.layers[-1], values[-2], values[-1])
    elif discriminative:
        start = _place_code_curvature(values[-1])
    start = start / np.float32(len(labels))
    curvatures: dict[str, Floats] = {}
    _backward(network, parameters, values, depth, start, curvatures, second=True)
    return {name: curvatures[name] for name in network.parameter_shapes}


def _values(network: Network, parameters: Mapping[str, Floats], pixels: Floats) -> list[Floats]:
    """Return the input of each layer, and the output of the last: entry k is layer k's input."""
    return [pixels, *activations(network, parameters, pixels).values()]


def _count_correct(scores: Floats, labels: NDArray[np.int64], rubbish: float | None) -> int:
    """Count correct answers; for a label of "none" all scores must be below that of "none"."""
    correct = scores.argmax(axis=1) == labels
    if rubbish is not None:
        correct |= (labels == scores.shape[1]) & (scores.max(axis=1) < -rubbish)
    return int(np.count_nonzero(correct))


def _backward(
    network: Network,
    parameters: Mapping[str, Floats],
    values: list[Floats],
    depth: int,
    derivative: Floats,
    found: dict[str, Floats],
    second: bool = False,
) -> Floats:
    """Go back through the first `depth` layers; return the derivative by the pixels.

    Parameters
    ----------
    derivative
        By the output of the last of these layers.
    found
        Receives the derivatives by the parameters.
    second
        True computes second derivatives.
    """
    for number in reversed(range(depth)):
        layer, inputs, output = network.layers[number], values[number], values[number + 1]
        derivative = _layer_backward(layer, parameters, inputs, output, derivative, found, second)
    return derivative


def _layer_backward(
    layer: Layer,
    parameters: Mapping[str, Floats],
    inputs: Floats,
    output: Floats,
    derivative: Floats,
    found: dict[str, Floats],
    second: bool,
) -> Floats:
    """Turn the derivative by a layer's output into those by its parameters and by its input."""

    def power(factor: Floats) -> Floats:
        return factor**2 if second else factor

    match layer:
        case Linear(name=name):
            # output = inputs @ weight.T + bias
            found[f"{name}.bias"] = derivative.sum(axis=0)
            found[f"{name}.weight"] = derivative.T @ power(inputs)
            return derivative @ power(parameters[f"{name}.weight"])
        case Convolution():
            weight = power(dense_weight(layer, parameters, inputs.shape[1]))
            return _convolution_backward(layer, weight, inputs, derivative, found, second)
        case Activation():
            return derivative * power(_slope(layer, output))
        case Pooling(kind="average", size=size):
            # Each input has the same share in the average.
            share = np.asarray(1 / size**2, inputs.dtype)
            return _enlarge(derivative, size, inputs.shape) * power(share)
        case Pooling(size=size):
            # Only the largest input of a window has an effect on the maximum.
            return _is_largest(inputs, output, size) * _enlarge(derivative, size, inputs.shape)
        case Padding(size=size):
            return derivative[:, :, size:-size, size:-size]
        case Subsampling(name=name, kind=kind, size=size):
            factor = 1 if kind == "sum" else 1 / size**2
            sums = factor * _window_sums(inputs, size)
            found[f"{name}.bias"] = derivative.sum(axis=(0, 2, 3))
            found[f"{name}.weight"] = (derivative * power(sums)).sum(axis=(0, 2, 3))
            coefficient = power(factor * parameters[f"{name}.weight"])[:, None, None]
            return _enlarge(derivative * coefficient, size, inputs.shape)
        case RadialBasis():  # second derivatives start before this layer
            slopes = -2 * (inputs[:, None] - codes_of(layer, inputs))
            return (derivative[:, :, None] * slopes).sum(axis=1)
        case Residual():
            raise LenetError(f"{layer.name}: only PyTorch computes gradients of a residual block")
        case _:  # flatten
            return derivative.reshape(inputs.shape)


def _convolution_backward(
    layer: Convolution,
    weight: Floats,
    inputs: Floats,
    derivative: Floats,
    found: dict[str, Floats],
    second: bool,
) -> Floats:
    """Compute the three derivatives of a convolution.

    With d the derivative by the output: that by ``weight[o, c, i, j]`` is the sum of
    ``d[n, o, y, x] * inputs[n, c, y + i, x + j]`` over all images and places. That by
    ``inputs[n, c, y, x]`` is the sum of ``d[n, o, y - i, x - j] * weight[o, c, i, j]`` over all
    kernels and their cells.

    Parameters
    ----------
    weight
        ``[out, in, kernel, kernel]``; for second derivatives, its square.
    derivative
        ``[N, out, height, width]``.
    """
    name, kernel, stride, padding = layer.name, layer.kernel, layer.stride, layer.padding
    places = (0, 2, 3)  # images, rows, columns
    found[f"{name}.bias"] = derivative.sum(axis=0 if layer.bias == "unit" else places)
    seen = windows(layer, inputs)
    sums = np.tensordot(derivative, seen**2 if second else seen, (places, places))
    if layer.table is not None:
        out, into = np.array(layer.links(inputs.shape[1])).T
        sums = sums[out, into]
    found[f"{name}.weight"] = sums
    # Cell (i, j) of a kernel multiplied the inputs at y * stride + i, x * stride + j.
    count, channels, height, width = inputs.shape
    result = np.zeros(
        (count, channels, height + 2 * padding, width + 2 * padding), derivative.dtype
    )
    rows, columns = derivative.shape[2] * stride, derivative.shape[3] * stride
    for i in range(kernel):
        for j in range(kernel):
            part = np.einsum("noyx,oc->ncyx", derivative, weight[:, :, i, j], optimize=True)
            result[:, :, i : i + rows : stride, j : j + columns : stride] += part
    return result[:, :, padding : padding + height, padding : padding + width]


def _slope(layer: Activation, output: Floats) -> Floats:
    """Return the derivative of an activation function, computed from its output."""
    if layer.kind == "sigmoid":
        return output * (1 - output)
    if layer.kind == "tanh":
        return 1 - output**2
    if layer.kind == "scaled tanh":
        return SLOPE * AMPLITUDE - SLOPE / AMPLITUDE * output**2
    below = LEAK if layer.kind == "leaky relu" else 0
    return np.where(output > 0, 1, below).astype(output.dtype)


def _enlarge(maps: Floats, size: int, shape: tuple[int, ...]) -> Floats:
    """Repeat each value over its window; a remainder at the edge gets 0."""
    result = np.zeros(shape, maps.dtype)
    large = maps.repeat(size, axis=2).repeat(size, axis=3)
    result[:, :, : large.shape[2], : large.shape[3]] = large
    return result


def _is_largest(inputs: Floats, output: Floats, size: int) -> Floats:
    """Return 1 at the largest input of each window, else 0; of equal ones at the first."""
    count, channels, height, width = output.shape
    cut = inputs[:, :, : height * size, : width * size]
    cells = cut.reshape(count, channels, height, size, width, size).swapaxes(3, 4)
    flat = cells.reshape(count, channels, height, width, size**2)
    largest = np.arange(size**2) == flat.argmax(axis=4)[..., None]
    result = np.zeros_like(inputs)
    result[:, :, : height * size, : width * size] = (
        largest.reshape(cells.shape).swapaxes(3, 4).reshape(cut.shape)
    )
    return result


def _window_sums(maps: Floats, size: int) -> Floats:
    count, channels, height, width = maps.shape
    cut = maps[:, :, : height // size * size, : width // size * size]
    cells = cut.reshape(count, channels, height // size, size, width // size, size)
    return cells.sum(axis=(3, 5))


def _gaussian_curvature(layer: RadialBasis, inputs: Floats, scores: Floats) -> Floats:
    """Return an upper bound of ``d^2 E / dx_j^2`` for equation 9; the paper gives none.

    Let ``p`` be the posteriors and ``d_ij = 2 (x_j - w_ij)``. The second derivative of ``y_D`` is
    2. That of ``log(e^-j + sum_i e^-y_i)`` is the variance of ``d_ij`` over the classes, including
    the rubbish class with ``d = 0``, minus 2 times the posterior of not being rubbish. The negative
    part is dropped, as the method drops it for the activation functions. With it the sum would
    vanish wherever the network is certain and correct, and the next wrong answer would cause a step
    without bound.
    """
    posteriors = softmax(scores, layer.rubbish)[:, :, None]
    slopes = 2 * (inputs[:, None] - codes_of(layer, inputs))
    mean = (posteriors * slopes).sum(axis=1)
    square = (posteriors * slopes**2).sum(axis=1)
    return 2 + square - mean**2


def _place_code_curvature(outputs: Floats) -> Floats:
    """Return the same bound for squashed outputs, whose targets are place codes of ±1."""
    posteriors = softmax(PLACE_CODE_SLOPE * outputs)
    return 2 + PLACE_CODE_SLOPE**2 * posteriors * (1 - posteriors)
