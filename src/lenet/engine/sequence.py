"""Runs the native kernels for the networks of 1989 to 1998, one image after another.

These networks learn from one image at a time. The kernels compute chains of padding, convolution,
subsampling and radial basis units, with the scaled hyperbolic tangent. `lenet.engine.reference` and
`lenet.engine.backward` compute the same in NumPy; tests compare both, and PyTorch.
"""

import ctypes
from enum import IntEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import check_images, check_index, check_labels
from lenet.engine.library import NativePlan, Pointers, check_status
from lenet.engine.normalization import Normalization
from lenet.errors import LenetError
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding
from lenet.networks.network import Network, Stage
from lenet.networks.radial_basis import RadialBasis, code
from lenet.networks.subsampling import Subsampling

# No network of 1989 to 1998 has as many connected pairs of maps, and listing them takes long.
_MOST_LINKS = 1_000_000
# Channels are rounded up to whole vectors, so the kernels need 16 times as much for one channel.
# Larger networks are left to NumPy.
_MOST_ACTIVATIONS, _MOST_PARAMETERS = 1 << 18, 1 << 20

# In the order of native/sequence/sequence_spec.hpp.
_PAD, _CONVOLUTION, _SUBSAMPLING, _RADIAL_BASIS = range(4)


class Mode(IntEnum):
    """What `SequencePlan.learn` does; native/sequence/sequence_spec.hpp has the same list."""

    TRAIN = 0
    GRADIENTS = 1
    CURVATURE = 2


def covers(network: Network) -> bool:
    """Return whether the native kernels for single images compute the network."""
    return _operations(network) is not None


@cache
def _operations(network: Network) -> tuple[list[list[int]], list[float]] | None:
    """Return the arguments ``numbers``, by operation, and ``values`` of ``lenet_sequence_create``.

    None for a network that the kernels do not compute.
    """
    sizes = [stage.size for stage in network.stages()]
    if (
        sum(size.activations for size in sizes) > _MOST_ACTIVATIONS
        or sum(size.parameters for size in sizes) > _MOST_PARAMETERS
        or sum(map(_link_count, network.stages())) > _MOST_LINKS
    ):
        return None
    # An operation is its kind, squash, size, stride, unit_bias, channels, number of links, links.
    operations: list[list[int]] = []
    values: list[float] = []
    maps = network.input_shape
    for stage in network.stages():
        layer, shape = stage.layer, stage.input_shape
        # A fully connected layer is a convolution whose kernel has the size of the maps that were
        # flattened: a vector holds the values of its maps in the same order.
        match layer:
            case Padding(size=size, value=value):
                operations.append([_PAD, 0, size, 1, 0, 0, 0])
                values.append(value)
            case Convolution(padding=padding, border=border):
                if padding:
                    operations.append([_PAD, 0, padding, 1, 0, 0, 0])
                    values.append(border)
                operations.append(_convolution(layer, shape[0]))
                values.append(0)
            case Linear(units=units):
                side = maps[1]
                links = [n for out in range(units) for into in range(maps[0]) for n in (out, into)]
                operations.append([_CONVOLUTION, 0, side, 1, 0, units, len(links) // 2, *links])
                values.append(0)
            case Subsampling(kind=kind, size=size) if _weighted(operations):
                operations.append([_SUBSAMPLING, 0, size, 1, 0, 0, 0])
                values.append(1 if kind == "sum" else 1 / size**2)
            case Activation(kind="scaled tanh") if _weighted(operations) and not operations[-1][1]:
                operations[-1][1] = 1
                continue
            case RadialBasis(characters=characters, rubbish=rubbish) if (
                _weighted(operations) and maps[1] == 1 and layer is network.layers[-1]
            ):
                operations.append([_RADIAL_BASIS, 0, 1, 1, 0, len(characters), 0])
                values += [rubbish, *(cell for one in characters for cell in code(one))]
            case Flatten():
                continue
            case _:
                return None
        maps = stage.output_shape if len(stage.output_shape) == 3 else (stage.output_shape[0], 1, 1)
        if maps[1] != maps[2]:
            return None
    # The kernels have two losses: of squashed outputs and of radial basis units.
    ends = isinstance(network.layers[-1], Activation | RadialBasis)
    square = network.input_shape[1] == network.input_shape[2]
    return (operations, values) if ends and square and maps[1] == 1 else None


def _link_count(stage: Stage) -> int:
    """Return how many connected pairs of maps a layer has, at most; nothing is listed."""
    match stage.layer:
        case Convolution() as layer:
            return layer.link_count(stage.input_shape[0])
        case Linear(units=units):
            return units * stage.input_shape[0]
        case _:
            return 0


def _weighted(operations: list[list[int]]) -> bool:
    """Return whether the last operation has weights."""
    return bool(operations) and operations[-1][0] in (_CONVOLUTION, _SUBSAMPLING)


def _convolution(layer: Convolution, channels: int) -> list[int]:
    links = layer.links(channels)
    numbers = [n for link in links for n in link]
    unit = int(layer.bias == "unit")
    return [_CONVOLUTION, 0, layer.kernel, layer.stride, unit, layer.channels, len(links), *numbers]


class SequencePlan(NativePlan):
    """A network for which `covers` is True, prepared for the kernels."""

    _free = "lenet_sequence_free"
    _forward = "lenet_sequence_forward"

    def _create(self, variant: bytes, plan: Any) -> int:
        operations = _operations(self.network)
        if operations is None:
            raise LenetError(f"the native engine cannot compute the network {self.network.name!r}")
        numbers = [number for operation in operations[0] for number in operation]
        return self._library.lenet_sequence_create(
            variant,
            self.network.input_shape[0],
            self.network.input_shape[1],
            len(operations[0]),
            (ctypes.c_int32 * len(numbers))(*numbers),
            (ctypes.c_float * len(operations[1]))(*operations[1]),
            plan,
        )

    def learn(
        self,
        mode: Mode,
        parameters: Pointers,
        others: Pointers,
        normalization: Normalization,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        index: NDArray[np.int64],
        discriminative: bool = False,
    ) -> tuple[float, int]:
        """Go through images one after another, on one thread.

        Parameters
        ----------
        mode
            ``TRAIN``: change each parameter after each image, against its gradient, with its own
            learning rate in `others`. ``GRADIENTS`` or ``CURVATURE``: write the mean first or
            second derivatives to `others`.
        parameters, others
            Arrays of the shapes of the network's parameters.
        images, labels
            uint8 ``[N, height, width]`` or ``[N, height, width, channels]``, and int64 ``[N]``.
        index
            int64: the numbers of the images, in order.
        discriminative
            As for `lenet.engine.backward.loss_and_gradients`.

        Returns
        -------
        The sum of the images' losses and the number of correct images, each computed before the
        image changes the parameters.
        """
        check_images(self.network, images)
        check_labels(self.network, images, labels)
        check_index(images, index)
        images, labels = np.ascontiguousarray(images), np.ascontiguousarray(labels)
        index = np.ascontiguousarray(index)
        loss, correct = ctypes.c_double(), ctypes.c_int64()
        status = self._library.lenet_sequence_learn(
            self._plan,
            mode,
            discriminative,
            parameters.table,
            others.table,
            images.ctypes.data,
            labels.ctypes.data,
            normalization.scale,
            normalization.offset,
            index.ctypes.data,
            len(index),
            ctypes.byref(loss),
            ctypes.byref(correct),
        )
        check_status(status)
        return loss.value, correct.value
