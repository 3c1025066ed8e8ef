"""Draws the first parameters of a network, with the bits that PyTorch's modules draw.

The draws follow from PyTorch's order: first each layer draws its own default weights as it is made,
then the recipe's initialization draws over some of them. The modules are in `lenet.models`; the
initializations there have the same names.
"""

import math
from collections.abc import Callable

import numpy as np

from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Linear
from lenet.networks.network import Network, Stage
from lenet.networks.residual import Residual
from lenet.networks.subsampling import Subsampling
from lenet.training.generator import Generator
from lenet.training.recipe import Initialization

Parameters = dict[str, Floats]
_Rule = Callable[[Stage, Parameters, Generator], None]


def first_weights(network: Network, initialization: Initialization, seed: int) -> Parameters:
    """Return the first parameters, by name; they depend on the seed alone, on every machine.

    Raises
    ------
    LenetError
        The network has residual blocks, which only 'lenet train reader' trains.

    Examples
    --------
    >>> from lenet.networks import lenet_network
    >>> first_weights(lenet_network(), "xavier", seed=0)["conv1.weight"][0, 0, 0, :2]
    array([-0.03087567,  0.06025133], dtype=float32)
    """
    random = Generator(seed)
    parameters: Parameters = {}
    for rule in (_by_default, _RULES[initialization]):
        for stage in network.stages():
            if isinstance(stage.layer, Residual):
                raise LenetError("only 'lenet train reader' trains networks with residual blocks")
            if stage.parameter_shapes:
                rule(stage, parameters, random)
    return parameters


def _by_default(stage: Stage, parameters: Parameters, random: Generator) -> None:
    """Draw what a layer draws as it is made."""
    if not _is_pytorchs(stage):
        return _root_fan_in(stage, parameters, random)
    # kaiming_uniform_ with a = sqrt(5).
    inputs = _fan_in(stage)
    bound = math.sqrt(3.0) * (math.sqrt(2.0 / (1 + math.sqrt(5) ** 2)) / math.sqrt(inputs))
    _draw(stage, "weight", parameters, random, bound)
    _draw(stage, "bias", parameters, random, 1 / math.sqrt(inputs))
    return None


def _xavier(stage: Stage, parameters: Parameters, random: Generator) -> None:
    """Weights are uniform in ±sqrt(6 / (fan_in + fan_out)); biases keep their defaults."""
    if _is_pytorchs(stage):
        outputs, *kernel = stage.parameter_shapes[f"{stage.layer.name}.weight"]
        fans = _fan_in(stage) + outputs * math.prod(kernel[1:])
        bound = math.sqrt(3.0) * (1.0 * math.sqrt(2.0 / float(fans)))
        _draw(stage, "weight", parameters, random, bound)


def _he(stage: Stage, parameters: Parameters, random: Generator) -> None:
    """Weights are normal with a standard deviation of sqrt(2 / fan_in); biases are zero."""
    if _is_pytorchs(stage):
        weight, bias = stage.parameter_shapes
        deviation = math.sqrt(2.0) / math.sqrt(_fan_in(stage))
        parameters[weight] = random.normal(stage.parameter_shapes[weight], deviation)
        parameters[bias] = np.zeros(stage.parameter_shapes[bias], np.float32)


def _fan_in_uniform(stage: Stage, parameters: Parameters, random: Generator) -> None:
    """Weights and biases are uniform in ±2.4 / fan_in, as in the papers."""
    layer = stage.layer
    if _is_pytorchs(stage) or isinstance(layer, Subsampling):
        inputs = layer.size**2 if isinstance(layer, Subsampling) else _fan_in(stage)
        for part in ("weight", "bias"):
            _draw(stage, part, parameters, random, 2.4 / inputs)
        return
    divisors = _fan_ins(stage) / np.float32(2.4)
    _draw_divided(stage, "weight", parameters, random, divisors[_outputs(stage)])
    _draw_divided(stage, "bias", parameters, random, divisors)


def _root_fan_in(stage: Stage, parameters: Parameters, random: Generator) -> None:
    """Weights are uniform in ±1 / sqrt(fan_in), biases are zero, as in Lush.

    A subsampling unit starts as the sum of its window, divided by the window's side.
    """
    layer = stage.layer
    weight, bias = stage.parameter_shapes
    if isinstance(layer, Subsampling):
        scale = layer.size / (layer.size**2 if layer.kind == "sum" else 1)
        parameters[weight] = np.full(stage.parameter_shapes[weight], scale, np.float32)
    elif _is_pytorchs(stage):
        _draw(stage, "weight", parameters, random, _fan_in(stage) ** -0.5)
    else:
        divisors = np.sqrt(_fan_ins(stage)[_outputs(stage)])
        _draw_divided(stage, "weight", parameters, random, divisors)
    parameters[bias] = np.zeros(stage.parameter_shapes[bias], np.float32)


_RULES: dict[Initialization, _Rule] = {
    "xavier": _xavier,
    "he": _he,
    "fan-in": _fan_in_uniform,
    "root fan-in": _root_fan_in,
}


def _is_pytorchs(stage: Stage) -> bool:
    """Return whether the layer's module is PyTorch's own; the others are in `lenet.models`."""
    layer = stage.layer
    if isinstance(layer, Convolution):
        return layer.table is None and layer.border == 0 and layer.bias == "map"
    return isinstance(layer, Linear)


def _fan_in(stage: Stage) -> int:
    return math.prod(stage.parameter_shapes[f"{stage.layer.name}.weight"][1:])


def _outputs(stage: Stage) -> list[int]:
    """Return the output map of each kernel of a convolution."""
    layer = stage.layer
    assert isinstance(layer, Convolution)
    return [out for out, _ in layer.links(stage.input_shape[0])]


def _fan_ins(stage: Stage) -> Floats:
    """Return the number of inputs of a unit, for each output map of a convolution."""
    layer = stage.layer
    assert isinstance(layer, Convolution)
    kernels = np.bincount(_outputs(stage), minlength=layer.channels)
    return (kernels * layer.kernel**2).astype(np.float32)


def _draw(stage: Stage, part: str, parameters: Parameters, random: Generator, bound: float) -> None:
    name = f"{stage.layer.name}.{part}"
    parameters[name] = random.uniform(stage.parameter_shapes[name], -bound, bound)


def _draw_divided(
    stage: Stage, part: str, parameters: Parameters, random: Generator, divisors: Floats
) -> None:
    """Draw uniform in ±1 / divisor, one divisor for each kernel or map."""
    _draw(stage, part, parameters, random, 1.0)
    values = parameters[f"{stage.layer.name}.{part}"].reshape(len(divisors), -1)
    values /= divisors[:, None]
