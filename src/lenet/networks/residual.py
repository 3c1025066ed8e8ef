"""Residual blocks: two convolutions that learn what to add to their input."""

from dataclasses import dataclass

from lenet.errors import LenetError
from lenet.networks.checks import LARGEST_WIDTH, Shape, check_range, maps

KERNEL = 3
"""Side of the kernels."""

LOST = 2 * (KERNEL - 1)
"""Columns by which what comes out is narrower, half of them on each side."""


@dataclass(frozen=True)
class Residual:
    """A block of two 3×3 convolutions and a shortcut past them, then the largest of each cell.

    What comes out of ``x`` is ``relu(second(relu(first(x))) + x)`` where `x` has as many maps; else
    1×1 kernels make them of those it has. By the shortcut the derivatives reach the layers before,
    however many there are.

    Rows of zeros above and below keep the maps as high as they were. They are not framed to the
    left and the right, so that a window sees of a field what lies in it, and nothing made up.

    Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section
    3.2 and figure 2.

    Parameters
    ----------
    name
        Names the parameters, see `parameter_shapes`.
    channels
        Feature maps that come out.
    rows, columns
        Of the cells, of which the largest unit goes on. A remainder at the edge is dropped.
    """

    name: str
    channels: int
    rows: int = 1
    columns: int = 1

    def __post_init__(self) -> None:
        check_range(self.name, "channels", self.channels, 1, LARGEST_WIDTH)
        check_range(self.name, "rows", self.rows, 1, 64)
        check_range(self.name, "columns", self.columns, 1, 64)

    @property
    def label(self) -> str:
        """What a table of layers calls this one."""
        pooled = f", largest of {self.rows}×{self.columns}" if self.rows * self.columns > 1 else ""
        return f"two convolutions {KERNEL}×{KERNEL}, shortcut{pooled}"

    def inner_shape(self, shape: Shape) -> Shape:
        """Return the shape before the largest of each cell is taken."""
        _, height, width = maps(self.name, shape)
        if height < self.rows or width - LOST < self.columns:
            raise LenetError(
                f"{self.name}: two 3×3 kernels and cells of {self.rows}×{self.columns} do not fit "
                f"into maps of {height}×{width}"
            )
        return (self.channels, height, width - LOST)

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(channels, height / rows, (width - 4) / columns)``."""
        channels, height, width = self.inner_shape(shape)
        return (channels, height // self.rows, width // self.columns)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Of both convolutions weight and bias, as those of `Convolution`.

        If the number of maps changes, the shortcut's kernels too, ``(out, in)``.
        """
        inputs, outputs = shape[0], self.channels
        shapes: dict[str, Shape] = {
            "first.weight": (outputs, inputs, KERNEL, KERNEL),
            "first.bias": (outputs,),
            "second.weight": (outputs, outputs, KERNEL, KERNEL),
            "second.bias": (outputs,),
        }
        if inputs != outputs:
            shapes["shortcut.weight"] = (outputs, inputs)
        return shapes

    def multiply_accumulates(self, shape: Shape) -> int:
        """One for each weight at each place; the frame counts, adding does not."""
        inputs, height, width = shape
        outputs, _, narrow = self.inner_shape(shape)
        first = inputs * KERNEL**2 * (width - KERNEL + 1)
        second = outputs * KERNEL**2 * narrow
        shortcut = inputs * narrow if inputs != outputs else 0
        return outputs * height * (first + second + shortcut)

    def connections(self, shape: Shape) -> int:
        """One for each weight at each place, one for each unit's bias, one for each of a cell."""
        _, height, width = shape
        outputs, _, narrow = self.inner_shape(shape)
        biases = outputs * height * (width - KERNEL + 1 + narrow)
        _, rows, columns = self.output_shape(shape)
        cells = outputs * rows * columns * self.rows * self.columns
        pooled = cells if self.rows * self.columns > 1 else 0
        return self.multiply_accumulates(shape) + biases + pooled
