"""Error rates as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.calibration.error_rate import parse_error_rate
from lenet.errors import LenetError


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.5%", 0.005),
        ("0.005", 0.005),
        (" 0.7 % ", 0.007),
        ("1%", 0.01),
        ("1e-2", 0.01),
        (".05", 0.05),
        ("0.0999", 0.0999),
        ("10%", 0.1),
        ("50%", 0.5),
        ("99.9%", 0.999),
    ],
)
def test_clear_rates(text: str, rate: float) -> None:
    assert parse_error_rate(text) == rate


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0.1", "'0.1' can mean two error rates; write 10%, or 0.1% (which is 0.001)"),
        ("0.25", "'0.25' can mean two error rates; write 25%, or 0.25% (which is 0.0025)"),
        ("0.5", "'0.5' can mean two error rates; write 50%, or 0.5% (which is 0.005)"),
        ("5e-1", "'5e-1' can mean two error rates; write 50%, or 0.5% (which is 0.005)"),
        ("0.99", "'0.99' can mean two error rates; write 99%, or 0.99% (which is 0.0099)"),
        ("1", "'1' is not an error rate; write 1% or 0.01"),
        ("1.0", "'1.0' is not an error rate; write 1% or 0.01"),
        ("5", "'5' is not an error rate; write 5% or 0.05"),
        ("100", "'100' is not an error rate; write 0.5% or 0.005"),
        ("100%", "'100%' is not an error rate; write 0.5% or 0.005"),
        ("0", "'0' is not an error rate"),
        ("0%", "'0%' is not an error rate"),
        ("1e-", "'1e-' is not an error rate"),
        ("1%x", "'1%x' is not an error rate"),
        ("-1%", "'-1%' is not an error rate"),
        ("-0.5", "'-0.5' is not an error rate"),
        ("0,5%", "'0,5%' is not an error rate"),
        ("0.5%%", "'0.5%%' is not an error rate"),
        ("5% 1", "'5% 1' is not an error rate"),
        ("%", "'%' is not an error rate"),
        ("", "'' is not an error rate"),
        ("few", "'few' is not an error rate"),
        ("nan", "'nan' is not an error rate"),
        ("inf", "'inf' is not an error rate"),
        ("1e999999999", "'1e999999999' is not an error rate"),
        ("1e-999999999", "'1e-999999999' is not an error rate"),
    ],
)
def test_what_is_no_clear_rate_says_how_to_write_one(text: str, sentence: str) -> None:
    with pytest.raises(LenetError) as caught:
        parse_error_rate(text)
    assert str(caught.value).startswith(sentence)


@given(st.integers(1, 999))
def test_percent_and_number_agree_to_the_bit(number: int) -> None:
    """A threshold fitted for 0.007 must be found by 0.7%."""
    typed = parse_error_rate(f"{number / 100:.2f}%")
    assert typed == parse_error_rate(f"{number / 10000:.4f}")
    assert typed == float(f"{number / 10000:.4f}")
