"""How far apart in the maps lie the neighbours that a window sees, of a network along a field.

Each window is a whole image to the network. Along a field they lie two columns of pixels apart, as
far as the first pooling that joins columns takes them; the poolings behind it are made at every
place, and what reads their maps leaves out those between.
"""

from dataclasses import dataclass

STEP = 2
"""Columns of pixels between two windows."""


@dataclass
class Spread:
    """Goes along with the layers, from the field on.

    Parameters
    ----------
    columns
        How far apart the neighbours lie: 1 until columns are joined a second time.
    """

    columns: int = 1
    _halved: bool = False

    def pool(self, columns: int) -> int:
        """Join as many columns (1 or `STEP`); return how far apart the cells are made."""
        if columns == 1:
            return 1
        if not self._halved:
            self._halved = True
            return STEP
        self.columns *= columns
        return 1
