"""Reads an error rate that a person wrote: ``0.5%`` or ``0.005``."""

from decimal import Decimal

from lenet.errors import LenetError

_LEAST_UNCLEAR = 0.1


def parse_error_rate(text: str) -> float:
    """Return the error rate that `text` names, above 0 and below 1.

    A number of 0.1 or more needs a percent sign, because 0.5 can be meant as 50% or as 0.5%, and
    with the wrong one of them the rejection of uncertain answers is off by a factor of a hundred.

    Raises
    ------
    LenetError
        The text is no error rate, or not a clear one.

    Examples
    --------
    >>> parse_error_rate("0.7%"), parse_error_rate("0.007"), parse_error_rate("50%")
    (0.007, 0.007, 0.5)
    >>> parse_error_rate("0.5")
    Traceback (most recent call last):
    lenet.errors.LenetError: '0.5' can mean two error rates; write 50%, or 0.5% (which is 0.005)
    """
    text = text.strip()
    number, sign, rest = text.partition("%")
    # Decimal, because 0.7 / 100 in floating point is less than 0.007, and a threshold that was
    # fitted for 0.7% would not be found.
    try:
        rate = float(Decimal(number.strip()) / (100 if sign else 1))
    except ArithmeticError:  # also for a text that is no number
        rate = 0.0
    shown = repr(text[:40])
    if not rest and not sign and 1 <= rate < 100:
        raise LenetError(f"{shown} is not an error rate; write {rate:g}% or {rate / 100:g}")
    if rest or not 0 < rate < 1:
        raise LenetError(f"{shown} is not an error rate; write 0.5% or 0.005, for instance")
    if not sign and rate >= _LEAST_UNCLEAR:
        raise LenetError(
            f"{shown} can mean two error rates; write {100 * rate:g}%, or {rate:g}% "
            f"(which is {rate / 100:g})"
        )
    return rate
