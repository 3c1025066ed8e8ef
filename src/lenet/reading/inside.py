"""Holds how a number was read: its normalised image and each network's trellis.

The alternatives are computed from these.
"""

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
    """The intermediate results behind one reading.

    Parameters
    ----------
    field
        The normalised number image that was read.
    log_probabilities
        float ``[C, 11]``: the trellis (`lenet.reading.trellis`) of the ensemble's member that gives
        the number the highest probability.
    members
        The trellises of all members of the ensemble.
    text
        The number that was read.
    pattern
        The format that the number was known to have; None for no format.
    """

    field: Field
    log_probabilities: Floats
    members: Sequence[Floats]
    text: str
    pattern: Pattern | None

    @property
    def probabilities(self) -> Floats:
        """The posterior probabilities of each column, float32 ``[C, 11]``; rows sum to 1."""
        return np.exp(self.log_probabilities)

    @property
    def path(self) -> list[int]:
        """The symbol of each column, 0 to 9 or `NONE`, in the most probable alignment of `text`."""
        path = [NONE] * len(self.log_probabilities)
        spans = alignment(self.log_probabilities, self.text)
        for digit, (first, end) in zip(self.text, spans, strict=True):
            path[first:end] = [int(digit)] * (end - first)
        return path

    def alternatives(self, count: int = 5) -> list[tuple[str, float]]:
        """Return up to `count` most probable numbers and their confidences, best first.

        No check is applied. So the first is `text`, the number that was read, unless a check
        rejected more probable ones.
        """
        return most_probable(self.members, self.pattern, count)
