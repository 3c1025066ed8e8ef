"""Describes the known format of a number: how many digits it has, and which stand where.

A template is a small regular expression over digits. It is turned into a deterministic automaton,
as the grammar of amounts is in the cheque reader of Proc. IEEE 86(11), 1998 (Fig. 33). The search
(`lenet.reading.search`) follows the automaton digit by digit, so it only considers numbers that
fit.
"""

import re
from dataclasses import dataclass

from lenet.errors import LenetError

_LONGEST = 100  # digits of a template; no number on a form is longer
_MOST_STATES = 1000  # "d*1d{20}" would need two million

_REPEAT = re.compile(r"\{(\d+)(?:,(\d+))?\}", re.ASCII)
_SET = re.compile(r"\[((?:\d-\d|\d)+)\]", re.ASCII)
_RANGE = re.compile(r"(\d)-(\d)|(\d)")


@dataclass(frozen=True)
class _Place:
    """One place of a template: the digits allowed there, and whether it is optional or repeated."""

    digits: frozenset[int]
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Pattern:
    """The numbers of a format, as a deterministic automaton.

    States are 0, 1, ...; state 0 is the start. From every state a number that fits can be reached.

    Parameters
    ----------
    transitions
        For each state the next state after each of the ten digits; None if the digit cannot follow.
    accepting
        For each state whether a number may end there.
    """

    transitions: tuple[tuple[int | None, ...], ...]
    accepting: tuple[bool, ...]

    def fits(self, number: str) -> bool:
        """Return whether a string of digits has this format."""
        state: int | None = 0
        for digit in number:
            state = self.transitions[state][int(digit)]
            if state is None:
                return False
        return self.accepting[state]

    @classmethod
    def length(cls, count: int) -> "Pattern":
        """Return the pattern of all numbers of exactly `count` digits.

        Raises
        ------
        LenetError
            `count` is negative or above 100.
        """
        if not 0 <= count <= _LONGEST:
            raise LenetError(f"a number cannot be {count} digits long: give 0 to {_LONGEST}")
        return cls.template(f"d{{{count}}}")

    @classmethod
    def template(cls, text: str) -> "Pattern":
        """Return the pattern that a template describes.

        ``d`` is any digit, ``7`` is the digit 7, ``[135]`` and ``[0-4]`` are one digit of a set.
        Each can be followed by ``?`` (optional), ``*`` (any number of times), ``+`` (once or more),
        ``{n}`` (n times) or ``{m,n}`` (m to n times).

        Raises
        ------
        LenetError
            The template is malformed (the message gives the place), or needs more than 100 digits
            or 1000 states.

        Examples
        --------
        >>> hundreds = Pattern.template("[1-9]d{0,2}00")
        >>> hundreds.fits("1200"), hundreds.fits("1250")
        (True, False)
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
        if most is None:
            places.append(_Place(digits, optional=True, repeated=True))
        else:
            places += [_Place(digits, optional=True)] * (most - least)
        if len(places) > _LONGEST:
            raise LenetError(
                f"the template {text!r} has more than {_LONGEST} digits at character {start + 1}: "
                "make it shorter"
            )
    return places


def _digits(text: str, at: int) -> tuple[frozenset[int], int]:
    """Parse `d`, a digit or a set; return the digits, and the index after it."""
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
    """Parse a repetition; return the least times, the most (None: no limit), the index after it."""
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


def _malformed(text: str, at: int, found: str, instead: str) -> LenetError:
    return LenetError(f"the template {text!r} has {found} at character {at + 1}: {instead}")


def _automaton(text: str, places: list[_Place]) -> Pattern:
    """Build the automaton: its states are the sets of places that a number can have reached.

    This is known as the subset construction.
    """

    def with_skipped(reached: set[int]) -> frozenset[int]:
        for at in range(len(places)):
            if at in reached and places[at].optional:
                reached.add(at + 1)
        return frozenset(reached)

    sets = [with_skipped({0})]
    known = {sets[0]: 0}
    transitions: list[tuple[int | None, ...]] = []
    for reached in sets:  # the loop itself appends to `sets`
        row: list[int | None] = []
        for digit in range(10):
            after = with_skipped(
                {
                    at if places[at].repeated else at + 1
                    for at in reached
                    if at < len(places) and digit in places[at].digits
                }
            )
            if after and after not in known:
                known[after] = len(sets)
                sets.append(after)
            row.append(known.get(after))
        transitions.append(tuple(row))
        if len(sets) > _MOST_STATES:
            raise LenetError(
                f"the template {text!r} needs more than {_MOST_STATES} states: "
                "use fewer of *, + and {m,n}"
            )
    return Pattern(tuple(transitions), tuple(len(places) in reached for reached in sets))
