"""The option's type; what an error rate is, `tests/calibration/test_error_rate.py` checks."""

import click
import pytest

from lenet.cli.output.error_rate import ErrorRate


def test_a_rate_is_a_number() -> None:
    assert ErrorRate().convert("0.5%", None, None) == 0.005


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.5", r"'0\.5' can mean two error rates; write 50%, or 0\.5% \(which is 0\.005\)\.$"),
        ("half", r"'half' is not an error rate; write 0\.5% or 0\.005, for instance\.$"),
    ],
)
def test_what_is_no_clear_rate_is_a_usage_error(text: str, message: str) -> None:
    with pytest.raises(click.BadParameter, match=message):
        ErrorRate().convert(text, None, None)
