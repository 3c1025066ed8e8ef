"""The layers a LeNet is made of, as plain facts: no arithmetic on pixels, no torch, no NumPy.

A layer knows what shape comes out for the shape that goes in, the shapes of its parameters, and
how many multiply-accumulates one image costs. The torch module, the NumPy reference and the
engine are all driven by these same objects.

Shapes are those of one image, without the batch: ``(channels, height, width)`` or ``(units,)``.
"""

from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from lenet.errors import LenetError, did_you_mean

Shape = tuple[int, ...]
ActivationKind = Literal["sigmoid", "tanh", "relu"]
PoolingKind = Literal["average", "max"]

# Far above any LeNet and far below what would exhaust a machine: a corrupt config.json that asks
# for a billion channels is refused before anything is allocated.
LARGEST_WIDTH = 1 << 16


@dataclass(frozen=True)
class Convolution:
    """Square kernels, stride 1, zero padding, one bias a map."""

    name: str
    channels: int
    kernel: int = 5
    padding: int = 0

    def __post_init__(self) -> None:
        _check_range(self.name, "channels", self.channels, 1, LARGEST_WIDTH)
        _check_range(self.name, "kernel", self.kernel, 1, 64)
        _check_range(self.name, "padding", self.padding, 0, 64)

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        padding = f", padding {self.padding}" if self.padding else ""
        return f"convolution {self.kernel}×{self.kernel}{padding}"

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(channels, height, width)`` of the feature maps."""
        _, height, width = _maps(self.name, shape)
        grow = 2 * self.padding - self.kernel + 1
        if height + grow < 1 or width + grow < 1:
            raise LenetError(
                f"{self.name}: a {self.kernel}×{self.kernel} kernel does not fit into maps of "
                f"{height}×{width}"
            )
        return (self.channels, height + grow, width + grow)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Weight ``(out, in, kernel, kernel)`` and bias ``(out,)``."""
        weight = (self.channels, shape[0], self.kernel, self.kernel)
        return {"weight": weight, "bias": (self.channels,)}

    def multiply_accumulates(self, shape: Shape) -> int:
        """One for each weight at each place; padding counts, adding the bias does not."""
        return prod(self.output_shape(shape)) * shape[0] * self.kernel**2


@dataclass(frozen=True)
class Activation:
    """An elementwise squashing function."""

    name: str
    kind: ActivationKind

    def __post_init__(self) -> None:
        _check_choice(self.name, "activation", self.kind, get_args(ActivationKind))

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return self.kind

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that came in."""
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """None."""
        return 0


@dataclass(frozen=True)
class Pooling:
    """The average or the maximum of each square window; windows do not overlap."""

    name: str
    kind: PoolingKind
    size: int = 2

    def __post_init__(self) -> None:
        _check_choice(self.name, "pooling", self.kind, get_args(PoolingKind))
        _check_range(self.name, "size", self.size, 1, 64)

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return f"{self.kind} pooling {self.size}×{self.size}"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape with each side divided; a remainder at the edge is dropped."""
        channels, height, width = _maps(self.name, shape)
        if height < self.size or width < self.size:
            raise LenetError(
                f"{self.name}: a {self.size}×{self.size} window does not fit into maps of "
                f"{height}×{width}"
            )
        return (channels, height // self.size, width // self.size)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """None: the chapter's pooling has no weights to multiply by."""
        return 0


@dataclass(frozen=True)
class Flatten:
    """Maps to one vector, channel by channel, row by row."""

    name: str

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(units,)``."""
        return (prod(shape),)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """None."""
        return 0


@dataclass(frozen=True)
class Linear:
    """Fully connected, one bias a unit."""

    name: str
    units: int

    def __post_init__(self) -> None:
        _check_range(self.name, "units", self.units, 1, LARGEST_WIDTH)

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return "fully connected"

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(units,)``."""
        if len(shape) != 1:
            raise LenetError(f"{self.name}: a fully connected layer needs a flat input")
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Weight ``(out, in)`` and bias ``(out,)``."""
        return {"weight": (self.units, shape[0]), "bias": (self.units,)}

    def multiply_accumulates(self, shape: Shape) -> int:
        """One for each weight; adding the bias does not count."""
        return self.units * shape[0]


Layer = Convolution | Activation | Pooling | Flatten | Linear


def _maps(name: str, shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise LenetError(f"{name}: needs maps (channels, height, width), not {shape}")
    return (shape[0], shape[1], shape[2])


def _check_range(name: str, what: str, value: object, low: int, high: int) -> None:
    # bool is an int to Python, and True channels in a config file is a mistake.
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise LenetError(
            f"{name}: {what} must be a whole number from {low} to {high}, not {value!r}"
        )


def _check_choice(name: str, what: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise LenetError(
            f"{name}: {what} must be one of {', '.join(known)}, not {value!r}."
            + did_you_mean(str(value), known)
        )
