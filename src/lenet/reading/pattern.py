"""What is known of a number before it is read: how many digits, and which of them where.

A template is a small regular expression over digits. It becomes an automaton that reads a number
digit by digit, as the grammar of amounts does in the cheque reader of Proc. IEEE 86(11), 1998
(Fig. 33); the search for strings walks it along, so that nothing else is ever considered.
"""

import re
from dataclasses import dataclass

from lenet.errors import LenetError

_LONGEST = 100  # places of a template; no number on a form is longer
_MOST_STATES = 1000  # "d*1d{20}" would need two million

_REPEAT = re.compile(r"\{(\d+)(?:,(\d+))?\}", re.ASCII)
_SET = re.compile(r"\[((?:\d-\d|\d)+)\]", re.ASCII)
_RANGE = re.compile(r"(\d)-(\d)|(\d)")


@dataclass(frozen=True)
class _Place:
    """One digit of a template: which it may be, whether it may be missing or come again."""

    digits: frozenset[int]
    optional: bool = False
    again: bool = False


@dataclass(frozen=True)
class Pattern:
    """The numbers that may stand in a field, as a deterministic automaton.

    States are 0, 1, ...; `start` is the first. From each of them some number that fits can still
    be reached.

    Parameters
    ----------
    moves
        For each state the next one after each of the ten digits, None where the digit cannot
        follow.
    accepting
        For each state whether the number may end there.
    """

    moves: tuple[tuple[int | None, ...], ...]
    accepting: tuple[bool, ...]

    @property
    def start(self) -> int:
        """The state before the first digit."""
        return 0

    def step(self, state: int, digit: int) -> int | None:
        """Return the state after one more digit, 0 to 9; None if it cannot follow."""
        return self.moves[state][digit]

    def accepts(self, state: int) -> bool:
        """Return whether the number may end here."""
        return self.accepting[state]

    def fits(self, number: str) -> bool:
        """Return whether a string of digits is one of the numbers."""
        state: int | None = self.start
        for digit in number:
            state = self.step(state, int(digit))
            if state is None:
                return False
        return self.accepts(state)

    @classmethod
    def length(cls, count: int) -> "Pattern":
        """Return the pattern of all numbers of exactly `count` digits.

        Raises
        ------
        LenetError
            A negative count, or more than 100.
        """
        if not 0 <= count <= _LONGEST:
            raise LenetError(f"a number cannot be {count} digits long: give 0 to {_LONGEST}")
        return cls.template(f"d{{{count}}}")

    @classmethod
    def template(cls, text: str) -> "Pattern":
        """Return the pattern that a template describes.

        `d` is any digit, a digit is itself, ``[135]`` and ``[0-4]`` one of several. After any of
        them `?` (perhaps), `*` (any number of times), `+` (once or more), ``{n}`` and ``{m,n}``
        say how often it comes. ``[1-9]d{0,2}00`` is an amount in round hundreds.

        Raises
        ------
        LenetError
            The template is malformed, which the error says with the place, or needs more than 100
            places or 1000 states.
        """
        return _automaton(text, _places(text))


def _places(text: str) -> list[_Place]:
    places: list[_Place] = []
    at = 0
    while at < len(text):
        start = at
        digits, at = _digits(text, at)
        least, most, at = _times(text, at)
        places += [_Place(digits)] * least
        places += (
            [_Place(digits, optional=True, again=True)]
            if most is None
            else [_Place(digits, optional=True)] * (most - least)
        )
        if len(places) > _LONGEST:
            raise LenetError(
                f"the template {text!r} passes {_LONGEST} digits at character {start + 1}: "
                "shorten it"
            )
    return places


def _digits(text: str, at: int) -> tuple[frozenset[int], int]:
    """Read `d`, a digit or a set; return it and where it ends."""
    first = text[at]
    if first == "d":
        return frozenset(range(10)), at + 1
    if first in "0123456789":
        return frozenset({int(first)}), at + 1
    if first != "[":
        raise _malformed(text, at, f"{first!r}", "d, a digit or a set such as [0-4] must stand")
    found = _SET.match(text, at)
    if found is None:
        raise _malformed(text, at, "a set", "it must hold digits and be closed, as [135] or [0-4]")
    digits: set[int] = set()
    for low, high, single in _RANGE.findall(found[1]):
        if low > high:
            raise _malformed(text, at, f"the range {low}-{high}", f"write {high}-{low}")
        digits |= {int(single)} if single else set(range(int(low), int(high) + 1))
    return frozenset(digits), found.end()


def _times(text: str, at: int) -> tuple[int, int | None, int]:
    """Read how often; return the least, the most (None: no limit) and where it ends."""
    sign = text[at : at + 1]
    if sign in ("?", "*", "+"):
        return int(sign == "+"), 1 if sign == "?" else None, at + 1
    if sign != "{":
        return 1, 1, at
    found = _REPEAT.match(text, at)
    if found is None:
        raise _malformed(text, at, "'{'", "a count must follow and be closed, as {4} or {2,6}")
    least, most = int(found[1]), int(found[2] or found[1])
    if least > most:
        raise _malformed(text, at, found[0], f"write {{{most},{least}}}")
    if most > _LONGEST:
        raise _malformed(text, at, found[0], f"give at most {_LONGEST}")
    return least, most, found.end()


def _malformed(text: str, at: int, what: str, instead: str) -> LenetError:
    return LenetError(f"the template {text!r} has {what} at character {at + 1}: {instead}")


def _automaton(text: str, places: list[_Place]) -> Pattern:
    """Follow all sets of places that a number can have come to (the subset construction)."""

    def with_skipped(reached: set[int]) -> frozenset[int]:
        for at in range(len(places)):
            if at in reached and places[at].optional:
                reached.add(at + 1)
        return frozenset(reached)

    sets = [with_skipped({0})]
    known = {sets[0]: 0}
    moves: list[tuple[int | None, ...]] = []
    for reached in sets:  # grows as we go
        row: list[int | None] = []
        for digit in range(10):
            after = with_skipped(
                {
                    at if places[at].again else at + 1
                    for at in reached
                    if at < len(places) and digit in places[at].digits
                }
            )
            if after and after not in known:
                known[after] = len(sets)
                sets.append(after)
            row.append(known.get(after))
        moves.append(tuple(row))
        if len(sets) > _MOST_STATES:
            raise LenetError(
                f"the template {text!r} leaves open where its digits lie in more than "
                f"{_MOST_STATES} ways: use fewer of *, + and {{m,n}}"
            )
    return Pattern(tuple(moves), tuple(len(places) in reached for reached in sets))
