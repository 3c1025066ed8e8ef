"""The one kind of error that is the user's to mend.

Anything raised as a `LenetError` says in one sentence what is wrong, where, and what to do about
it; the command line prints it and exits with 2. Everything else is a defect of ours.
"""

from collections.abc import Iterable


class LenetError(Exception):
    """Wrong use or bad input, in words for the person at the keyboard."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the closest known word, or an empty string."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
