"""Defines the convolution layer: PyTorch's, and its variants in the networks of 1989 to 1998.

The variants are a connection table, one bias per unit, and a border whose value is not zero.
"""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from lenet.errors import LenetError
from lenet.networks.checks import (
    LARGEST_WIDTH,
    Shape,
    check_choice,
    check_number,
    check_range,
    map_shape,
)

Bias = Literal["map", "unit"]


@dataclass(frozen=True)
class Convolution:
    """Square kernels that slide over the maps.

    Parameters
    ----------
    name
        The parameters are called ``name.weight`` and ``name.bias``.
    channels
        The number of output maps.
    kernel, stride
        The side of a kernel, and the step by which it slides.
    padding, border
        The width and the value of the border that is added around each map. Rows and columns at
        the bottom and right edge that do not fill a step are not read.
    bias
        One bias per ``map``, or one per ``unit`` as in 1989.
    table
        The connection table, as the papers print it: a row for each input map, with an ``X`` for
        each output map that reads it and a ``.`` for any other. None connects all maps.

    Examples
    --------
    >>> layer = Convolution("conv1", channels=6, kernel=5, padding=2)
    >>> layer.output_shape((1, 28, 28)), layer.multiply_accumulates((1, 28, 28))
    ((6, 28, 28), 117600)
    """

    name: str
    channels: int
    kernel: int = 5
    padding: int = 0
    stride: int = 1
    border: float = 0.0
    bias: Bias = "map"
    table: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_range(self.name, "channels", self.channels, 1, LARGEST_WIDTH)
        check_range(self.name, "kernel", self.kernel, 1, 64)
        check_range(self.name, "padding", self.padding, 0, 64)
        check_range(self.name, "stride", self.stride, 1, 64)
        check_number(self.name, "border", self.border, -1e6, 1e6)
        check_choice(self.name, "bias", self.bias, get_args(Bias))
        if self.table is not None:
            self._check_table(self.table)

    def _check_table(self, table: object) -> None:
        rows = cast("tuple[object, ...]", table) if isinstance(table, tuple) else ()
        if not rows or not all(
            isinstance(row, str) and len(row) == self.channels and set(row) <= {"X", "."}
            for row in rows
        ):
            raise LenetError(
                f"{self.name}: table must have a row of {self.channels} 'X' or '.' per input map"
            )
        if any("X" not in column for column in zip(*map(str, rows), strict=True)):
            raise LenetError(f"{self.name}: table leaves a map without any connection")

    @property
    def label(self) -> str:
        """The layer in a few words, for tables."""
        text = f"convolution {self.kernel}×{self.kernel}"
        if self.stride > 1:
            text += f", stride {self.stride}"
        if self.padding:
            text += f", padding {self.padding}" + (f" of {self.border:g}" if self.border else "")
        if self.table is not None:
            text += ", connection table"
        return text

    def links(self, channels: int) -> list[tuple[int, int]]:
        """Return the pairs ``(output map, input map)`` that have a kernel, for `channels` inputs.

        Their order is that of the kernels in ``weight``: by output map, then by input map.
        """
        table = self.table or ("X" * self.channels,) * channels
        return [
            (out, into)
            for out in range(self.channels)
            for into in range(channels)
            if table[into][out] == "X"
        ]

    def link_count(self, channels: int) -> int:
        """Return the number of `links`, which may be millions, without listing them."""
        if self.table is None:
            return self.channels * channels
        return sum(row.count("X") for row in self.table)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the feature maps, ``(channels, height, width)``.

        `LenetError` if `shape` is not that of maps, or the table or the kernel does not fit it.
        """
        channels, height, width = map_shape(self.name, shape)
        if self.table is not None and len(self.table) != channels:
            raise LenetError(
                f"{self.name}: the table has {len(self.table)} rows for {channels} maps"
            )
        free = (height + 2 * self.padding - self.kernel, width + 2 * self.padding - self.kernel)
        if min(free) < 0:
            raise LenetError(
                f"{self.name}: a {self.kernel}×{self.kernel} kernel does not fit into maps of "
                f"{height}×{width}"
            )
        return (self.channels, free[0] // self.stride + 1, free[1] // self.stride + 1)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the shapes of weight and bias.

        The weight is ``(out, in, kernel, kernel)``, or with a table ``(links, kernel, kernel)`` in
        the order of `links`. The bias is ``(out,)``, or ``(out, height, width)`` with one per unit.
        """
        square = (self.kernel, self.kernel)
        weight = (self.channels, shape[0], *square)
        if self.table is not None:
            weight = (self.link_count(shape[0]), *square)
        bias = self.output_shape(shape) if self.bias == "unit" else (self.channels,)
        return {"weight": weight, "bias": bias}

    def multiply_accumulates(self, shape: Shape) -> int:
        """Return the multiply-accumulates for one image: one for each weight at each place.

        Places in the border count, biases do not.
        """
        _, height, width = self.output_shape(shape)
        return height * width * self.link_count(shape[0]) * self.kernel**2

    def connections(self, shape: Shape) -> int:
        """Return the number of connections: each weight at each place, and each unit's bias."""
        _, height, width = self.output_shape(shape)
        return self.multiply_accumulates(shape) + self.channels * height * width
