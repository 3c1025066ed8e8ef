"""Computes how far each layer's columns are dilated along a whole number image.

`lenet.engine.space_displacement` runs a network along the image; a window starts every 2 pixels.
The first pooling of columns has stride 2. Later poolings of columns use stride 1, and the layers
after them are dilated by 2 to compensate (known as atrous or dilated convolution).
"""

from dataclasses import dataclass

STEP = 2
"""Pixels from the start of one window to the start of the next."""


@dataclass
class ColumnDilation:
    """Tracks the dilation while the layers are passed from the first to the last.

    Parameters
    ----------
    columns
        The dilation of the next layer along the columns.

    Examples
    --------
    >>> dilation = ColumnDilation()
    >>> dilation.pool(2), dilation.columns  # the first pooling: stride 2
    (2, 1)
    >>> dilation.pool(2), dilation.columns  # the second: stride 1, then dilation 2
    (1, 2)
    """

    columns: int = 1
    _strided: bool = False

    def pool(self, columns: int) -> int:
        """Pass a pooling of 1 or `STEP` columns; return its stride along the columns."""
        if columns == 1:
            return 1
        if not self._strided:
            self._strided = True
            return STEP
        self.columns *= columns
        return 1
