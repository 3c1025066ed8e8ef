"""LeNet's forward pass in NumPy, short enough to learn from.

Arrays are float32 and batch first: maps are ``[N, channels, height, width]``, vectors
``[N, units]``.
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
    maps = np.pad(maps, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(maps, weight.shape[2:], axis=(2, 3))
    count, _, height, width = windows.shape[:4]
    rows = windows.transpose(0, 2, 3, 1, 4, 5).reshape(count * height * width, -1)
    sums = rows @ weight.reshape(len(weight), -1).T + bias
    return sums.reshape(count, height, width, -1).transpose(0, 3, 1, 2)


def _squash(value: Floats, kind: str) -> Floats:
    if kind == "relu":
        return np.maximum(value, 0)
    if kind == "tanh":
        return np.tanh(value)
    # 1 / (1 + exp(-x)), written so that no large x overflows.
    return (0.5 * (1 + np.tanh(0.5 * value))).astype(np.float32)
