"""The native kernels for networks that learn from one image at a time: those of 1989 to 1998.

They are chains of framing, convolution by any table and stride, subsampling and Gaussian units,
squashed by the scaled hyperbolic tangent. `lenet.engine.reference` and `lenet.engine.backward`
compute the same, and these kernels are tested against them and PyTorch.
"""

import ctypes
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats, check_images, check_index, check_labels
from lenet.engine.library import Handle, Pointers, check_memory, default_threads
from lenet.engine.normalization import Normalization
from lenet.errors import LenetError
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding
from lenet.networks.network import Network
from lenet.networks.radial_basis import RadialBasis, code
from lenet.networks.subsampling import Subsampling

# In the order of native/sequence_spec.hpp.
_PAD, _CONVOLUTION, _SUBSAMPLING, _RADIAL_BASIS = range(4)


class Mode(IntEnum):
    """What `SequencePlan.learn` does; native/sequence_spec.hpp has the same list."""

    TRAIN = 0
    GRADIENTS = 1
    CURVATURE = 2


def covers(network: Network) -> bool:
    """Tell whether the kernels know the network."""
    return _operations(network) is not None


@cache
def _operations(network: Network) -> tuple[list[list[int]], list[float]] | None:
    """Return the operations in the numbers and values that ``lenet_sequence_plan`` takes."""
    operations: list[list[int]] = []
    values: list[float] = []
    maps = network.input_shape
    for stage in network.stages():
        layer, shape = stage.layer, stage.input_shape
        # A vector comes from maps that were flattened, and is read as those maps by a kernel of
        # their size: the order of its numbers is the same.
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
            case Subsampling(kind=kind, size=size) if _learns(operations):
                operations.append([_SUBSAMPLING, 0, size, 1, 0, 0, 0])
                values.append(1 if kind == "sum" else 1 / size**2)
            case Activation(kind="scaled tanh") if _learns(operations) and not operations[-1][1]:
                operations[-1][1] = 1
                continue
            case RadialBasis(characters=characters, rubbish=rubbish) if (
                _learns(operations) and maps[1] == 1 and layer is network.layers[-1]
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
    # The kernels know two losses: those of squashed and of Gaussian outputs.
    ends = isinstance(network.layers[-1], Activation | RadialBasis)
    square = network.input_shape[1] == network.input_shape[2]
    return (operations, values) if ends and square and maps[1] == 1 else None


def _learns(operations: list[list[int]]) -> bool:
    return bool(operations) and operations[-1][0] in (_CONVOLUTION, _SUBSAMPLING)


def _convolution(layer: Convolution, channels: int) -> list[int]:
    links = layer.links(channels)
    numbers = [n for link in links for n in link]
    unit = int(layer.bias == "unit")
    return [_CONVOLUTION, 0, layer.kernel, layer.stride, unit, layer.channels, len(links), *numbers]


class SequencePlan(Handle):
    """A network and an instruction set, ready to compute. Safe to share between threads.

    Parameters
    ----------
    network
        One that `covers` knows.
    variant
        One of `lenet.engine.library.variants`; by default the best.

    Raises
    ------
    LenetError
        Another network or variant, or no library.
    """

    _free = "lenet_sequence_free"

    def _made(self) -> int | None:
        network = self.network
        operations = _operations(network)
        if operations is None:
            raise LenetError(f"the native engine does not know networks such as {network.name!r}")
        numbers = [number for operation in operations[0] for number in operation]
        return self._library.lenet_sequence_plan(
            self.variant.encode(),
            ctypes.c_int(network.input_shape[0]),
            ctypes.c_int(network.input_shape[1]),
            ctypes.c_int(len(operations[0])),
            (ctypes.c_int32 * len(numbers))(*numbers),
            (ctypes.c_float * len(operations[1]))(*operations[1]),
        )

    def forward(
        self,
        parameters: Pointers,
        normalization: Normalization,
        images: NDArray[np.uint8],
        threads: int | None = None,
    ) -> Floats:
        """Return scores, float32 ``[N, classes]``, of uint8 images; see `lenet.engine.forward`."""
        check_images(self.network, images)
        images = np.ascontiguousarray(images)
        scores = np.empty((len(images), self.network.classes), np.float32)
        failed = self._library.lenet_sequence_forward(
            ctypes.c_void_p(self._plan),
            parameters.table,
            ctypes.c_void_p(images.ctypes.data),
            ctypes.c_int64(len(images)),
            ctypes.c_float(normalization.scale),
            ctypes.c_float(normalization.offset),
            ctypes.c_int(threads or default_threads()),
            ctypes.c_void_p(scores.ctypes.data),
        )
        check_memory(failed)
        return scores

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
            ``TRAIN``: after each image, every parameter takes a step against its gradient by its
            own rate, which `others` holds. ``GRADIENTS`` and ``CURVATURE``: parameters stay, and
            `others` gets the mean of their first or second derivatives.
        parameters, others
            As the network's parameters.
        images, labels
            uint8 ``[N, height, width]`` or ``[N, height, width, channels]``, and int64 ``[N]``.
        index
            int64, the numbers of the images, in order.
        discriminative
            Whether squashed outputs learn by `lenet.engine.losses.discrimination`.

        Returns
        -------
        The sum of the images' losses, each taken before its own step, and how many were right:
        the loss is that of `lenet.engine.backward.loss_and_gradients`.
        """
        check_images(self.network, images)
        check_labels(self.network, images, labels)
        check_index(images, index)
        images, labels = np.ascontiguousarray(images), np.ascontiguousarray(labels)
        index = np.ascontiguousarray(index)
        loss, correct = ctypes.c_double(), ctypes.c_int64()
        failed = self._library.lenet_sequence_learn(
            ctypes.c_void_p(self._plan),
            ctypes.c_int(mode),
            ctypes.c_int(discriminative),
            parameters.table,
            others.table,
            ctypes.c_void_p(images.ctypes.data),
            ctypes.c_void_p(labels.ctypes.data),
            ctypes.c_float(normalization.scale),
            ctypes.c_float(normalization.offset),
            ctypes.c_void_p(index.ctypes.data),
            ctypes.c_int64(len(index)),
            ctypes.byref(loss),
            ctypes.byref(correct),
        )
        check_memory(failed)
        return loss.value, correct.value
