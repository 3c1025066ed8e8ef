"""A LeNet unrolled along a field: what it says of every place, computed as if it were one image.

What neighbouring windows share is computed once, because all layers of LeNet are convolutions: C5
is one whose kernel has its input's height. The 1998 paper calls this a space displacement network
(Proc. IEEE 86(11), pages 27 to 29). There a window lies every four columns of pixels, as far apart
as two poolings take them; here every two, for ones may stand closer: the second pooling is made at
every place, and C5 reads every second of its columns.
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.data.split import Images
from lenet.engine.floats import Floats
from lenet.engine.normalization import Normalization
from lenet.engine.reference import apply
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.network import Layer, Network

STEP = 2
"""Columns of pixels between two windows."""


def unrolled(
    network: Network,
    parameters: Mapping[str, Floats],
    normalization: Normalization,
    ink: Images,
) -> Floats:
    """Return the network's scores in a window around every second column of a field.

    Parameters
    ----------
    network
        One that `can_be_unrolled`.
    ink
        uint8 ``[height, width]``, of the network's own height; as if it went on without ink.

    Returns
    -------
    float32 ``[width / 2, classes]``: row t is what the network says of the window whose middle is
    column 2 t + 1.
    """
    side = network.input_shape[2]
    framed = np.pad(ink, ((0, 0), (side // 2 - 1, side // 2)))
    value = normalization(framed[None, None].astype(np.float32))
    last = max(i for i, one in enumerate(network.layers) if isinstance(one, Pooling))
    for place, layer in enumerate(network.layers):
        if isinstance(layer, Pooling):
            value = _pooled(layer, value, 1 if place == last else 2)
        elif isinstance(layer, Convolution):
            value = _convolved(layer, parameters, value)
        elif isinstance(layer, Flatten):
            value = _flattened(value)
        else:
            value = apply(layer, parameters, value)
    return value


def can_be_unrolled(network: Network) -> bool:
    """Tell whether a network has the layers that `unrolled` knows, of whatever widths.

    These are, for one channel: convolutions without frames, and two 2×2 poolings that leave out
    nothing, the second of them last; then linear layers. Elementwise functions may lie between.
    """
    kinds = [type(layer) for layer in network.layers]
    if kinds.count(Flatten) != 1 or network.input_shape[0] != 1:
        return False
    flat = kinds.index(Flatten)
    before, behind = kinds[:flat], kinds[flat + 1 :]
    poolings = [stage for stage in network.stages() if isinstance(stage.layer, Pooling)]
    return (
        network.input_shape[1] == network.input_shape[2]
        and all(_is_plain(layer) for layer in network.layers)
        and before[-1:] == [Pooling]
        and len(poolings) == 2
        and all(stage.input_shape[1] % 2 == 0 for stage in poolings)
        and behind[:1] == [Linear]
    )


def _is_plain(layer: Layer) -> bool:
    if isinstance(layer, Convolution):
        return layer == Convolution(layer.name, layer.channels, layer.kernel)
    if isinstance(layer, Linear):
        return layer == Linear(layer.name, layer.units)
    if isinstance(layer, Pooling):
        return layer.size == 2
    return isinstance(layer, Activation | Flatten)


def _convolved(layer: Convolution, parameters: Mapping[str, Floats], maps: Floats) -> Floats:
    """Convolve one image's maps, a row of the kernels at a time.

    `lenet.engine.reference` lays out every window whole; here a window's columns alone, of which
    its rows are parts: that copies a fifth as much.
    """
    weight, bias = parameters[f"{layer.name}.weight"], parameters[f"{layer.name}.bias"]
    kernel = layer.kernel
    # By row of the maps: [height, channels × kernel, places]
    across = sliding_window_view(maps[0], kernel, axis=2).transpose(1, 0, 3, 2)
    across = np.ascontiguousarray(across).reshape(maps.shape[2], -1, across.shape[3])
    rows = maps.shape[2] - kernel + 1
    sums = np.zeros((rows, len(weight), across.shape[2]), np.float32)
    sums += bias[:, None]
    for down in range(kernel):
        sums += weight[:, :, down].reshape(len(weight), -1) @ across[down : down + rows]
    return np.ascontiguousarray(sums.transpose(1, 0, 2))[None]


def _pooled(layer: Pooling, maps: Floats, step: int) -> Floats:
    """Pool cells of 2×2, one below the other, and a cell every `step` columns across."""
    if layer.kind == "average":
        both = np.add(maps[:, :, :-1:2], maps[:, :, 1::2])
        return np.add(both[..., :-1:step], both[..., 1::step]) * np.float32(0.25)
    both = np.maximum(maps[:, :, :-1:2], maps[:, :, 1::2])
    return np.maximum(both[..., :-1:step], both[..., 1::step])


def _flattened(maps: Floats) -> Floats:
    """Lay out what each window's fully connected layer reads: every second column of the maps."""
    height = maps.shape[2]  # of a window's maps too, which are square
    windows = sliding_window_view(maps[0], (height, STEP * height - 1), axis=(1, 2))
    read = windows[:, 0, :, :, ::STEP]  # [channels, places, height, height]
    return np.ascontiguousarray(read.transpose(1, 0, 2, 3)).reshape(read.shape[1], -1)
