"""Finds out whether repeated measurements of time agree, and whether other work disturbs them."""

import os
from pathlib import Path
from statistics import median

LEAST_ROUNDS = 3
"""Fewer rounds cannot show whether they agree."""

MOST_DISAGREEMENT = 1.5
"""A ratio is given if the greatest ratio of a round is at most this many times the least one."""

_BUSY = 0.25  # of the processors, on average


def ratio(theirs: list[float], ours: list[float]) -> float | None:
    """Return how many times longer theirs takes than ours; None if the rounds disagree.

    Both are measured in turn in each round, so the rounds' ratios are compared, not the times: a
    machine that is slower in one round slows both.

    Parameters
    ----------
    theirs, ours
        The median time of each round.

    Examples
    --------
    >>> ratio([4.0, 4.2, 8.0], [1.0, 1.0, 2.0])
    4.0
    >>> ratio([4.0, 4.2, 900.0], [1.0, 1.0, 1.0]) is None
    True
    """
    ratios = [one / other for one, other in zip(theirs, ours, strict=True)]
    if len(ratios) < LEAST_ROUNDS or max(ratios) > MOST_DISAGREEMENT * min(ratios):
        return None
    return median(ratios)


def load_warning(threads: int) -> str | None:
    """Return a warning if other work leaves fewer than `threads` processors; None if not.

    Call it before the measurement, whose own threads count too.
    """
    try:
        load = os.getloadavg()[0]
    except OSError:
        return None
    return busy_warning(load, threads, os.cpu_count() or 1)


def busy_warning(load: float, threads: int, processors: int) -> str | None:
    """Return a warning if `load` processors are busy and `threads` more would not find room.

    Examples
    --------
    >>> busy_warning(0.2, threads=2, processors=2) is None
    True
    >>> print(busy_warning(1.5, threads=2, processors=2))
    other work keeps 1.5 of 2 processors busy: times and ratios will be wrong; end it first
    """
    if load + threads <= (1 + _BUSY) * processors:
        return None
    return (
        f"other work keeps {load:.1f} of {processors} processors busy: times and ratios will be "
        "wrong; end it first"
    )


class OtherWork:
    """Measures how many processors other processes kept busy, from its making to `processors`."""

    def __init__(self) -> None:
        self._begin = _seconds()

    def processors(self) -> float | None:
        """Return the mean number of processors that others used; None if Linux does not say."""
        begin, end = self._begin, _seconds()
        if begin is None or end is None or end[0] <= begin[0]:
            return None
        wall, all_work, own = (after - before for before, after in zip(begin, end, strict=True))
        return max(0.0, (all_work - own) / wall)


def _seconds() -> tuple[float, float, float] | None:
    """Return the seconds of the clock, and of work by all processes and by this one."""
    try:
        words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
        tick = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return None
    user, nice, system, _idle, _wait, interrupts, soft, stolen = map(int, words[1:9])
    own = os.times()
    work = (user + nice + system + interrupts + soft + stolen) / tick
    return own.elapsed, work, own.user + own.system + own.children_user + own.children_system
