"""Runs a network along a number image as one convolution (a space displacement network).

Every layer of LeNet is a convolution: the kernel of the fully connected layer C5 has the height of
its input. So the values that neighbouring windows share are computed once (Proc. IEEE 86(11), 1998,
pages 27 to 29). In the paper two poolings put a window every 4 pixels. Here there is one every 2
pixels, because two digits "1" can be closer than 4 pixels (`lenet.networks.dilation`).
"""

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.engine.checks import Floats
from lenet.engine.normalization import Normalization
from lenet.engine.reference import apply
from lenet.networks.convolution import Convolution
from lenet.networks.dilation import STEP, ColumnDilation
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.network import Layer, Network, Stage
from lenet.networks.residual import LOST_COLUMNS, Residual
from lenet.pictures.types import Images


def space_displacement(
    network: Network, parameters: Mapping[str, Floats], normalization: Normalization, ink: Images
) -> Floats:
    """Compute the network's scores in a window around every second column of a number image.

    Parameters
    ----------
    network
        `is_space_displacement` must return True for it.
    ink
        uint8 ``[height, width]``, of the height of the network's input. The image is padded with 0
        to the left and right.

    Returns
    -------
    float32 ``[width / 2, classes]``: row t has the scores of the window around column 2 t + 1.
    """
    side = network.input_shape[2]
    padded = np.pad(ink, ((0, 0), (side // 2 - 1, side // 2)))
    value = normalization(padded[None, None].astype(np.float32))
    dilation = ColumnDilation()
    for stage in network.stages():
        layer = stage.layer
        if isinstance(layer, Pooling):
            value = _pool(layer.kind, value, layer.size, layer.size, dilation)
        elif isinstance(layer, Convolution):
            value = _convolve(layer.name, parameters, value, dilation.columns)
        elif isinstance(layer, Residual):
            value = _residual(layer, parameters, value, dilation.columns)
            value = _pool("max", value, layer.rows, layer.columns, dilation)
        elif isinstance(layer, Flatten):
            value = _windows(value, stage.input_shape[2], dilation.columns)
        else:
            value = apply(layer, parameters, value)
    return value


def is_space_displacement(network: Network) -> bool:
    """Return whether `space_displacement` can run a network.

    Its input has one channel. Its layers are convolutions without padding, residual blocks and
    poolings, then fully connected layers. Pooling windows have at most 2 rows and 2 columns, drop
    no remainder, and at least one of them has 2 columns. Activation functions may lie between.
    """
    kinds = [type(layer) for layer in network.layers]
    if kinds.count(Flatten) != 1 or network.input_shape[0] != 1 or network.input_shape[2] % 2:
        return False
    stages = list(network.stages())
    return (
        all(_is_plain(stage.layer) and _is_whole(stage) for stage in stages)
        and any(_pooling(stage.layer)[1] == STEP for stage in stages)
        and kinds[kinds.index(Flatten) + 1 :][:1] == [Linear]
    )


def _is_plain(layer: Layer) -> bool:
    if isinstance(layer, Convolution):
        return layer == Convolution(layer.name, layer.channels, layer.kernel)
    if isinstance(layer, Linear):
        return layer == Linear(layer.name, layer.units)
    known = isinstance(layer, Residual | Pooling | Activation | Flatten)
    return known and max(_pooling(layer)) <= STEP


def _is_whole(stage: Stage) -> bool:
    """Return whether a layer's pooling windows leave out no row or column of the maps."""
    rows, columns = _pooling(stage.layer)
    if rows * columns == 1:
        return True
    _, height, width = stage.input_shape
    width -= LOST_COLUMNS if isinstance(stage.layer, Residual) else 0
    return height % rows == 0 and width % columns == 0


def _pooling(layer: Layer) -> tuple[int, int]:
    """Return the rows and columns of a layer's pooling windows; (1, 1) if it does not pool."""
    if isinstance(layer, Pooling):
        return layer.size, layer.size
    return (layer.rows, layer.columns) if isinstance(layer, Residual) else (1, 1)


def _residual(
    layer: Residual, parameters: Mapping[str, Floats], maps: Floats, dilation: int
) -> Floats:
    """Compute a residual block without its pooling."""
    lost = LOST_COLUMNS // 2 * dilation
    shortcut = maps[..., lost:-lost]
    if maps.shape[1] != layer.channels:
        kernels, shape = parameters[f"{layer.name}.shortcut.weight"], shortcut.shape
        shortcut = (kernels @ shortcut.reshape(shape[1], -1)).reshape(1, -1, *shape[2:])
    rows = ((0, 0), (0, 0), (1, 1), (0, 0))
    value = _convolve(f"{layer.name}.first", parameters, np.pad(maps, rows), dilation)
    value = np.maximum(value, 0)
    value = _convolve(f"{layer.name}.second", parameters, np.pad(value, rows), dilation)
    return np.maximum(value + shortcut, 0)


def _convolve(name: str, parameters: Mapping[str, Floats], maps: Floats, dilation: int) -> Floats:
    """Convolve one image's maps, one row of the kernels at a time.

    `lenet.engine.reference` copies all pixels of each window. Here the rows of a window share a
    copy of its columns, which copies a fifth as much.
    """
    weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
    kernel = weight.shape[2]
    # For each row of the maps: [height, channels × kernel, places].
    windows = _dilated_windows(maps, kernel, dilation).transpose(1, 0, 3, 2)
    windows = np.ascontiguousarray(windows).reshape(maps.shape[2], -1, windows.shape[3])
    rows = maps.shape[2] - kernel + 1
    sums = np.zeros((rows, len(weight), windows.shape[2]), np.float32)
    sums += bias[:, None]
    for row in range(kernel):
        sums += weight[:, :, row].reshape(len(weight), -1) @ windows[row : row + rows]
    return np.ascontiguousarray(sums.transpose(1, 0, 2))[None]


def _pool(kind: str, maps: Floats, rows: int, columns: int, dilation: ColumnDilation) -> Floats:
    """Pool `rows` rows and `columns` columns, each 1 or 2, with the stride of `dilation`."""
    join = np.add if kind == "average" else np.maximum
    distance = dilation.columns
    stride = dilation.pool(columns)
    if rows > 1:
        maps = join(maps[:, :, ::2], maps[:, :, 1::2])
    if columns > 1:
        maps = join(maps[..., :-distance:stride], maps[..., distance::stride])
    return maps / np.float32(rows * columns) if kind == "average" else maps


def _windows(maps: Floats, width: int, dilation: int) -> Floats:
    """Flatten the `width` columns of each window for the first fully connected layer."""
    windows = _dilated_windows(maps, width, dilation).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(windows).reshape(len(windows), -1)


def _dilated_windows(maps: Floats, columns: int, dilation: int) -> Floats:
    """View one image's maps as ``[channels, height, places, columns]``."""
    reach = dilation * (columns - 1) + 1
    return sliding_window_view(maps[0], reach, axis=2)[..., ::dilation]
