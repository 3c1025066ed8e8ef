"""Computes receptive fields, the pixels that a unit sees, from the layers' geometry alone.

Sources: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016; Araujo,
Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019.
"""

from dataclasses import dataclass

from lenet.errors import LenetError
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.network import Network, Stage
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.residual import Residual
from lenet.networks.subsampling import Subsampling

Unit = tuple[int, ...]
"""Row and column in a map, for the units of all maps there; ``()`` for all units of a layer."""


@dataclass(frozen=True)
class Geometry:
    """The place of a layer's units over the image, the same for rows and columns.

    Parameters
    ----------
    size
        Side of a unit's receptive field in pixels.
    jump
        Pixels from one unit's field to the next: the product of all strides so far.
    start
        The first pixel of the first unit's field; negative if it lies in the padding.
    """

    size: int
    jump: int
    start: int


@dataclass(frozen=True)
class Rectangle:
    """A part of the image, in pixels."""

    top: int
    left: int
    height: int
    width: int


def geometry(network: Network) -> dict[str, Geometry]:
    """Return the `Geometry` of each layer of maps, by the layer's name.

    A window of k cells widens the field by k - 1 jumps, a stride multiplies the jump, and a padding
    of p cells moves the start back by p jumps.
    """
    found: dict[str, Geometry] = {}
    size, jump, start = 1, 1, 0
    for layer in network.layers:
        match layer:
            case Padding(size=padding):
                start -= padding * jump
            case Convolution(kernel=kernel, padding=padding, stride=stride):
                start -= padding * jump
                size += (kernel - 1) * jump
                jump *= stride
            case Pooling(size=side) | Subsampling(size=side):
                size += (side - 1) * jump
                jump *= side
            case Activation():
                pass
            case Residual():
                raise _unknown(layer)
            case Flatten() | Linear() | RadialBasis():
                break
        found[layer.name] = Geometry(size, jump, start)
    return found


def receptive_field(network: Network, layer: str, unit: Unit) -> Rectangle | None:
    """Return the pixels that `unit` of `layer` sees; None for a unit that only sees padding.

    The layers are followed back to the image, and the field is clipped at each layer's border.
    Strides must not be larger than their kernels, so that a rectangle has no holes.

    Parameters
    ----------
    unit
        ``(row, column)``, or ``()`` for all units together.

    Raises
    ------
    KeyError
        The network has no such layer.
    """
    stages = stages_to(network, layer)
    spans = [(place, place) for place in unit] or _whole(stages[-1].output_shape)
    for stage in reversed(stages):
        spans = [_back(stage, span) for span in spans] or _whole(stage.input_shape)
        spans = [
            (max(first, 0), min(last, side - 1))
            for (first, last), side in zip(spans, stage.input_shape[1:], strict=True)
        ]
        if any(last < first for first, last in spans):
            return None
    (top, bottom), (left, right) = spans
    return Rectangle(top, left, bottom - top + 1, right - left + 1)


def _back(stage: Stage, span: tuple[int, int]) -> tuple[int, int]:
    """Return the first and last input cell that the output cells of `span` read, on one axis."""
    first, last = span
    match stage.layer:
        case Padding(size=padding):
            return first - padding, last - padding
        case Convolution(kernel=kernel, padding=padding, stride=stride):
            return first * stride - padding, last * stride - padding + kernel - 1
        case Pooling(size=side) | Subsampling(size=side):
            return first * side, last * side + side - 1
        case Activation() | Flatten() | Linear() | RadialBasis():
            return span
        case Residual() as layer:
            raise _unknown(layer)


def _unknown(layer: Residual) -> LenetError:
    return LenetError(f"{layer.name}: the receptive field of a residual block is not supported")


def _whole(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the span of all cells on each axis; empty for a vector, whose units have no place."""
    return [(0, side - 1) for side in shape[1:]]


def stages_to(network: Network, layer: str) -> list[Stage]:
    """Return the stages up to and including `layer`; KeyError if there is no such layer."""
    stages = list(network.stages())
    names = [stage.layer.name for stage in stages]
    if layer not in names:
        raise KeyError(layer)
    return stages[: names.index(layer) + 1]
