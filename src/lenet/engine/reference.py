"""The networks forward in NumPy, short enough to learn from.

Arrays are float32 and batch first: maps are ``[N, channels, height, width]``, vectors
``[N, units]``. The native engine computes the same, and is tested against this and PyTorch. The way
back: `lenet.engine.backward`.
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.engine.checks import Floats
from lenet.networks.convolution import Convolution
from lenet.networks.layers import AMPLITUDE, LEAK, SLOPE, Activation, Linear, Padding, Pooling
from lenet.networks.network import Layer, Network
from lenet.networks.radial_basis import RadialBasis, code
from lenet.networks.residual import KERNEL, LOST, Residual
from lenet.networks.subsampling import Subsampling


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
        value = apply(layer, parameters, value)
        outputs[layer.name] = value
    return outputs


def apply(layer: Layer, parameters: Mapping[str, Floats], value: Floats) -> Floats:
    """Return one layer's output; maps may be of any height and width."""
    match layer:
        case Convolution():
            return _convolve(layer, parameters, value)
        case Residual():
            return _residual(layer, parameters, value)
        case Linear(name=name):
            weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
            return value @ weight.T + bias
        case Activation(kind=kind):
            return _squash(value, kind)
        case Pooling(kind=kind, size=size):
            cells = _cells(value, size, size)
            return cells.mean(axis=(4, 5)) if kind == "average" else cells.max(axis=(4, 5))
        case Subsampling(name=name, kind=kind, size=size):
            weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
            cells = _cells(value, size, size)
            pooled = cells.sum(axis=(4, 5)) if kind == "sum" else cells.mean(axis=(4, 5))
            return pooled * weight[:, None, None] + bias[:, None, None]
        case Padding(size=size, value=border):
            return _frame(value, size, border)
        case RadialBasis():
            return -((value[:, None] - codes_of(layer, value)) ** 2).sum(axis=2)
        case _:
            return value.reshape(len(value), -1)


def _convolve(layer: Convolution, parameters: Mapping[str, Floats], maps: Floats) -> Floats:
    """Cross-correlate: slide each kernel over the maps, multiply and add up.

    All windows are laid out as rows of a matrix, so that one matrix product does the work.
    """
    weight = dense_weight(layer, parameters, maps.shape[1])
    bias = parameters[f"{layer.name}.bias"]
    met = windows(layer, maps)
    count, _, height, width = met.shape[:4]
    rows = met.transpose(0, 2, 3, 1, 4, 5).reshape(count * height * width, -1)
    sums = rows @ weight.reshape(len(weight), -1).T
    sums = sums.reshape(count, height, width, -1).transpose(0, 3, 1, 2)
    return sums + (bias if layer.bias == "unit" else bias[:, None, None])


def _residual(layer: Residual, parameters: Mapping[str, Floats], maps: Floats) -> Floats:
    value = np.maximum(_summed(f"{layer.name}.first", parameters, maps), 0)
    value = _summed(f"{layer.name}.second", parameters, value)
    past = maps[..., LOST // 2 : -LOST // 2]
    if maps.shape[1] != layer.channels:
        kernels = parameters[f"{layer.name}.shortcut.weight"]
        past = np.tensordot(kernels, past, (1, 1)).swapaxes(0, 1)
    return _cells(np.maximum(value + past, 0), layer.rows, layer.columns).max(axis=(4, 5))


def _summed(name: str, parameters: Mapping[str, Floats], maps: Floats) -> Floats:
    """Convolve as `Residual` does: framed above and below, and nowhere else."""
    framed = np.pad(maps, ((0, 0), (0, 0), (1, 1), (0, 0)))
    met = sliding_window_view(framed, (KERNEL, KERNEL), axis=(2, 3))
    sums = np.tensordot(parameters[f"{name}.weight"], met, ((1, 2, 3), (1, 4, 5)))
    return sums.swapaxes(0, 1) + parameters[f"{name}.bias"][:, None, None]


def dense_weight(layer: Convolution, parameters: Mapping[str, Floats], channels: int) -> Floats:
    """Return the kernels as ``[out, in, kernel, kernel]``, zero where nothing is connected."""
    weight = parameters[f"{layer.name}.weight"]
    if layer.table is None:
        return weight
    out, into = np.array(layer.links(channels)).T
    dense = np.zeros((layer.channels, channels, layer.kernel, layer.kernel), weight.dtype)
    dense[out, into] = weight
    return dense


def windows(layer: Convolution, maps: Floats) -> Floats:
    """View maps as ``[N, channels, height, width, kernel, kernel]``, a window for each unit."""
    kernel, stride = layer.kernel, layer.stride
    framed = _frame(maps, layer.padding, layer.border)
    every = sliding_window_view(framed, (kernel, kernel), axis=(2, 3))
    return every[:, :, ::stride, ::stride]


def codes_of(layer: RadialBasis, like: Floats) -> Floats:
    """Return the bitmaps of Gaussian units, ``[units, 84]``, in the precision of `like`."""
    return np.array([code(character) for character in layer.characters], like.dtype)


def _frame(maps: Floats, size: int, value: float) -> Floats:
    edges = ((0, 0), (0, 0), (size, size), (size, size))
    return np.pad(maps, edges, constant_values=value)


def _cells(maps: Floats, rows: int, columns: int) -> Floats:
    every = sliding_window_view(maps, (rows, columns), axis=(2, 3))
    return every[:, :, ::rows, ::columns]


def _squash(value: Floats, kind: str) -> Floats:
    if kind == "relu":
        return np.maximum(value, 0)
    if kind == "leaky relu":
        return np.maximum(value, np.asarray(LEAK, value.dtype) * value)
    if kind == "tanh":
        return np.tanh(value)
    if kind == "scaled tanh":
        return np.asarray(AMPLITUDE, value.dtype) * np.tanh(np.asarray(SLOPE, value.dtype) * value)
    # 1 / (1 + exp(-x)), written so that no large x overflows.
    return (0.5 * (1 + np.tanh(0.5 * value))).astype(value.dtype)
