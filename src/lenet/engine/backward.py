"""Back through a network in NumPy: gradients, and the second derivatives of 1998.

Both go the same way. Where a gradient is multiplied by a weight, an input or a slope, a second
derivative is multiplied by its square (Proc. IEEE 86(11), 1998, Appendix C, pages 41 and 42): the
Gauss-Newton approximation, without the squashing function's own curvature and without the terms
between different units.
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
from lenet.networks.layers import (
    AMPLITUDE,
    LEAK,
    SLOPE,
    Activation,
    Linear,
    Padding,
    Pooling,
)
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
    """Return the mean loss, the number right, and the gradient of every parameter.

    The loss is the network's own, see `lenet.engine.losses.loss_of`.

    Parameters
    ----------
    pixels, labels
        Normalised images, float32 ``[N, channels, height, width]``, and int64 ``[N]``.
    discriminative
        Whether squashed outputs learn by `lenet.engine.losses.discrimination`.
    """
    values = _values(network, parameters, pixels)
    scores = values[-1]
    if loss_of(network) == "squared error":
        loss = discrimination if discriminative else squared_error
        losses, gradient = loss(scores, labels)
    else:
        losses, gradient = cross_entropy(scores, labels, network.rubbish)
    gradients: dict[str, Floats] = {}
    _back(
        network,
        parameters,
        values,
        len(network.layers),
        gradient / np.float32(len(labels)),
        gradients,
    )
    correct = _count_right(scores, labels, network.rubbish)
    ordered = {name: gradients[name] for name in network.parameter_shapes}
    return float(losses.mean()), correct, ordered


def _count_right(scores: Floats, labels: NDArray[np.int64], rubbish: float | None) -> int:
    """Count images of a class named right, and those of none that no class is likelier for."""
    right = scores.argmax(axis=1) == labels
    if rubbish is not None:
        right |= (labels == scores.shape[1]) & (scores.max(axis=1) < -rubbish)
    return int(np.count_nonzero(right))


def input_gradient(
    network: Network, parameters: Mapping[str, Floats], pixels: Floats, layer: str, gradient: Floats
) -> Floats:
    """Return the gradient of ``sum(gradient * output of the layer)`` by the pixels.

    Parameters
    ----------
    layer
        Its name.
    gradient
        Of the shape of that layer's output, batch first.

    Returns
    -------
    As `pixels`, ``[N, channels, height, width]``.
    """
    values = _values(network, parameters, pixels)
    depth = [one.name for one in network.layers].index(layer) + 1
    return _back(network, parameters, values, depth, gradient, {})


def curvature(
    network: Network,
    parameters: Mapping[str, Floats],
    pixels: Floats,
    labels: NDArray[np.int64],
    discriminative: bool = False,
) -> dict[str, Floats]:
    """Return the mean second derivative of the loss by every parameter, never negative.

    It starts from the loss's own curvature: 1 by squashed outputs, for the squared error; for
    equation 9, by squashed outputs or what goes into Gaussian ones, see `_gaussian_curvature`.

    Raises
    ------
    LenetError
        A network of another loss.
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
    curvatures: dict[str, Floats] = {}
    _back(
        network, parameters, values, depth, start / np.float32(len(labels)), curvatures, second=True
    )
    return {name: curvatures[name] for name in network.parameter_shapes}


def _gaussian_curvature(layer: RadialBasis, inputs: Floats, scores: Floats) -> Floats:
    """Return an upper bound of ``d^2 E / dx_j^2`` of equation 9, which the paper does not give.

    With ``p`` the posteriors and ``d_ij = 2 (x_j - w_ij)``, the second derivative of ``y_D`` is 2.
    That of ``log(e^-j + sum_i e^-y_i)`` is the variance of ``d_ij`` over the classes, rubbish among
    them with ``d = 0``, less 2 times the posterior of not being rubbish. As the method drops what
    is negative in the squashing functions, the negative part is dropped here: exactly, the sum
    vanishes wherever the network is sure and right, and the next wrong answer would tear the
    weights away.
    """
    posteriors = softmax(scores, layer.rubbish)[:, :, None]
    slopes = 2 * (inputs[:, None] - codes_of(layer, inputs))
    mean = (posteriors * slopes).sum(axis=1)
    square = (posteriors * slopes**2).sum(axis=1)
    return 2 + square - mean**2


def _place_code_curvature(outputs: Floats) -> Floats:
    """Return what `_gaussian_curvature` would with place codes: of them the variance is simple."""
    posteriors = softmax(PLACE_CODE_SLOPE * outputs)
    return 2 + PLACE_CODE_SLOPE**2 * posteriors * (1 - posteriors)


def _values(network: Network, parameters: Mapping[str, Floats], pixels: Floats) -> list[Floats]:
    """Return what goes into each layer, and what comes out of the last."""
    return [pixels, *activations(network, parameters, pixels).values()]


def _back(
    network: Network,
    parameters: Mapping[str, Floats],
    values: list[Floats],
    depth: int,
    derivative: Floats,
    found: dict[str, Floats],
    second: bool = False,
) -> Floats:
    """Go back from behind the first `depth` layers to the pixels.

    `derivative` is that of the loss by the output of the layer at hand; each layer turns it into
    those of its parameters, which go into `found`, and that of its input.
    """
    for number in reversed(range(depth)):
        layer, inputs, output = network.layers[number], values[number], values[number + 1]
        derivative = _layer_back(layer, parameters, inputs, output, derivative, found, second)
    return derivative


def _layer_back(
    layer: Layer,
    parameters: Mapping[str, Floats],
    inputs: Floats,
    output: Floats,
    derivative: Floats,
    found: dict[str, Floats],
    second: bool,
) -> Floats:
    def power(values: Floats) -> Floats:
        return values**2 if second else values

    match layer:
        case Convolution():
            weight = power(dense_weight(layer, parameters, inputs.shape[1]))
            return _convolution_back(layer, weight, inputs, derivative, found, second)
        case Linear(name=name):
            found[f"{name}.bias"] = derivative.sum(axis=0)
            found[f"{name}.weight"] = derivative.T @ power(inputs)
            return derivative @ power(parameters[f"{name}.weight"])
        case Subsampling(name=name, kind=kind, size=size):
            factor = 1 if kind == "sum" else 1 / size**2
            sums = factor * _window_sums(inputs, size)
            found[f"{name}.bias"] = derivative.sum(axis=(0, 2, 3))
            found[f"{name}.weight"] = (derivative * power(sums)).sum(axis=(0, 2, 3))
            through = power(factor * parameters[f"{name}.weight"])[:, None, None]
            return _grow(derivative * through, size, inputs.shape)
        case Activation():
            return derivative * power(_slope(layer, output))
        case Pooling(kind="average", size=size):
            return _grow(derivative, size, inputs.shape) * power(_share(size, inputs))
        case Pooling(size=size):
            return _winners(inputs, output, size) * _grow(derivative, size, inputs.shape)
        case Padding(size=size):
            return derivative[:, :, size:-size, size:-size]
        case RadialBasis():  # second derivatives begin before it
            slopes = -2 * (inputs[:, None] - codes_of(layer, inputs))
            return (derivative[:, :, None] * slopes).sum(axis=1)
        case Residual():
            raise LenetError(f"{layer.name}: only PyTorch goes back through a residual block")
        case _:
            return derivative.reshape(inputs.shape)


def _convolution_back(
    layer: Convolution,
    weight: Floats,
    inputs: Floats,
    derivative: Floats,
    found: dict[str, Floats],
    second: bool,
) -> Floats:
    name, kernel, stride, padding = layer.name, layer.kernel, layer.stride, layer.padding
    places = (0, 2, 3)
    found[f"{name}.bias"] = derivative.sum(axis=0 if layer.bias == "unit" else places)
    # Each weight met every window of the input at the same place within it.
    met = windows(layer, inputs)
    sums = np.tensordot(derivative, met**2 if second else met, (places, places))
    if layer.table is not None:
        out, into = np.array(layer.links(inputs.shape[1])).T
        sums = sums[out, into]
    found[f"{name}.weight"] = sums
    # Each input was met by the kernel's taps, each at its own place of the output.
    count, channels, height, width = inputs.shape
    result = np.zeros(
        (count, channels, height + 2 * padding, width + 2 * padding), derivative.dtype
    )
    rows, columns = derivative.shape[2] * stride, derivative.shape[3] * stride
    for y in range(kernel):
        for x in range(kernel):
            part = np.einsum("noyx,oc->ncyx", derivative, weight[:, :, y, x], optimize=True)
            result[:, :, y : y + rows : stride, x : x + columns : stride] += part
    return result[:, :, padding : padding + height, padding : padding + width]


def _slope(layer: Activation, output: Floats) -> Floats:
    """Return the squashing function's derivative, from what came out of it."""
    if layer.kind == "sigmoid":
        return output * (1 - output)
    if layer.kind == "tanh":
        return 1 - output**2
    if layer.kind == "scaled tanh":
        return SLOPE * AMPLITUDE - SLOPE / AMPLITUDE * output**2
    below = LEAK if layer.kind == "leaky relu" else 0
    return np.where(output > 0, 1, below).astype(output.dtype)


def _share(size: int, like: Floats) -> Floats:
    return np.asarray(1 / size**2, like.dtype)


def _winners(inputs: Floats, output: Floats, size: int) -> Floats:
    """Return 1 at the first of the largest of each window, as PyTorch chooses it, else 0."""
    count, channels, height, width = output.shape
    cut = inputs[:, :, : height * size, : width * size]
    cells = cut.reshape(count, channels, height, size, width, size).swapaxes(3, 4)
    flat = cells.reshape(count, channels, height, width, size**2)
    winner = np.arange(size**2) == flat.argmax(axis=4)[..., None]
    result = np.zeros_like(inputs)
    result[:, :, : height * size, : width * size] = (
        winner.reshape(cells.shape).swapaxes(3, 4).reshape(cut.shape)
    )
    return result


def _window_sums(maps: Floats, size: int) -> Floats:
    count, channels, height, width = maps.shape
    cut = maps[:, :, : height // size * size, : width // size * size]
    cells = cut.reshape(count, channels, height // size, size, width // size, size)
    return cells.sum(axis=(3, 5))


def _grow(maps: Floats, size: int, shape: tuple[int, ...]) -> Floats:
    """Repeat each value over the window it came from; a remainder at the edge gets nothing."""
    result = np.zeros(shape, maps.dtype)
    large = maps.repeat(size, axis=2).repeat(size, axis=3)
    result[:, :, : large.shape[2], : large.shape[3]] = large
    return result
