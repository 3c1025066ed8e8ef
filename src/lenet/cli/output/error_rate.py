"""Reads the value of ``--reject-error``: an error rate, typed as ``0.5%`` or ``0.005``."""

from typing import Any

import click

from lenet.calibration.error_rate import parse_error_rate
from lenet.errors import LenetError


class ErrorRate(click.ParamType[float]):
    """A percentage, or a number above 0 and below 0.1."""

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
        try:
            return parse_error_rate(str(value))
        except LenetError as error:
            self.fail(f"{error}.", param, ctx)
