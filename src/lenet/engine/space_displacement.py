"""A LeNet unrolled along a field: what it says of every place, computed as if it were one image.

What neighbouring windows share is computed once, because all layers of LeNet are convolutions: C5
is one whose kernel has its input's height. The 1998 paper calls this a space displacement network
(Proc. IEEE 86(11), pages 27 to 29). There a window lies every four columns of pixels, as far apart
as two poolings take them; here every two, for ones may stand closer: behind the first pooling that
joins columns, all are made at every place, and what reads their maps leaves out those between.
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.engine.checks import Floats
from lenet.engine.normalization import Normalization
from lenet.engine.reference import apply
from lenet.networks.convolution import Convolution
from lenet.networks.dilation import STEP, Spread
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.network import Layer, Network, Stage
from lenet.networks.residual import LOST, Residual
from lenet.pictures.types import Images


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
    spread = Spread()
    for stage in network.stages():
        layer = stage.layer
        if isinstance(layer, Pooling):
            value = _pooled(layer.kind, value, layer.size, layer.size, spread)
        elif isinstance(layer, Convolution):
            value = _convolved(layer.name, parameters, value, spread.columns)
        elif isinstance(layer, Residual):
            value = _block(layer, parameters, value, spread.columns)
            value = _pooled("max", value, layer.rows, layer.columns, spread)
        elif isinstance(layer, Flatten):
            value = _flattened(value, stage.input_shape[2], spread.columns)
        else:
            value = apply(layer, parameters, value)
    return value


def can_be_unrolled(network: Network) -> bool:
    """Tell whether a network has the layers that `unrolled` knows, of whatever widths.

    These are, for one channel: convolutions without frames, residual blocks and poolings of 2×2 or
    two rows that leave out nothing, one of which at least joins columns; then linear layers.
    Elementwise functions may lie between.
    """
    kinds = [type(layer) for layer in network.layers]
    if kinds.count(Flatten) != 1 or network.input_shape[0] != 1 or network.input_shape[2] % 2:
        return False
    stages = list(network.stages())
    return (
        all(_is_plain(stage.layer) and _is_whole(stage) for stage in stages)
        and any(_cell(stage.layer)[1] == STEP for stage in stages)
        and kinds[kinds.index(Flatten) + 1 :][:1] == [Linear]
    )


def _is_plain(layer: Layer) -> bool:
    if isinstance(layer, Convolution):
        return layer == Convolution(layer.name, layer.channels, layer.kernel)
    if isinstance(layer, Linear):
        return layer == Linear(layer.name, layer.units)
    return (
        isinstance(layer, Residual | Pooling | Activation | Flatten) and max(_cell(layer)) <= STEP
    )


def _is_whole(stage: Stage) -> bool:
    """Tell whether a layer's cells leave out no row or column of a window's maps."""
    rows, columns = _cell(stage.layer)
    lost = LOST if isinstance(stage.layer, Residual) else 0
    return rows * columns == 1 or not (
        stage.input_shape[1] % rows or (stage.input_shape[2] - lost) % columns
    )


def _cell(layer: Layer) -> tuple[int, int]:
    """Return the rows and columns of which a layer makes one, at its end."""
    if isinstance(layer, Pooling):
        return layer.size, layer.size
    return (layer.rows, layer.columns) if isinstance(layer, Residual) else (1, 1)


def _block(layer: Residual, parameters: Mapping[str, Floats], maps: Floats, spread: int) -> Floats:
    """Compute a residual block but for its cells."""
    lost = LOST // 2 * spread
    past = maps[..., lost:-lost]
    if maps.shape[1] != layer.channels:
        kernels = parameters[f"{layer.name}.shortcut.weight"]
        past = (kernels @ past.reshape(len(past[0]), -1)).reshape(1, -1, *past.shape[2:])
    above = ((0, 0), (0, 0), (1, 1), (0, 0))
    value = _convolved(f"{layer.name}.first", parameters, np.pad(maps, above), spread)
    value = np.maximum(value, 0)
    value = _convolved(f"{layer.name}.second", parameters, np.pad(value, above), spread)
    return np.maximum(value + past, 0)


def _convolved(name: str, parameters: Mapping[str, Floats], maps: Floats, spread: int) -> Floats:
    """Convolve one image's maps, a row of the kernels at a time.

    `lenet.engine.reference` lays out every window whole; here a window's columns alone, of which
    its rows are parts: that copies a fifth as much.
    """
    weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
    kernel = weight.shape[2]
    # By row of the maps: [height, channels × kernel, places]
    across = sliding_window_view(maps[0], spread * (kernel - 1) + 1, axis=2)[..., ::spread]
    across = np.ascontiguousarray(across.transpose(1, 0, 3, 2))
    across = across.reshape(maps.shape[2], -1, across.shape[3])
    rows = maps.shape[2] - kernel + 1
    sums = np.zeros((rows, len(weight), across.shape[2]), np.float32)
    sums += bias[:, None]
    for down in range(kernel):
        sums += weight[:, :, down].reshape(len(weight), -1) @ across[down : down + rows]
    return np.ascontiguousarray(sums.transpose(1, 0, 2))[None]


def _pooled(kind: str, maps: Floats, rows: int, columns: int, spread: Spread) -> Floats:
    """Join `rows` rows, one cell below the other, and `columns` columns as `Spread` says."""
    join = np.add if kind == "average" else np.maximum
    apart = spread.columns
    stride = spread.pool(columns)
    if rows > 1:
        maps = join(maps[:, :, ::2], maps[:, :, 1::2])
    if columns > 1:
        maps = join(maps[..., :-apart:stride], maps[..., apart::stride])
    return maps / np.float32(rows * columns) if kind == "average" else maps


def _flattened(maps: Floats, width: int, spread: int) -> Floats:
    """Lay out what each window's fully connected layer reads: `width` columns of the maps."""
    windows = sliding_window_view(maps[0], spread * (width - 1) + 1, axis=2)[..., ::spread]
    # [channels, height, places, width]
    read = windows.transpose(2, 0, 1, 3)
    return np.ascontiguousarray(read).reshape(len(read), -1)
