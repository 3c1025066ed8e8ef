"""Defines LeNet-5's output layer: Euclidean radial basis functions (Gaussian outputs)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lenet.errors import LenetError
from lenet.networks.checks import Shape, check_number
from lenet.networks.layers import WithoutParameters

ROWS, COLUMNS = 12, 7
"""The size of a bitmap. A unit has a fixed weight for each of the 84 cells."""


@cache
def _bitmaps() -> dict[str, str]:
    text = Path(__file__).with_name("bitmaps.json").read_text(encoding="utf-8")
    bitmaps: dict[str, str] = json.loads(text)
    return bitmaps


def characters() -> str:
    """Return the 95 characters that have a bitmap, in ASCII order."""
    return "".join(_bitmaps())


def bitmap(character: str) -> list[str]:
    """Return a character's bitmap: 12 rows of 7 cells, ``#`` for ink and ``.`` for background.

    Source: Proc. IEEE 86(11), 1998, Figure 3 (page 9).

    Raises
    ------
    LenetError
        `character` is not one printable ASCII character.

    Examples
    --------
    >>> bitmap("7")[:4]
    ['#######', '.....##', '.....##', '....##.']
    """
    if character not in _bitmaps():
        raise LenetError(f"there is no bitmap for {character!r}, only for printable ASCII")
    return _bitmaps()[character].split()


def code(character: str) -> list[int]:
    """Return the 84 fixed weights of a character's unit, row by row: +1 for ink, else -1."""
    return [1 if cell == "#" else -1 for row in bitmap(character) for cell in row]


@dataclass(frozen=True)
class RadialBasis(WithoutParameters):
    """Units that compare their input with the bitmaps of characters, which are fixed.

    The score of unit i is minus the squared Euclidean distance of its input x from its bitmap w_i,
    ``-sum_j (x_j - w_ij)^2``. This is the paper's penalty ``y_i`` with the opposite sign, so that
    the class with the greatest score wins, as in other networks. Up to a factor the score is the
    logarithm of a Gaussian density around the bitmap. Source: Proc. IEEE 86(11), 1998, pages 8 and
    9.

    Parameters
    ----------
    name
        The layer's name.
    characters
        The character of each unit, in the order of the classes.
    rubbish
        The paper's j (equation 9): the penalty of the rubbish class, which takes part in the loss
        and in the posteriors.
    """

    name: str
    characters: str
    rubbish: float

    def __post_init__(self) -> None:
        if not isinstance(self.characters, str) or not self.characters:  # pyright: ignore[reportUnnecessaryIsInstance] from JSON
            raise LenetError(f"{self.name}: characters must be a text")
        for character in self.characters:
            bitmap(character)
        check_number(self.name, "rubbish", self.rubbish, 0, 1e6)

    @property
    def label(self) -> str:
        """The layer in a few words, for tables."""
        return f"distance to {COLUMNS}×{ROWS} bitmaps"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output, one score per character; the input must have 84 units."""
        if shape != (ROWS * COLUMNS,):
            raise LenetError(f"{self.name}: needs {ROWS * COLUMNS} units, not {shape}")
        return (len(self.characters),)

    def multiply_accumulates(self, shape: Shape) -> int:
        """Return the multiply-accumulates for one image: one for each weight."""
        return len(self.characters) * ROWS * COLUMNS

    def connections(self, shape: Shape) -> int:
        """Return the number of connections: that of the weights, since there are no biases."""
        return self.multiply_accumulates(shape)


def characters_for(classes: tuple[str, ...]) -> str:
    """Return a character for each class; more classes than characters are a `LenetError`.

    The characters are the names of the classes if each name is a character and no two are equal,
    else the digits, the letters and the punctuation marks, in ASCII order.
    """
    if len(set(classes)) == len(classes) and set(classes) <= set(characters()):
        return "".join(classes)
    plain = [c for c in characters() if c.isalnum()] + [c for c in characters() if not c.isalnum()]
    if len(classes) > len(plain):
        raise LenetError(
            f"the network of 1998 has a bitmap of a character for each class, and bitmaps of "
            f"{len(plain)} characters; for {len(classes)} classes use another network or recipe"
        )
    return "".join(plain[: len(classes)])
