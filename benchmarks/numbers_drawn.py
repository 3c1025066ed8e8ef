"""Numbers written with digits of MNIST's test set: known labels, and cases that readers fail in."""

from collections.abc import Callable
from functools import partial

from handwriting import Style
from photographed import Photo, Random


def digits(least: int, most: int, random: Random) -> str:
    """Draw a number of so many digits, the first of several no zero."""
    count = int(random.integers(least, most + 1))
    row = random.integers(0, 10, count)
    if count > 1:
        row[0] = random.integers(1, 10)
    return "".join(map(str, row.tolist()))


def with_digit(digit: str, random: Random) -> str:
    """Draw a number of two to five digits that has one of them at least once."""
    text = digits(2, 5, random)
    place = int(random.integers(len(text)))
    return text[:place] + digit + text[place + 1 :]


def zeros(random: Random) -> str:
    """Draw a number that ends in two to five zeros."""
    return str(random.integers(1, 100)) + "0" * int(random.integers(2, 6))


def separated(random: Random) -> str:
    """Put a sign before each three digits from the right, and now and then one behind."""
    text = digits(4, 7, random)
    sign = ".,'"[random.integers(3)]
    text = f"{int(text):_}".replace("_", sign)
    return text + ["", ".-", ",-", ",--", "-"][random.integers(5)]


CASES: dict[str, tuple[Callable[[Random], str], Style]] = {
    "one lone digit": (partial(digits, 1, 1), Style()),
    "two digits": (partial(digits, 2, 2), Style()),
    "runs of zeros": (zeros, Style()),
    "touching zeros": (zeros, Style(touching="zeros")),
    "crossed sevens": (partial(with_digit, "7"), Style(crossed=True)),
    "ones without a foot": (partial(with_digit, "1"), Style(ones="plain")),
    "ones with a foot": (partial(with_digit, "1"), Style(ones="footed")),
    "separators": (separated, Style()),
    "touching digits": (partial(digits, 2, 5), Style(touching="all")),
}
"""What to write, and how; all on plain paper, 60 to 120 pixels high."""

_MEDIUM = (80, 80)
PHOTOS: dict[str, Photo] = {
    "20 pixels high": Photo((20, 20)),
    "30 pixels high": Photo((30, 30)),
    "50 pixels high": Photo((50, 50)),
    "100 pixels high": Photo((100, 100)),
    "300 pixels high": Photo((300, 300)),
    "light ink on a dark board": Photo(_MEDIUM, light=True),
    "ruled paper": Photo(_MEDIUM, ruling="ruled"),
    "squared paper": Photo(_MEDIUM, ruling="squared"),
    "tilted by up to 5 degrees": Photo(_MEDIUM, tilt=(1.5, 5)),
    "tilted by 5 to 10 degrees": Photo(_MEDIUM, tilt=(5, 10)),
    "a shadow": Photo(_MEDIUM, shadow=True),
    "JPEG of quality 8 to 20": Photo(_MEDIUM, quality=(8, 20)),
    "ruled, tilted, in shadow, JPEG of 20 to 40": Photo(
        _MEDIUM, (0, 5), ruling="ruled", shadow=True, quality=(20, 40)
    ),
}
"""How numbers of one to eight digits are taken."""
