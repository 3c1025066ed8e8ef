"""Reads the value of ``--reject-error``: an error rate, typed as ``0.5%`` or ``0.005``."""

from decimal import Decimal, InvalidOperation
from typing import Any

import click


class ErrorRate(click.ParamType[float]):
    """A number above 0 and below 1, or a percentage."""

    name = "rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the rate as a number; any other text is a usage error.

        Examples
        --------
        >>> ErrorRate().convert("0.7%", None, None)
        0.007
        """
        text = str(value).strip()
        # Decimal, because 0.7 / 100 in floating point is less than 0.007, and a threshold that was
        # fitted for 0.7% would not be found.
        number, sign, rest = text.partition("%")
        try:
            rate = float(Decimal(number.strip()) / (100 if sign else 1))
        except (InvalidOperation, OverflowError):
            rate = 0.0
        if rest or not 0 < rate < 1:
            self.fail(
                f"{text!r} is not an error rate; write 0.5% or 0.005, for instance.", param, ctx
            )
        return rate
