"""Networks of every kind to hold the engines against: the papers' own, and made-up chains."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import nn

from lenet.models.build import modules
from lenet.networks import (
    Layer,
    Network,
    lecun1989_network,
    lecun1998_network,
    lenet1_network,
)
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.radial_basis import RadialBasis, characters, code
from lenet.networks.subsampling import Subsampling

HISTORICAL = [lecun1989_network(), lenet1_network(), lecun1998_network()]
BORDERS = [-1.0, -0.1, 0.0, 0.7]


@st.composite
def chains(draw: st.DrawFn, historical: bool = True) -> Network:
    """Draw a small network; if not `historical`, with today's layers as well."""

    def squashed() -> list[Layer]:
        kinds = ["scaled tanh"] if historical else ["scaled tanh", "tanh", "sigmoid"]
        kind: Any = draw(st.sampled_from([*kinds, None]))
        return [] if kind is None else [Activation(f"squash{len(layers)}", kind)]

    channels, side = draw(st.integers(1, 3)), draw(st.integers(4, 9))
    input_shape = (channels, side, side)
    layers: list[Layer] = []
    if draw(st.booleans()):
        layers.append(Padding("frame", draw(st.integers(1, 2)), draw(st.sampled_from(BORDERS))))
        side = layers[-1].output_shape((channels, side, side))[1]
    for block in range(draw(st.integers(0, 2))):
        layers.append(draw(convolutions(f"conv{block}", channels, side)))
        channels, side = layers[-1].output_shape((channels, side, side))[:2]
        layers += squashed()
        if side > 1 and draw(st.booleans()):
            kind: Any = draw(st.sampled_from(["sum", "average"]))
            size = draw(st.integers(1, min(3, side)))
            layers.append(Subsampling(f"sub{block}", kind, size))
            side //= size
            layers += squashed()
        if side > 1 and not historical and draw(st.booleans()):
            pooling: Any = draw(st.sampled_from(["average", "max"]))
            layers.append(Pooling(f"pool{block}", pooling))
            side //= 2
    layers.append(Flatten("flatten"))
    if draw(st.booleans()):
        layers += [Linear("hidden", draw(st.integers(1, 20))), *squashed()]
    if draw(st.booleans()):
        text = "".join(draw(st.lists(st.sampled_from(characters()), min_size=1, max_size=6)))
        layers += [Linear("codes", 84), *squashed()]
        layers.append(RadialBasis("output", text, draw(st.sampled_from([0.0, 1.0, 30.0, 90.0]))))
    else:
        layers.append(Linear("output", draw(st.integers(1, 18))))
        layers += [Activation("output_squash", "scaled tanh")] if historical else squashed()
    return Network("chain", input_shape, tuple(layers))


@st.composite
def convolutions(draw: st.DrawFn, name: str, channels: int, side: int) -> Convolution:
    out = draw(st.integers(1, 18))
    table = None
    if draw(st.booleans()):
        columns = [
            draw(st.lists(st.booleans(), min_size=channels, max_size=channels).filter(any))
            for _ in range(out)
        ]
        table = tuple("".join("X" if c[row] else "." for c in columns) for row in range(channels))
    bias: Any = draw(st.sampled_from(["map", "unit"]))
    return Convolution(
        name,
        out,
        kernel=draw(st.integers(1, min(5, side))),
        padding=draw(st.integers(0, 2)),
        stride=draw(st.integers(1, 3)),
        border=draw(st.sampled_from(BORDERS)),
        bias=bias,
        table=table,
    )


def parameters(
    network: Network, seed: int, dtype: type[np.floating[Any]] = np.float32
) -> dict[str, NDArray[Any]]:
    """Draw every parameter, biases too, so that sums are about 1 and squashing bends.

    What goes into Gaussian units lies about between two bitmaps: farther away, one posterior is 1
    and all derivatives of the others vanish.
    """
    random = np.random.default_rng(seed)
    result: dict[str, NDArray[Any]] = {}
    for stage in network.stages():
        for name, shape in stage.parameter_shapes.items():
            fan = stage.multiply_accumulates / np.prod(stage.output_shape)
            spread = fan**-0.5 if name.endswith("weight") else 0.5
            result[name] = random.normal(0, spread, shape).astype(np.float32).astype(dtype)
    last = network.layers[-1]
    if isinstance(last, RadialBasis):
        name = next(layer.name for layer in reversed(network.layers) if isinstance(layer, Linear))
        one, other = (np.array(code(c)) for c in random.choice(list(last.characters), 2))
        share = random.normal(0.5, 0.03)
        result[f"{name}.bias"] = (share * one + (1 - share) * other).astype(dtype)
        result[f"{name}.weight"] *= dtype(0.25)
    return result


def exact(values: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the same numbers in float64."""
    return {name: value.astype(np.float64) for name, value in values.items()}


def torch_model(network: Network, values: Mapping[str, NDArray[Any]]) -> nn.Sequential:
    """Return the network as torch modules in float64 with these parameters."""
    model = nn.Sequential(modules(network)).double()
    model.load_state_dict({name: torch.from_numpy(value) for name, value in exact(values).items()})
    return model


def torch_loss(network: Network, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return each image's loss, written out from the papers."""
    right = scores[torch.arange(len(labels)), labels]
    if isinstance(network.layers[-1], Activation):
        targets = torch.full_like(scores, -1)
        targets[torch.arange(len(labels)), labels] = 1
        return ((scores - targets) ** 2).sum(dim=1) / 2
    if network.rubbish is not None:
        none = torch.full_like(scores[:, :1], -network.rubbish)
        scores = torch.cat([scores, none], dim=1)
    return torch.logsumexp(scores, dim=1) - right


def labels_for(network: Network, count: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, network.classes, count)


def relative(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    return float(np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), 1e-30))
