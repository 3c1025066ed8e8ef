"""The Gaussian output that the chapter removes: Euclidean radial basis function units."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lenet.errors import LenetError
from lenet.networks.checks import Shape, check_number

ROWS, COLUMNS = 12, 7
"""Size of a bitmap; a unit has one fixed weight for each of its 84 cells."""


@cache
def _bitmaps() -> dict[str, str]:
    text = Path(__file__).with_name("bitmaps.json").read_text(encoding="utf-8")
    bitmaps: dict[str, str] = json.loads(text)
    return bitmaps


def characters() -> str:
    """Return the 95 characters that have a bitmap, in ASCII order."""
    return "".join(_bitmaps())


def bitmap(character: str) -> list[str]:
    """Return a character's bitmap: 12 rows of 7, ``#`` for ink (+1) and ``.`` for none (-1).

    Source: Proc. IEEE 86(11), 1998, Figure 3 (page 9).

    Raises
    ------
    LenetError
        Not one printable ASCII character.
    """
    if character not in _bitmaps():
        raise LenetError(f"there is no bitmap for {character!r}, only for printable ASCII")
    return _bitmaps()[character].split()


def code(character: str) -> list[int]:
    """Return the 84 fixed weights of a character's unit, +1 or -1, row by row."""
    return [1 if cell == "#" else -1 for row in bitmap(character) for cell in row]


@dataclass(frozen=True)
class RadialBasis:
    """Units that measure how far their input is from a character's bitmap.

    A unit's score is minus the squared Euclidean distance, ``-sum_j (x_j - w_ij)^2``: the paper's
    penalty ``y_i`` with its sign turned, so that as everywhere here the greatest score is the
    answer. Up to a factor it is the logarithm of a Gaussian density at ``x`` around the bitmap.
    Source: Proc. IEEE 86(11), 1998, pages 8 and 9.

    Parameters
    ----------
    name
        It has no parameters: the bitmaps are fixed.
    characters
        Whose bitmap each unit holds, in the order of the classes.
    rubbish
        The paper's j: an image that is none of the characters counts as being at the distance j
        (equation 9). It plays its part in the loss and in the posterior probabilities.
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
        """What a table of layers calls this one."""
        return f"distance to {COLUMNS}×{ROWS} bitmaps"

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(characters,)``."""
        if shape != (ROWS * COLUMNS,):
            raise LenetError(f"{self.name}: needs {ROWS * COLUMNS} units, not {shape}")
        return (len(self.characters),)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """One square and addition for each weight."""
        return len(self.characters) * ROWS * COLUMNS

    def connections(self, shape: Shape) -> int:
        """One for each weight; there is no bias."""
        return len(self.characters) * ROWS * COLUMNS


def characters_for(classes: tuple[str, ...]) -> str:
    """Return a character for each class: the names if all are characters, else digits and letters.

    Raises
    ------
    LenetError
        More classes than characters.
    """
    if len(set(classes)) == len(classes) and set(classes) <= set(characters()):
        return "".join(classes)
    plain = [c for c in characters() if c.isalnum()] + [c for c in characters() if not c.isalnum()]
    if len(classes) > len(plain):
        raise LenetError(f"{len(classes)} classes, but only {len(plain)} characters have bitmaps")
    return "".join(plain[: len(classes)])
