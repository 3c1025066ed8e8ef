"""The networks of 1989 to 1998 unit by unit and connection by connection, as their papers describe
them: loops over single numbers, an oracle that shares no arithmetic with what it checks.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenet.networks import Layer, Network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Linear, Padding
from lenet.networks.radial_basis import RadialBasis, code
from lenet.networks.subsampling import Subsampling

Values = list[float]


class Connection(NamedTuple):
    """A unit's link to what it reads, by one weight.

    A unit of a subsampling has one connection of several inputs: "the coefficient counts as one
    weight whose input is the sum" (times `scale`). Where the input is outside of the map it is
    `constant`.
    """

    weight: int
    inputs: tuple[int, ...]
    constant: float = 0.0
    scale: float = 1.0

    def input(self, below: Sequence[float]) -> float:
        return self.scale * (self.constant + sum(below[place] for place in self.inputs))


class Unit(NamedTuple):
    bias: int
    connections: list[Connection]


@cache
def units_of(layer: Layer, shape: tuple[int, ...]) -> list[Unit]:
    """Wire every unit of a layer that learns; maps below are numbered row by row."""
    if isinstance(layer, Linear):
        return [
            Unit(i, [Connection(i * shape[0] + j, (j,)) for j in range(shape[0])])
            for i in range(layer.units)
        ]
    channels, height, width = shape
    if isinstance(layer, Subsampling):
        n = layer.size
        scale = 1.0 if layer.kind == "sum" else 1 / (n * n)
        units: list[Unit] = []
        for c in range(channels):
            for y in range(height // n):
                for x in range(width // n):
                    window = tuple(
                        (c * height + y * n + dy) * width + x * n + dx
                        for dy in range(n)
                        for dx in range(n)
                    )
                    units.append(Unit(c, [Connection(c, window, 0.0, scale)]))
        return units
    assert isinstance(layer, Convolution)
    return _units_of_convolution(layer, channels, height, width)


def _units_of_convolution(layer: Convolution, channels: int, height: int, width: int) -> list[Unit]:
    units: list[Unit] = []
    k, before = layer.kernel, 0
    for out in range(layer.channels):
        reads = [m for m in range(channels) if layer.table is None or layer.table[m][out] == "X"]
        for top in range(-layer.padding, height + layer.padding - k + 1, layer.stride):
            for left in range(-layer.padding, width + layer.padding - k + 1, layer.stride):
                connections: list[Connection] = []
                for number, m in enumerate(reads, start=before):
                    for dy in range(k):
                        for dx in range(k):
                            y, x = top + dy, left + dx
                            weight = (number * k + dy) * k + dx
                            if 0 <= y < height and 0 <= x < width:
                                place = (m * height + y) * width + x
                                connections.append(Connection(weight, (place,)))
                            else:
                                connections.append(Connection(weight, (), layer.border))
                units.append(Unit(len(units) if layer.bias == "unit" else out, connections))
        before += len(reads)
    return units


def squash(a: float) -> float:
    return 1.7159 * math.tanh(2 / 3 * a)


def squash_slope(a: float) -> float:
    return 1.7159 * 2 / 3 * (1 - math.tanh(2 / 3 * a) ** 2)


def forward(
    network: Network, parameters: Mapping[str, NDArray[Any]], image: NDArray[Any]
) -> list[Values]:
    """Return what goes into each layer, and what comes out of the last, for ``[C, H, W]``."""
    flat = {name: value.reshape(-1).tolist() for name, value in parameters.items()}
    values: list[Values] = [image.reshape(-1).tolist()]
    for stage in network.stages():
        layer, below = stage.layer, values[-1]
        match layer:
            case Padding():
                values.append(_frame(layer, stage.input_shape, below))
            case Activation(kind="scaled tanh"):
                values.append([squash(a) for a in below])
            case RadialBasis(characters=characters):
                values.append([-distance(below, code(one)) for one in characters])
            case Convolution() | Subsampling() | Linear():
                weight, bias = flat[f"{layer.name}.weight"], flat[f"{layer.name}.bias"]
                values.append(
                    [
                        bias[unit.bias] + sum(weight[c.weight] * c.input(below) for c in unit[1])
                        for unit in units_of(layer, stage.input_shape)
                    ]
                )
            case _:
                values.append(below)
    return values


def distance(x: Sequence[float], w: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(x, w, strict=True))


def _frame(layer: Padding, shape: tuple[int, ...], below: Values) -> Values:
    channels, height, width = shape
    return [
        below[(c * height + y) * width + x] if 0 <= y < height and 0 <= x < width else layer.value
        for c in range(channels)
        for y in range(-layer.size, height + layer.size)
        for x in range(-layer.size, width + layer.size)
    ]


def curvature(
    network: Network,
    parameters: Mapping[str, NDArray[Any]],
    image: NDArray[Any],
    discriminative: bool = False,
) -> dict[str, NDArray[np.float64]]:
    """Return the second derivatives of one image's loss by the recursion of 1998, page 42.

    That of a weight is the sum over its connections of ``(d2E/da_i^2) x_j^2``; and
    ``d2E/da_i^2 = f'(a_i)^2 sum_k u_ki^2 d2E/da_k^2``.
    """
    values = forward(network, parameters, image)
    stages = list(network.stages())
    second = [1.0] * len(values[-1])
    if isinstance(stages[-1].layer, RadialBasis):
        second = gaussian_curvature(stages.pop().layer, values[-2])
    elif discriminative:
        count = len(values[-1])
        places = [[1.0 if i == j else -1.0 for j in range(count)] for i in range(count)]
        second = equation_9_curvature(places, math.inf, values[-1])
    found: dict[str, NDArray[np.float64]] = {}
    for number, stage in reversed(list(enumerate(stages))):
        layer, below = stage.layer, values[number]
        if isinstance(layer, Convolution | Subsampling | Linear):
            weight = parameters[f"{layer.name}.weight"]
            flat = weight.reshape(-1).tolist()
            of_weights = [0.0] * len(flat)
            of_biases = [0.0] * parameters[f"{layer.name}.bias"].size
            of_inputs = [0.0] * len(below)
            for unit, d2 in zip(units_of(layer, stage.input_shape), second, strict=True):
                of_biases[unit.bias] += d2
                for c in unit.connections:
                    of_weights[c.weight] += d2 * c.input(below) ** 2
                    for place in c.inputs:
                        of_inputs[place] += d2 * (c.scale * flat[c.weight]) ** 2
            found[f"{layer.name}.weight"] = np.reshape(of_weights, weight.shape)
            found[f"{layer.name}.bias"] = np.reshape(
                of_biases, parameters[f"{layer.name}.bias"].shape
            )
            second = of_inputs
        elif isinstance(layer, Activation):
            second = [d2 * squash_slope(a) ** 2 for d2, a in zip(second, below, strict=True)]
        elif isinstance(layer, Padding):
            second = _unframe(layer, stage.output_shape, second)
    return found


def _unframe(layer: Padding, shape: tuple[int, ...], above: Values) -> Values:
    channels, height, width = shape
    return [
        above[(c * height + y) * width + x]
        for c in range(channels)
        for y in range(layer.size, height - layer.size)
        for x in range(layer.size, width - layer.size)
    ]


def posteriors(
    codes: Sequence[Sequence[float]], rubbish: float, x: Sequence[float]
) -> tuple[Values, float]:
    """Return each class's posterior probability and that of rubbish, from page 9's words."""
    y = [distance(x, one) for one in codes]
    least = min(*y, rubbish)
    powers = [math.exp(least - one) for one in y]
    none = math.exp(least - rubbish)
    total = sum(powers) + none
    return [power / total for power in powers], none / total


def gaussian_curvature(layer: Layer, x: Sequence[float]) -> Values:
    assert isinstance(layer, RadialBasis)
    return equation_9_curvature([code(one) for one in layer.characters], layer.rubbish, x)


def equation_9_curvature(
    codes: Sequence[Sequence[float]], rubbish: float, x: Sequence[float]
) -> Values:
    """Return 2 and the variance of the distances' slopes over the classes, rubbish among them."""
    p, none = posteriors(codes, rubbish, x)
    result: Values = []
    for j, value in enumerate(x):
        slopes = [2.0 * (value - one[j]) for one in codes]
        mean = sum(a * b for a, b in zip(p, slopes, strict=True))
        result.append(
            2 + none * mean**2 + sum(a * (b - mean) ** 2 for a, b in zip(p, slopes, strict=True))
        )
    return result
