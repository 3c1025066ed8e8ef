"""The share of wrong answers that one is willing to accept, as it is typed: ``0.5%``, ``0.005``."""

from decimal import Decimal, InvalidOperation
from typing import Any

import click


class ErrorShare(click.ParamType[float]):
    """A share above 0 and below 1, as a percentage with its sign or as a plain number."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the share; what is none is click's usage error."""
        text = str(value).strip()
        # Decimal, because 0.7 / 100 in floating point is less than 0.007, and a threshold that was
        # fitted for 0.7% would not be found.
        number, sign, rest = text.partition("%")
        try:
            share = float(Decimal(number.strip()) / (100 if sign else 1))
        except (InvalidOperation, OverflowError):
            share = 0.0
        if rest or not 0 < share < 1:
            self.fail(
                f"{text!r} is not a share of wrong answers; write 0.5% or 0.005, for instance.",
                param,
                ctx,
            )
        return share
