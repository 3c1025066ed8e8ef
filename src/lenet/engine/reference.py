"""Computes the forward pass in NumPy: each layer in a few lines.

This is the reference. The native engine and PyTorch compute the same, and tests compare all three.
`lenet.engine.backward` computes the gradients.

All arrays are float32 with the batch first: maps are ``[N, channels, height, width]``, vectors are
``[N, units]``. `lenet.networks.lenet` says which layers follow one another.
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.engine.checks import Floats
from lenet.networks.convolution import Convolution
from lenet.networks.layers import AMPLITUDE, LEAK, SLOPE, Activation, Linear, Padding, Pooling
from lenet.networks.network import Layer, Network
from lenet.networks.radial_basis import RadialBasis, code
from lenet.networks.residual import KERNEL, LOST_COLUMNS, Residual
from lenet.networks.subsampling import Subsampling


def activations(
    network: Network, parameters: Mapping[str, Floats], pixels: Floats
) -> dict[str, Floats]:
    """Compute the output of every layer, from the first to the last.

    Parameters
    ----------
    network
        The layers.
    parameters
        ``conv1.weight`` and so on, with the shapes of ``network.parameter_shapes``.
    pixels
        Normalised images, float32 ``[N, channels, height, width]``.

    Returns
    -------
    Each layer's output by the layer's name; the last one is the scores, ``[N, classes]``.

    Examples
    --------
    >>> from lenet.networks import lenet_network
    >>> network = lenet_network()
    >>> zeros = {name: np.zeros(shape) for name, shape in network.parameter_shapes.items()}
    >>> outputs = activations(network, zeros, np.zeros((3, 1, 28, 28)))
    >>> outputs["conv1"].shape, outputs["pool2"].shape, outputs["fc3"].shape
    ((3, 6, 28, 28), (3, 16, 5, 5), (3, 10))
    """
    outputs: dict[str, Floats] = {}
    value = pixels
    for layer in network.layers:
        value = apply(layer, parameters, value)
        outputs[layer.name] = value
    return outputs


def apply(layer: Layer, parameters: Mapping[str, Floats], value: Floats) -> Floats:
    """Compute the output of one layer from its input, which may have any height and width."""
    match layer:
        case Convolution():
            return _convolve(layer, parameters, value)
        case Activation(kind=kind):
            return _activate(value, kind)
        case Pooling(kind=kind, size=size):
            cells = _cells(value, size, size)
            return cells.mean(axis=(4, 5)) if kind == "average" else cells.max(axis=(4, 5))
        case Linear(name=name):
            return value @ parameters[f"{name}.weight"].T + parameters[f"{name}.bias"]
        case Padding(size=size, value=border):
            return _pad(value, size, border)
        case Subsampling(name=name, kind=kind, size=size):
            # Pooling as in 1989 to 1998, with one coefficient and one bias per map.
            weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
            cells = _cells(value, size, size)
            pooled = cells.sum(axis=(4, 5)) if kind == "sum" else cells.mean(axis=(4, 5))
            return pooled * weight[:, None, None] + bias[:, None, None]
        case RadialBasis():
            # LeNet-5's output: minus the squared distance to the bitmap of each character.
            return -((value[:, None] - codes_of(layer, value)) ** 2).sum(axis=2)
        case Residual():
            return _residual(layer, parameters, value)
        case _:  # flatten
            return value.reshape(len(value), -1)


def _convolve(layer: Convolution, parameters: Mapping[str, Floats], maps: Floats) -> Floats:
    """Slide each kernel over the maps, multiply and add up.

    ``output[n, o, y, x] = bias[o] + sum over c, i, j of
    weight[o, c, i, j] * maps[n, c, y * stride + i, x * stride + j]``

    Every window of the input becomes one row of a matrix. One matrix product then does all the
    multiplications (this is known as im2col).
    """
    weight = dense_weight(layer, parameters, maps.shape[1])  # [out, in, kernel, kernel]
    seen = windows(layer, maps)  # [N, in, height, width, kernel, kernel]
    count, _, height, width = seen.shape[:4]
    rows = seen.transpose(0, 2, 3, 1, 4, 5).reshape(count * height * width, -1)
    sums = rows @ weight.reshape(len(weight), -1).T  # [N * height * width, out]
    sums = sums.reshape(count, height, width, -1).transpose(0, 3, 1, 2)
    bias = parameters[f"{layer.name}.bias"]
    return sums + (bias if layer.bias == "unit" else bias[:, None, None])


def windows(layer: Convolution, maps: Floats) -> Floats:
    """View maps as ``[N, channels, height, width, kernel, kernel]``: the window of each unit."""
    kernel, stride = layer.kernel, layer.stride
    padded = _pad(maps, layer.padding, layer.border)
    every = sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    return every[:, :, ::stride, ::stride]


def dense_weight(layer: Convolution, parameters: Mapping[str, Floats], channels: int) -> Floats:
    """Return the kernels as ``[out, in, kernel, kernel]``, zero for maps that are not connected."""
    weight = parameters[f"{layer.name}.weight"]
    if layer.table is None:
        return weight
    out, into = np.array(layer.links(channels)).T
    dense = np.zeros((layer.channels, channels, layer.kernel, layer.kernel), weight.dtype)
    dense[out, into] = weight
    return dense


def _activate(value: Floats, kind: str) -> Floats:
    """Apply an activation function to every element."""
    if kind == "relu":
        return np.maximum(value, 0)
    if kind == "leaky relu":
        return np.maximum(value, np.asarray(LEAK, value.dtype) * value)
    if kind == "tanh":
        return np.tanh(value)
    if kind == "scaled tanh":
        return np.asarray(AMPLITUDE, value.dtype) * np.tanh(np.asarray(SLOPE, value.dtype) * value)
    # The sigmoid 1 / (1 + exp(-x)), in a form that does not overflow for large negative x.
    return (0.5 * (1 + np.tanh(0.5 * value))).astype(value.dtype)


def _cells(maps: Floats, rows: int, columns: int) -> Floats:
    """View maps as ``[N, channels, height, width, rows, columns]``: cells that do not overlap."""
    every = sliding_window_view(maps, (rows, columns), axis=(2, 3))
    return every[:, :, ::rows, ::columns]


def _pad(maps: Floats, size: int, value: float) -> Floats:
    edges = ((0, 0), (0, 0), (size, size), (size, size))
    return np.pad(maps, edges, constant_values=value)


def codes_of(layer: RadialBasis, like: Floats) -> Floats:
    """Return the bitmaps of the output units, ``[units, 84]`` of ±1, in the dtype of `like`."""
    return np.array([code(character) for character in layer.characters], like.dtype)


def _residual(layer: Residual, parameters: Mapping[str, Floats], maps: Floats) -> Floats:
    """Two 3x3 convolutions whose result is added to their input, then max pooling."""
    value = np.maximum(_convolve_3x3(f"{layer.name}.first", parameters, maps), 0)
    value = _convolve_3x3(f"{layer.name}.second", parameters, value)
    shortcut = maps[..., LOST_COLUMNS // 2 : -LOST_COLUMNS // 2]
    if maps.shape[1] != layer.channels:
        kernels = parameters[f"{layer.name}.shortcut.weight"]
        shortcut = np.tensordot(kernels, shortcut, (1, 1)).swapaxes(0, 1)
    return _cells(np.maximum(value + shortcut, 0), layer.rows, layer.columns).max(axis=(4, 5))


def _convolve_3x3(name: str, parameters: Mapping[str, Floats], maps: Floats) -> Floats:
    """Convolve with padding above and below, and none to the left and right."""
    padded = np.pad(maps, ((0, 0), (0, 0), (1, 1), (0, 0)))
    seen = sliding_window_view(padded, (KERNEL, KERNEL), axis=(2, 3))
    sums = np.tensordot(parameters[f"{name}.weight"], seen, ((1, 2, 3), (1, 4, 5)))
    return sums.swapaxes(0, 1) + parameters[f"{name}.bias"][:, None, None]
