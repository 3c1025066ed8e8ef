"""Defines residual blocks: two convolutions whose result is added to their input."""

from dataclasses import dataclass

from lenet.errors import LenetError
from lenet.networks.checks import LARGEST_WIDTH, Shape, check_range, map_shape

KERNEL = 3
"""The side of the kernels."""

LOST_COLUMNS = 2 * (KERNEL - 1)
"""The columns that the two convolutions remove, half of them on each side."""


@dataclass(frozen=True)
class Residual:
    """Two 3×3 convolutions with a shortcut past them, then max pooling.

    The output before pooling is ``relu(second(relu(first(x))) + x)``. If ``x`` has another number
    of maps, the shortcut is a 1×1 convolution of ``x``. The gradient reaches earlier layers through
    the shortcut, so that deep networks can be trained.

    The convolutions have padding 1 above and below, so that the height stays. They have none to the
    left and right: a window in a number image must only read columns of the image.

    Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section
    3.2 and figure 2.

    Parameters
    ----------
    name
        The first part of the parameters' names, see `parameter_shapes`.
    channels
        The number of output maps.
    rows, columns
        The size of the pooling windows. A remainder at the edge is dropped.
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
        """The layer in a few words, for tables."""
        pooled = f", max pooling {self.rows}×{self.columns}" if self.rows * self.columns > 1 else ""
        return f"two convolutions {KERNEL}×{KERNEL}, shortcut{pooled}"

    def inner_shape(self, shape: Shape) -> Shape:
        """Return the shape before pooling."""
        _, height, width = map_shape(self.name, shape)
        if height < self.rows or width - LOST_COLUMNS < self.columns:
            raise LenetError(
                f"{self.name}: two 3×3 kernels and windows of {self.rows}×{self.columns} do not "
                f"fit into maps of {height}×{width}"
            )
        return (self.channels, height, width - LOST_COLUMNS)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape after pooling: ``(channels, height / rows, (width - 4) / columns)``."""
        channels, height, width = self.inner_shape(shape)
        return (channels, height // self.rows, width // self.columns)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the parameters of both convolutions, ``first`` and ``second``.

        If the number of maps changes, there is also ``shortcut.weight``, ``(out, in)``.
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
        """Return the multiply-accumulates for one image: one for each weight at each place.

        Places in the padding count, biases do not.
        """
        inputs, height, width = shape
        outputs, _, out_width = self.inner_shape(shape)
        first = inputs * KERNEL**2 * (width - KERNEL + 1)
        second = outputs * KERNEL**2 * out_width
        shortcut = inputs * out_width if inputs != outputs else 0
        return outputs * height * (first + second + shortcut)

    def connections(self, shape: Shape) -> int:
        """Return the number of connections.

        Each weight counts at each place, and so do each unit's bias and each pooled input.
        """
        _, height, width = shape
        outputs, _, out_width = self.inner_shape(shape)
        biases = outputs * height * (width - KERNEL + 1 + out_width)
        _, rows, columns = self.output_shape(shape)
        window = self.rows * self.columns
        pooled = outputs * rows * columns * window if window > 1 else 0
        return self.multiply_accumulates(shape) + biases + pooled
