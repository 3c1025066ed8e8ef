"""The graph of all ways to cut a field into digits: its best path, and sums over all paths.

The nodes are the cuts, 0 to `last`, from left to right. An arc leads from a node to a later one. It
is a piece of ink that may be a digit, and has eleven penalties: one for each digit, and the last
for the meaning "no digit". A path leads from the first node to the last. It gives each of its arcs
a meaning, and spells the digits among the meanings; its penalty is the sum of theirs. This is the
interpretation graph that the recogniser T_rec makes of the segmentation graph (Proc. IEEE 86(11),
1998, sections V to VII): an arc with eleven penalties stands for eleven arcs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError
from lenet.pictures.components import Numbers

NOTHING = 10
"""The meaning of an arc that is not a digit: a separator, a stroke after the amount, a stain."""

MEANINGS = 11

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class SegmentationGraph:
    """Arcs between cuts, in any order.

    Parameters
    ----------
    last
        The number of the last node; the first is 0.
    starts, ends
        int64 ``[A]``: the node each arc leaves and the later one it reaches.
    penalties
        float64 ``[A, 11]``: for the digits 0 to 9 and `NOTHING`; infinity means impossible.

    Raises
    ------
    ValueError
        The shapes do not fit each other, an arc does not lead to a later node, or a penalty is NaN
        or minus infinity.
    """

    last: int
    starts: Numbers
    ends: Numbers
    penalties: Doubles

    def __post_init__(self) -> None:
        count = len(self.starts)
        if self.ends.shape != (count,) or self.penalties.shape != (count, MEANINGS):
            raise ValueError(f"{count} arcs need as many ends, and {MEANINGS} penalties each")
        if ((self.starts < 0) | (self.starts >= self.ends) | (self.ends > self.last)).any():
            raise ValueError(f"an arc leads from a node to a later one, 0 to {self.last}")
        if not (self.penalties > -np.inf).all():  # NaN fails too
            raise ValueError("a penalty is NaN or minus infinity")

    def viterbi(self) -> tuple[float, list[tuple[int, int]]]:
        """Return the least penalty of a path, and the path as arcs and their meanings.

        Equation 10 of the paper, node by node: v_n is the least c_i + v_s over the arcs i into n,
        where s is the node that arc i leaves.

        Returns
        -------
        Infinity and an empty path if no path reaches the last node.
        """
        meanings = self.penalties.argmin(axis=1)
        costs = self.penalties[np.arange(len(meanings)), meanings]
        least = np.full(self.last + 1, np.inf)
        least[0] = 0.0
        came = np.full(self.last + 1, -1)
        for node, arcs in self._arriving():
            ways = least[self.starts[arcs]] + costs[arcs]
            best = int(ways.argmin())
            least[node], came[node] = ways[best], arcs[best]
        if least[self.last] == np.inf:
            return np.inf, []
        path: list[tuple[int, int]] = []
        node = self.last
        while node > 0:
            arc = int(came[node])
            path.append((arc, int(meanings[arc])))
            node = int(self.starts[arc])
        return float(least[self.last]), path[::-1]

    def forward_penalty(self) -> float:
        """Return the penalty of all paths together, C_forw: -log of the sum of their exp(-penalty).

        Equations 13 and 14: f_n is logadd(c_i + f_s) over the arcs into n, where logadd(x, y) is
        -log(exp(-x) + exp(-y)). Infinite if there is no path.
        """
        costs = -np.logaddexp.reduce(-self.penalties, axis=1)
        reached = np.full(self.last + 1, np.inf)
        reached[0] = 0.0
        for node, arcs in self._arriving():
            reached[node] = -np.logaddexp.reduce(-(reached[self.starts[arcs]] + costs[arcs]))
        return float(reached[self.last])

    def constrained_penalties(self, numbers: NDArray[np.int64]) -> Doubles:
        """Return for each number the penalty of all paths that spell it, C_cforw (section VI).

        These are the paths of the composition of this graph with the number's own graph: a node of
        the composition is a node of this graph and the number of digits already spelt.

        Parameters
        ----------
        numbers
            int64 ``[B, L]``: the digits of B numbers of one length.

        Returns
        -------
        float64 ``[B]``.
        """
        count, length = numbers.shape
        reached = np.full((self.last + 1, count, length + 1), np.inf)
        reached[0, :, 0] = 0.0
        for node, arcs in self._arriving():
            before = reached[self.starts[arcs]]
            ways = np.full((2, len(arcs), count, length + 1), np.inf)
            ways[0] = before + self.penalties[arcs, NOTHING, None, None]
            ways[1, :, :, 1:] = before[:, :, :-1] + self.penalties[arcs][:, numbers]
            reached[node] = -np.logaddexp.reduce(-ways.reshape(-1, count, length + 1), axis=0)
        return reached[self.last, :, length]

    def confidence(self, text: str) -> float:
        """Return the posterior probability of a number, exp(-E_dforw), 0 to 1.

        E_dforw = C_cforw - C_forw (equation 17). Section X-C rejects by it, because the penalty of
        the best path alone is not comparable between fields; the paper prints the exponent without
        its sign. 0 if no path spells the number.

        Raises
        ------
        LenetError
            `text` holds anything but the digits 0 to 9.
        """
        spelt = float(self.constrained_penalties(_digits(text)[None])[0])
        return 0.0 if spelt == np.inf else min(1.0, float(np.exp(self.forward_penalty() - spelt)))

    def digit_confidences(self, text: str) -> list[float]:
        """Return the confidence of each digit of a number, given that the others are correct.

        As `lenet.reading.trellis.digit_confidences`: the number's probability, divided by the sum
        of itself, of the nine numbers with another digit in this place, and of the number without
        the digit.

        Raises
        ------
        LenetError
            `text` holds anything but the digits 0 to 9.
        """
        digits = _digits(text)
        count = len(digits)
        if not count:
            return []
        places = np.arange(count)
        replaced = np.tile(digits, (count, 10, 1))
        replaced[places, :, places] = np.arange(10)
        removed = np.array([np.delete(digits, at) for at in places])
        with_another = self.constrained_penalties(replaced.reshape(-1, count)).reshape(count, 10)
        without = self.constrained_penalties(removed)
        own = with_another[0, digits[0]]
        if own == np.inf:
            return [0.0] * count
        likelier = np.exp(own - np.column_stack((with_another, without)))
        return [float(one) for one in 1 / likelier.sum(axis=1)]

    def _arriving(self) -> Iterator[tuple[int, Numbers]]:
        """Yield the nodes that arcs arrive at, from left to right, with these arcs."""
        order = np.argsort(self.ends, kind="stable")
        nodes, firsts = np.unique(self.ends[order], return_index=True)
        counts = np.diff(firsts, append=len(order))
        for node, first, count in zip(nodes.tolist(), firsts, counts, strict=True):
            yield node, order[first : first + count]


def _digits(text: str) -> NDArray[np.int64]:
    if not set(text) <= set("0123456789"):
        raise LenetError(f"the number {text!r} must consist of the digits 0 to 9 alone")
    return np.array([int(one) for one in text], np.int64)
