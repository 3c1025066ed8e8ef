"""LeNet forward and backward in NumPy, short enough to learn from.

Arrays are float32 and batch first: maps are ``[N, channels, height, width]``, vectors
``[N, units]``. The native engine computes the same, and is tested against this and PyTorch.
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lenet.networks.layers import Activation, Convolution, Layer, Linear, Pooling
from lenet.networks.network import Network

Floats = NDArray[np.float32]


def activations(
    network: Network, parameters: Mapping[str, Floats], pixels: Floats
) -> dict[str, Floats]:
    """Return every layer's output by its name, in the order data flows.

    Parameters
    ----------
    network
        The layers.
    parameters
        ``conv1.weight`` and so on, shaped as ``network.parameter_shapes`` says.
    pixels
        Normalised images, float32 ``[N, channels, height, width]``.
    """
    outputs: dict[str, Floats] = {}
    value = pixels
    for layer in network.layers:
        value = _apply(layer, parameters, value)
        outputs[layer.name] = value
    return outputs


def loss_and_gradients(
    network: Network, parameters: Mapping[str, Floats], pixels: Floats, labels: NDArray[np.int64]
) -> tuple[float, int, dict[str, Floats]]:
    """Return the mean cross-entropy, the number right, and the gradient of every parameter.

    Going backward, `gradient` is that of the mean loss by the output of the layer at hand; each
    layer turns it into the gradients of its parameters and that of its input.
    """
    outputs = activations(network, parameters, pixels)
    values = [pixels, *outputs.values()]
    scores = values[-1] - values[-1].max(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    gradient = np.exp(logarithms)
    gradient[rows, labels] -= 1
    gradient /= len(labels)
    gradients: dict[str, Floats] = {}
    for number in reversed(range(len(network.layers))):
        layer, inputs, output = network.layers[number], values[number], values[number + 1]
        gradient = _backward(layer, parameters, inputs, output, gradient, gradients)
    correct = int(np.count_nonzero(scores.argmax(axis=1) == labels))
    ordered = {name: gradients[name] for name in network.parameter_shapes}
    return float(-logarithms[rows, labels].mean()), correct, ordered


def _backward(
    layer: Layer,
    parameters: Mapping[str, Floats],
    inputs: Floats,
    output: Floats,
    gradient: Floats,
    gradients: dict[str, Floats],
) -> Floats:
    match layer:
        case Convolution(name=name, kernel=kernel, padding=padding):
            weight = parameters[f"{name}.weight"]
            gradients[f"{name}.bias"] = gradient.sum(axis=(0, 2, 3))
            # Each weight met every window of the input at the same place within it.
            windows = _windows(inputs, kernel, padding)
            gradients[f"{name}.weight"] = np.tensordot(gradient, windows, ((0, 2, 3), (0, 2, 3)))
            # Each input was met by the kernel turned around.
            turned = weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
            no_bias = np.zeros(len(turned), np.float32)
            return _convolve(gradient, turned, no_bias, kernel - 1 - padding)
        case Linear(name=name):
            gradients[f"{name}.bias"] = gradient.sum(axis=0)
            gradients[f"{name}.weight"] = gradient.T @ inputs
            return gradient @ parameters[f"{name}.weight"]
        case Activation(kind="sigmoid"):
            return gradient * output * (1 - output)
        case Activation(kind="tanh"):
            return gradient * (1 - output**2)
        case Activation():
            return gradient * (output > 0)
        case Pooling(kind="average", size=size):
            return _grow(gradient, size, inputs.shape) / np.float32(size**2)
        case Pooling(size=size):
            # To the first of the largest in each window, as PyTorch does.
            count, channels, height, width = output.shape
            cut = inputs[:, :, : height * size, : width * size]
            cells = cut.reshape(count, channels, height, size, width, size).swapaxes(3, 4)
            flat = cells.reshape(count, channels, height, width, size**2)
            winner = np.arange(size**2) == flat.argmax(axis=4)[..., None]
            chosen = winner.reshape(cells.shape).swapaxes(3, 4).reshape(cut.shape)
            result = np.zeros_like(inputs)
            result[:, :, : height * size, : width * size] = chosen
            return result * _grow(gradient, size, inputs.shape)
        case _:
            return gradient.reshape(inputs.shape)


def _grow(maps: Floats, size: int, shape: tuple[int, ...]) -> Floats:
    """Repeat each value over the window it came from; a remainder at the edge gets nothing."""
    result = np.zeros(shape, np.float32)
    large = maps.repeat(size, axis=2).repeat(size, axis=3)
    result[:, :, : large.shape[2], : large.shape[3]] = large
    return result


def _apply(layer: Layer, parameters: Mapping[str, Floats], value: Floats) -> Floats:
    match layer:
        case Convolution(name=name, padding=padding):
            weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
            return _convolve(value, weight, bias, padding)
        case Linear(name=name):
            weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
            return value @ weight.T + bias
        case Activation(kind=kind):
            return _squash(value, kind)
        case Pooling(kind=kind, size=size):
            windows = sliding_window_view(value, (size, size), axis=(2, 3))[:, :, ::size, ::size]
            return windows.mean(axis=(4, 5)) if kind == "average" else windows.max(axis=(4, 5))
        case _:
            return value.reshape(len(value), -1)


def _convolve(maps: Floats, weight: Floats, bias: Floats, padding: int) -> Floats:
    """Cross-correlate: slide each kernel over the maps, multiply and add up.

    All windows are laid out as rows of a matrix, so that one matrix product does the work.
    """
    windows = _windows(maps, weight.shape[2], padding)
    count, _, height, width = windows.shape[:4]
    rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(count * height * width, -1)
    sums = rows @ weight.reshape(len(weight), -1).T + bias
    return sums.reshape(count, height, width, -1).transpose(0, 3, 1, 2)


def _windows(maps: Floats, kernel: int, padding: int) -> Floats:
    """View maps as ``[N, channels, height, width, kernel, kernel]``; negative padding cuts off."""
    if padding < 0:
        maps = maps[:, :, -padding:padding, -padding:padding]
    else:
        maps = np.pad(maps, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return sliding_window_view(maps, (kernel, kernel), axis=(2, 3))


def _squash(value: Floats, kind: str) -> Floats:
    if kind == "relu":
        return np.maximum(value, 0)
    if kind == "tanh":
        return np.tanh(value)
    # 1 / (1 + exp(-x)), written so that no large x overflows.
    return (0.5 * (1 + np.tanh(0.5 * value))).astype(np.float32)
