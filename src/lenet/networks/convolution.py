"""Convolution, with what the networks of 1989 and 1998 need beyond today's.

That is connection tables, biases of single units, and a background that is not zero.
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
    maps,
)

Bias = Literal["map", "unit"]


@dataclass(frozen=True)
class Convolution:
    """Square kernels that slide over the maps.

    Parameters
    ----------
    name
        Names the parameters ``name.weight`` and ``name.bias``.
    channels
        Feature maps that come out.
    kernel, stride
        Side of a kernel, and how far apart its places lie.
    padding, border
        How many cells of the value `border` surround each map. A stride that does not divide what
        is left drops cells at the right and the bottom.
    bias
        One bias a ``map``, or one a ``unit`` as in 1989.
    table
        Which maps are connected, as the papers print it: a row for each map that comes in, an
        ``X`` for each map of the output that reads it, a ``.`` for each that does not. None
        connects all.
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
                f"{self.name}: table must have a row of {self.channels} 'X' or '.' for each map "
                "that comes in"
            )
        columns = cast("tuple[str, ...]", rows)
        if any(all(row[out] == "." for row in columns) for out in range(self.channels)):
            raise LenetError(f"{self.name}: table leaves a map without any connection")

    @property
    def label(self) -> str:
        """What a table of layers calls this one."""
        text = f"convolution {self.kernel}×{self.kernel}"
        if self.stride > 1:
            text += f", stride {self.stride}"
        if self.padding:
            text += f", padding {self.padding}" + (f" of {self.border:g}" if self.border else "")
        if self.table is not None:
            text += ", by a table"
        return text

    def links(self, channels: int) -> list[tuple[int, int]]:
        """Return the pairs ``(map out, map in)`` that a kernel connects, for maps that come in.

        They are in the order in which ``weight`` holds their kernels: by the map they lead to,
        then by the one they come from.
        """
        table = self.table or ("X" * self.channels,) * channels
        return [
            (out, into)
            for out in range(self.channels)
            for into in range(channels)
            if table[into][out] == "X"
        ]

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(channels, height, width)`` of the feature maps."""
        channels, height, width = maps(self.name, shape)
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
        """Weight and bias.

        The weight is ``(out, in, kernel, kernel)``, or with a table ``(links, kernel, kernel)`` in
        the order of `links`; the bias ``(out,)``, or ``(out, height, width)`` for single units.
        """
        square = (self.kernel, self.kernel)
        weight = (self.channels, shape[0], *square)
        if self.table is not None:
            weight = (len(self.links(shape[0])), *square)
        bias = self.output_shape(shape) if self.bias == "unit" else (self.channels,)
        return {"weight": weight, "bias": bias}

    def multiply_accumulates(self, shape: Shape) -> int:
        """One for each weight at each place; padding counts, adding the bias does not."""
        _, height, width = self.output_shape(shape)
        return height * width * len(self.links(shape[0])) * self.kernel**2

    def connections(self, shape: Shape) -> int:
        """One for each weight at each place, and one for each unit's bias."""
        _, height, width = self.output_shape(shape)
        return self.multiply_accumulates(shape) + self.channels * height * width
