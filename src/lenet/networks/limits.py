"""Bounds a network as a whole, before anything is allocated or listed.

Each layer is checked by itself, but widths that are each allowed can still multiply to any amount
of memory: a ``config.json`` of 400 bytes can describe a network of terabytes. The bounds are far
above every LeNet, and within what any machine has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from lenet.errors import LenetError
from lenet.networks.checks import Shape

MOST_LAYERS = 256
MOST_PARAMETERS = 1 << 25
"""128 MiB of float32; LeNet has 61,706. A connection table counts all pairs of maps."""

MOST_ACTIVATIONS = 1 << 23
"""Outputs of all layers for one image, 32 MiB of float32; LeNet has 15,000."""

MOST_INPUTS = 1 << 26
"""Inputs of all units of one layer for one image: the reference lists them, in 256 MiB."""

MOST_MULTIPLY_ACCUMULATES = 1 << 32
"""For one image, about a second of one processor; LeNet has 416,520."""


@dataclass(frozen=True)
class Size:
    """What a layer needs.

    Parameters
    ----------
    activations
        The numbers of its output, for one image.
    parameters
        Its parameters, also of pairs of maps that a connection table leaves out.
    inputs
        The inputs of all its units together, for one image, if they must be listed.
    multiply_accumulates
        For one image.
    """

    activations: int
    parameters: int
    inputs: int
    multiply_accumulates: int


def check_layer_count(name: str, layers: int) -> None:
    """Raise a `LenetError` if a network has too many layers."""
    if layers > MOST_LAYERS:
        raise LenetError(f"network {name!r} has {layers:,} layers; lenet takes {MOST_LAYERS}")


def check_size(name: str, input_shape: Shape, sizes: Iterable[Size]) -> None:
    """Raise a `LenetError` if a network needs more memory or time than any LeNet.

    Examples
    --------
    >>> check_size("wide", (1, 28, 28), [Size(10, 7850, 784, 7840)])
    >>> check_size("wide", (1, 28, 28), [Size(1 << 30, 0, 0, 0)])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lenet.errors.LenetError: network 'wide' has more than 8,388,608 activations for one image; ...
    """
    activations, parameters, work = prod(input_shape), 0, 0
    for size in sizes:
        activations += size.activations
        parameters += size.parameters
        work += size.multiply_accumulates
        for what, found, most in (
            ("activations for one image", activations, MOST_ACTIVATIONS),
            ("parameters", parameters, MOST_PARAMETERS),
            ("inputs of a layer's units for one image", size.inputs, MOST_INPUTS),
            ("multiply-accumulates for one image", work, MOST_MULTIPLY_ACCUMULATES),
        ):
            if found > most:
                raise LenetError(
                    f"network {name!r} has more than {most:,} {what}; "
                    "make its layers narrower or its images smaller"
                )
