"""From a picture to a number, with networks whose scores we choose."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import lenet
from lenet.answers import Answer
from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks import Network, lenet_network
from lenet.networks.layers import Flatten, Linear
from lenet.networks.reader import SYMBOLS, reader_network
from lenet.networks.residual import Residual
from lenet.pictures.field import field_of
from lenet.pictures.image import ImageError
from lenet.pictures.types import Images
from lenet.reading import reader as module
from lenet.reading.decoder import read_string
from lenet.reading.pattern import Pattern
from lenet.reading.reader import Reading, log_probabilities_of, picture_reader, read

BLANK = np.full((60, 200), 230, np.uint8)


def random_reader(network: Network | None = None, **changes: Any) -> Artifact:
    network = network or lenet_network(
        "relu", "max", channels=(4, 6), hidden=(9,), classes=SYMBOLS, input_size=32
    )
    random = np.random.default_rng(0)
    weights = {
        name: random.normal(0, 0.1, shape).astype(np.float32)
        for name, shape in network.parameter_shapes.items()
    }
    whole = Artifact(network, weights, network_classes(network), pictures="numbers")
    return replace(whole, **changes)


def network_classes(network: Network) -> tuple[str, ...]:
    return SYMBOLS if network.classes == len(SYMBOLS) else tuple(map(str, range(network.classes)))


READER = random_reader()


def other_reader() -> Artifact:
    """Another network of the same kind, other in its windows and in what it says."""
    layers = (
        Residual("block1", 4, rows=2, columns=2),
        Residual("block2", 5, rows=2),
        Flatten("flatten"),
        Linear("output", len(SYMBOLS)),
    )
    return random_reader(Network("other", (1, 32, 20), layers))


def bars(count: int, size: tuple[int, int] = (200, 60)) -> Images:
    """Draw strokes side by side."""
    page = Image.new("L", size, 230)
    for k in range(count):
        ImageDraw.Draw(page).rectangle((20 + 30 * k, 12, 25 + 30 * k, 48), 40)
    return np.asarray(page)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the network show, from the left, each of some symbols in a column where ink begins."""

    def show(*columns: dict[str, float], between: float = 0.999) -> None:
        def scores(network: Network, parameters: Any, normalization: Any, ink: Images) -> Floats:
            starts = np.flatnonzero(np.diff(ink.any(axis=0).astype(int), prepend=0) == 1) // 2
            weights = np.full((ink.shape[1] // 2, len(SYMBOLS)), (1 - between) / 10)
            weights[:, -1] = between
            weights = np.maximum(weights, 1e-9)
            for at, column in zip(starts, columns, strict=False):
                weights[at] = [column.get(symbol, 1e-9) for symbol in SYMBOLS]
            return np.log(weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)

        monkeypatch.setattr(module, "space_displacement", scores)

    return show


def test_of_several_members_the_mean_counts() -> None:
    both = replace(
        READER, other_members=(other_reader(),), calibration=Calibration(temperature=0.5)
    )
    picture = bars(3)
    field = field_of(picture)
    assert field is not None
    together = log_probabilities_of(both, field.ink)
    alone = [replace(one, calibration=both.calibration) for one in both.members]
    apart = [log_probabilities_of(one, field.ink)[0] for one in alone]
    assert len(together) == 2
    assert all(np.array_equal(own, one) for own, one in zip(together, apart, strict=True))
    (reading,) = read(Image.fromarray(picture), reader=both)
    assert (reading.text, reading.confidence) == read_string(together)
    assert len(reading.digits) == len(reading.text)


def test_digits_with_their_boxes_and_how_sure_they_are(seen: Callable[..., None]) -> None:
    seen({"4": 0.9, "9": 0.1}, {"1": 1.0}, {"7": 0.8, "none": 0.2}, between=1.0)
    (reading,) = read(bars(3), reader=READER)
    assert reading.text == "417"
    assert reading.confidence == pytest.approx(0.9 * 0.8, rel=1e-4)
    assert not reading.rejected
    assert [digit.text for digit in reading.digits] == ["4", "1", "7"]
    assert [digit.confidence for digit in reading.digits] == pytest.approx([0.9, 1, 0.8], rel=1e-4)
    for k, digit in enumerate(reading.digits):
        x, y, width, height = digit.box
        assert (x, y) == pytest.approx((20 + 30 * k, 12), abs=2)
        assert (width, height) == pytest.approx((6, 37), abs=3)


def test_two_of_a_kind_are_two(seen: Callable[..., None]) -> None:
    seen({"1": 1.0}, {"1": 1.0})
    assert read(bars(2), reader=READER)[0].text == "11"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (None, "44"),
        ("dd", "44"),
        ("9d", "94"),
        (Pattern.template("99"), "99"),
        (Pattern.length(1), "4"),
        ("d*4", "44"),
    ],
)
def test_a_pattern(seen: Callable[..., None], pattern: Pattern | str | None, text: str) -> None:
    seen({"4": 0.7, "9": 0.3}, {"4": 0.7, "9": 0.3})
    (reading,) = read(bars(2), pattern=pattern, reader=READER)
    assert reading.text == text
    assert len(reading.digits) == len(text)
    assert all(digit.confidence >= reading.confidence - 1e-9 for digit in reading.digits)


def test_a_digit_that_the_format_gives_is_sure(seen: Callable[..., None]) -> None:
    seen({"4": 0.7, "9": 0.3}, {"4": 0.7, "9": 0.3})
    (reading,) = read(bars(2), pattern="9d", reader=READER)
    given, free = (digit.confidence for digit in reading.digits)
    assert given == pytest.approx(0.3 / (0.3 + 0.01 * 0.7), abs=1e-3)
    assert free == pytest.approx(0.7, abs=0.01)


def test_a_pattern_that_hardly_fits_is_hardly_believed(seen: Callable[..., None]) -> None:
    seen({"4": 1.0}, {"4": 1.0})
    (reading,) = read(bars(2), pattern="99", reader=READER)
    assert (reading.text, len(reading.digits)) == ("99", 2)
    assert reading.confidence < 1e-6


def test_a_check(seen: Callable[..., None]) -> None:
    seen({"4": 0.7, "9": 0.3}, {"4": 0.6, "5": 0.4})
    asked: list[str] = []

    def divides(text: str) -> bool:
        asked.append(text)
        return bool(text) and int(text) % 5 == 0

    (reading,) = read(bars(2), check=divides, reader=READER)
    assert reading.text == "45"
    assert all(digit.confidence >= reading.confidence for digit in reading.digits)
    assert asked[0] == "44"
    (nothing,) = read(bars(2), check=lambda text: False, reader=READER)
    assert nothing == Reading("", 0.0, True, ())


def test_what_is_not_sure_enough_is_rejected(seen: Callable[..., None]) -> None:
    seen({"4": 0.8, "9": 0.2}, between=1.0)
    thresholds = ((0.005, 0.95), (0.02, 0.85), (0.3, 0.5))
    unsure = replace(READER, calibration=Calibration(thresholds=thresholds))
    for error, rejected in ((None, True), (0.005, True), (0.02, True), (0.3, False), (0.9, False)):
        (reading,) = read(bars(1), reject_error=error, reader=unsure)
        assert (reading.text, reading.rejected) == ("4", rejected)
        assert reading.confidence == pytest.approx(0.8, rel=1e-4)
    with pytest.raises(LenetError, match=r"no threshold for an error rate of 0\.1%"):
        read(bars(1), reject_error=0.001, reader=unsure)


def test_temperature_makes_less_sure(seen: Callable[..., None]) -> None:
    seen({"4": 0.8, "9": 0.2}, between=1.0)
    warm = replace(READER, calibration=Calibration(temperature=2.0))
    # Square roots of the probabilities; the other symbols' 1e-9 become some 3e-5.
    expected = 0.8**0.5 / (0.8**0.5 + 0.2**0.5)
    assert read(bars(1), reader=warm)[0].confidence == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("rows", [1, 2, 32, 60])
@pytest.mark.parametrize("columns", [1, 2, 33, 500])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_where_there_is_no_ink_there_is_no_number(rows: int, columns: int, shade: int) -> None:
    (reading,) = read(np.full((rows, columns), shade, np.uint8), reader=READER)
    assert (reading.text, reading.rejected, reading.digits) == ("", True, ())


def test_an_empty_field_is_rejected_however_sure_it_is(seen: Callable[..., None]) -> None:
    seen()
    (reading,) = read(bars(2), reader=READER)
    assert (reading.text, reading.rejected, reading.digits) == ("", True, ())
    assert reading.confidence > 0.9


@settings(max_examples=50)
@given(
    rows=st.integers(12, 90),
    columns=st.integers(1, 200),
    colours=st.sampled_from([(), (3,)]),
    seed=st.integers(0, 9),
    kind=st.sampled_from(["noise", "specks", "halves", "gradient"]),
)
def test_any_picture_gives_a_reading(
    rows: int, columns: int, colours: tuple[int, ...], seed: int, kind: str
) -> None:
    random = np.random.default_rng(seed)
    page = np.full((rows, columns, *colours), 220, np.uint8)
    if kind == "noise":
        page = random.integers(0, 256, page.shape, np.uint8)
    elif kind == "specks":
        page[random.random(page.shape) < 0.02] = 0
    elif kind == "halves":
        page[:, columns // 2 :] = 0
    else:
        page[:] = np.linspace(0, 255, columns).reshape((1, -1, *(1,) * len(colours)))
    check_whole(page)


@pytest.mark.parametrize(
    ("rows", "columns"), [(1, 1), (1, 20), (20, 1), (3, 5), (3000, 10), (1500, 2000)]
)
def test_pictures_of_extreme_sizes(rows: int, columns: int) -> None:
    page = np.full((rows, columns), 220, np.uint8)
    page[rows // 3 : rows // 3 + max(rows // 4, 1), columns // 2 : columns // 2 + 5] = 30
    check_whole(page)


def check_whole(page: Images) -> None:
    """Read a picture and check what is true of every reading."""
    (reading,) = read([page], reader=READER)
    assert reading.text == "".join(digit.text for digit in reading.digits)
    assert set(reading.text) <= set("0123456789")
    assert 0 <= reading.confidence <= 1
    assert reading.rejected == (not reading.text)
    for digit in reading.digits:
        assert 0 <= digit.confidence <= 1
        x, y, width, height = digit.box
        assert 0 <= x < x + width <= page.shape[1]
        assert 0 <= y < y + height <= page.shape[0]


def test_probabilities_sum_to_one() -> None:
    ink = np.random.default_rng(0).integers(0, 256, (32, 71), np.uint8)
    probabilities = np.exp(log_probabilities_of(READER, ink)[0])
    assert probabilities.shape == (36, 11)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_what_is_given_comes_back_in_its_order(seen: Callable[..., None]) -> None:
    seen({"1": 1.0}, {"2": 1.0}, {"3": 1.0})
    Image.fromarray(bars(2)).save("two.png")
    given = ["two.png", bars(3), Path("two.png"), Image.fromarray(bars(1)), BLANK]
    texts = ["12", "123", "12", "1", ""]
    assert [reading.text for reading in read(given, reader=READER)] == texts
    assert [reading.text for reading in read(np.stack([bars(1), bars(3)]), reader=READER)] == [
        "1",
        "123",
    ]
    assert read([], reader=READER) == []


def test_threads_read_the_same() -> None:
    pages = [np.asarray(bars(k % 5 + 1)) for k in range(12)]
    one = picture_reader(reader=READER)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, pages)) == read(pages, reader=READER)


def padded() -> Network:
    return lenet_network("relu", "max", classes=SYMBOLS, input_size=28)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "dx"}, "the template 'dx' has 'x' at character 2"),
        ({"reject_error": 0.01}, "does not know when to reject"),
        ({"reject_error": 1.0}, "lies between 0 and 1"),
        ({"reader": replace(READER, pictures="digits")}, "'digits'.* does not read numbers"),
        ({"reader": replace(READER, pictures="plain")}, "does not read numbers"),
        ({"reader": random_reader(padded())}, "its layers cannot read them"),
        ({"reader": random_reader(lenet_network(input_size=32))}, "its layers cannot read them"),
        (
            {"reader": random_reader(lenet_network(classes=SYMBOLS, in_channels=3, input_size=32))},
            "its layers cannot read them",
        ),
        (
            {"reader": random_reader(replace(reader_network(), input_shape=(1, 40, 38)))},
            "its layers cannot read them",
        ),
        (
            {"reader": replace(READER, classes=(*"9876543210", "none"))},
            "its layers cannot read them",
        ),
        (
            {"reader": replace(READER, other_members=(random_reader(padded()),))},
            "its layers cannot read them",
        ),
    ],
)
def test_mistakes_are_said_before_any_picture_is_read(
    options: dict[str, Any], message: str
) -> None:
    options = {"reader": READER, **options}
    with pytest.raises(LenetError, match=message):
        picture_reader(**options)
    with pytest.raises(LenetError, match=message):
        read("missing.png", **options)


def test_a_file_that_is_no_image() -> None:
    Path("text.png").write_text("text")
    with pytest.raises(ImageError, match=r"text\.png"):
        read("text.png", reader=READER)


def test_lenets_read_is_this_one() -> None:
    assert lenet.read is read
    assert lenet.Reading is Reading


def test_a_readers_windows_can_still_be_classified() -> None:
    (answer,) = READER.predict(np.zeros((32, 32), np.uint8))
    assert isinstance(answer, Answer)
    with pytest.raises(LenetError, match=r"use lenet\.read"):
        READER.predict(bars(2))


def test_the_shipped_network_is_one() -> None:
    assert picture_reader(reader=random_reader(reader_network()))(BLANK).text == ""
