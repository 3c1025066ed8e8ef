import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.cli.output.error_rate import ErrorRate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.5%", 0.005),
        ("0.005", 0.005),
        ("5e-3", 0.005),
        (" 1 % ", 0.01),
        ("0.7%", 0.007),  # 0.7 / 100 is 0.006999999999999999
        ("99.9%", 0.999),
        (".5", 0.5),
    ],
)
def test_what_is_typed(text: str, rate: float) -> None:
    assert ErrorRate().convert(text, None, None) == rate


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "0",
        "0%",
        "1",
        "100%",
        "2",
        "-1%",
        "nan",
        "inf",
        "1%%",
        "1%x",
        "half",
        "0,5%",
        "1e-",
    ],
)
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is not an error rate; write 0\.5%"):
        ErrorRate().convert(text, None, None)


@given(st.integers(1, 9999))
def test_percent_and_number_agree_to_the_bit(number: int) -> None:
    """A threshold fitted for 0.007 must be found by 0.7%."""
    typed = ErrorRate().convert(f"{number / 100:.2f}%", None, None)
    assert typed == ErrorRate().convert(f"{number / 10000:.4f}", None, None)
    assert typed == float(f"{number / 10000:.4f}")
