"""What is behind a reading: the field, what is said of its columns, what else it may be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lenet.engine.checks import Floats
from lenet.pictures.field import Field
from lenet.reading.decoder import most_probable
from lenet.reading.pattern import Pattern
from lenet.reading.trellis import NONE, alignment


@dataclass(frozen=True)
class Inside:
    """Behind one reading.

    Parameters
    ----------
    field
        What the picture was made into.
    log_shares
        float ``[C, 11]``: what that network says of it to which the number is most probable; see
        `lenet.reading.trellis`.
    views
        The same of all networks of the reader.
    text
        What was read.
    pattern
        What was known of it.
    """

    field: Field
    log_shares: Floats
    views: Sequence[Floats]
    text: str
    pattern: Pattern | None

    @property
    def shares(self) -> Floats:
        """The probabilities of the symbols, float32 ``[C, 11]``; each row sums to 1."""
        return np.exp(self.log_shares)

    @property
    def path(self) -> list[int]:
        """The symbol of each column, 0 to 9 or `NONE`, in the most probable alignment of `text`."""
        path = [NONE] * len(self.log_shares)
        for digit, (first, end) in zip(
            self.text, alignment(self.log_shares, self.text), strict=True
        ):
            path[first:end] = [int(digit)] * (end - first)
        return path

    def alternatives(self, count: int = 5) -> list[tuple[str, float]]:
        """Return the most probable numbers and their confidences, best first.

        The first is `text`, unless a check has refused that one or others before it.
        """
        return most_probable(self.views, self.pattern, count)
