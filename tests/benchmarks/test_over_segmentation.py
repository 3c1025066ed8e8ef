"""Reading by over-segmentation: drawn numbers, empty pictures, penalties computed by hand."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

import lenet
from lenet.artifact import Artifact
from lenet.errors import LenetError
from lenet.networks.network import Network
from lenet.pictures.field import field_of
from over_segmentation.cuts import cuts
from over_segmentation.groupings import groupings
from over_segmentation.read import (
    features,
    log_probabilities,
    penalties,
    read_over_segmented,
    written,
)
from over_segmentation.segmentation_graph import NOTHING

# Strokes of digits in a square of 10 × 20: lines from point to point.
STROKES = {
    "0": [(5, 0), (1, 4), (0, 10), (1, 16), (5, 20), (9, 16), (10, 10), (9, 4), (5, 0)],
    "1": [(5, 0), (5, 20)],
    "2": [(0, 5), (2, 1), (6, 0), (9, 3), (9, 7), (0, 20), (10, 20)],
    "3": [(0, 2), (4, 0), (9, 3), (8, 8), (4, 9), (9, 12), (9, 17), (4, 20), (0, 18)],
    "7": [(0, 0), (10, 0), (4, 20)],
}


def picture(text: str, pitch: int = 60) -> NDArray[np.uint8]:
    """Draw a number with a pen, 80 pixels high."""
    image = Image.new("L", (60 + pitch * len(text), 140), 230)
    pen = ImageDraw.Draw(image)
    for place, digit in enumerate(text):
        points = [(30 + pitch * place + 4 * x, 30 + 4 * y) for x, y in STROKES[digit]]
        pen.line(points, fill=20, width=9, joint="curve")
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1.5)))


@pytest.mark.parametrize("text", ["1", "2", "3", "7", "2003", "13", "3120", "777"])
def test_drawn_numbers_are_read(text: str) -> None:
    (reading,) = read_over_segmented([picture(text)])
    assert reading.text == text
    assert not reading.rejected
    assert 0 < reading.confidence <= 1
    assert "".join(digit.text for digit in reading.digits) == text
    for place, digit in enumerate(reading.digits):
        x, y, width, height = digit.box
        assert 30 + 60 * place - 8 <= x <= x + width <= 30 + 60 * place + 48
        assert 22 <= y <= 38
        assert 72 <= height <= 96
        assert reading.confidence <= digit.confidence + 1e-9


def test_touching_zeros_are_two() -> None:
    (reading,) = read_over_segmented([picture("200", pitch=44)])
    assert reading.text == "200"
    boxes = [digit.box for digit in reading.digits]
    assert abs(boxes[2][0] - (boxes[1][0] + boxes[1][2])) <= 5


@pytest.mark.parametrize(
    "empty",
    [
        np.full((60, 200), 230, np.uint8),
        np.zeros((1, 1), np.uint8),
        np.full((40, 90, 3), 255, np.uint8),
    ],
)
def test_an_empty_picture_holds_no_number(empty: NDArray[np.uint8]) -> None:
    (reading,) = read_over_segmented([empty])
    assert (reading.text, reading.confidence, reading.rejected, reading.digits) == (
        "",
        0.0,
        True,
        (),
    )


def test_a_stroke_after_the_number_is_nothing() -> None:
    with_dash = np.pad(picture("203"), ((0, 0), (0, 60)), mode="edge")
    with_dash[68:76, 250:285] = 20
    (reading,) = read_over_segmented([with_dash])
    assert reading.text == "203"


def digits_network() -> Artifact:
    return lenet.load("digits-record")


@pytest.mark.parametrize(
    "other",
    [
        lenet.load("fashion"),
        replace(digits_network(), pictures="plain"),
        replace(digits_network(), classes=tuple("1234567890")),
        replace(
            digits_network(),
            network=Network(
                "plain",
                digits_network().network.input_shape,
                (
                    *digits_network().network.layers[:-1],
                    replace(digits_network().network.layers[-1], rubbish=None),  # pyright: ignore[reportCallIssue] Linear has it
                ),
            ),
        ),
    ],
)
def test_other_networks_are_refused(other: Artifact) -> None:
    with pytest.raises(LenetError, match="does not classify single digits"):
        next(read_over_segmented([picture("1")], other))


def test_groupings_and_penalties_are_what_they_should_be() -> None:
    mask = np.zeros((32, 40), np.bool_)
    mask[6:26, 10:13] = mask[16:26, 19:22] = True  # a high stroke and one half as high
    found = groupings(mask, cuts(mask))
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 2),
    ]
    assert found.boxes.tolist() == [[10, 6, 13, 26], [10, 6, 22, 26], [19, 16, 22, 26]]
    assert found.areas.tolist() == [60, 90, 30]
    assert found.gaps.tolist() == [0, 6, 0]
    assert found.severed.tolist() == [0, 0, 0]
    posteriors = np.log(np.full((3, 11), 1 / 11))
    as_digits, as_nothing = features(found, posteriors)
    any_digit = np.log(11 / 10)
    np.testing.assert_allclose(
        as_digits[:, 4],
        [
            [np.log(11), any_digit, 1, 0.0, 0, 0.0, 0, 0.0],
            [np.log(11), any_digit, 1, 0.3, 0, 0.0, 0, 0.0],
            [np.log(11), any_digit, 1, 0.0, 0, 0.5, 0, 0.25],
        ],
        atol=1e-12,
    )
    np.testing.assert_allclose(as_nothing[2], [np.log(11), 1, 0.5, 30 / 400, 3 / 20, 0], atol=1e-12)
    sums = penalties((as_digits, as_nothing))
    assert sums.shape == (3, 11)
    # Every digit's penalty has the same weights; what the gap adds is its weight times its width.
    assert np.ptp(sums[:, :NOTHING], axis=1).max() < 1e-12
    gap = sums[1, 0] - sums[0, 0]
    unit = penalties((np.eye(8)[None, [3]].repeat(10, axis=1), np.zeros((1, 6))))[0, 0]
    assert gap == pytest.approx(0.3 * unit)


def test_severed_ink_counts_at_both_ends() -> None:
    mask = np.zeros((32, 40), np.bool_)
    mask[10:12, 5:35] = True
    places = np.array([[0] * 32, [15] * 32, [25] * 32, [40] * 32])
    found = groupings(mask, places)
    severed = dict(
        zip(
            zip(found.starts.tolist(), found.ends.tolist(), strict=True),
            found.severed.tolist(),
            strict=True,
        )
    )
    assert severed == {(0, 1): 2, (0, 2): 2, (0, 3): 0, (1, 2): 4, (1, 3): 2, (2, 3): 2}


def test_log_probabilities_are_the_networks_own_over_three_slants() -> None:
    digits = digits_network()
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 4:24, 8:20] = np.random.default_rng(0).integers(0, 256, (3, 20, 12), np.uint8)
    expected = np.zeros((3, 10))
    for lean in (0.0, -0.25, 0.25):
        rows = np.arange(28)[:, None] + 0.5 - 14
        columns = np.arange(28) + lean * rows
        left = np.floor(columns).astype(np.int64)
        share = columns - left
        wide = np.pad(images, ((0, 0), (0, 0), (8, 8))).astype(np.float64)
        at = np.arange(28)[:, None]
        shown = wide[:, at, left + 8] * (1 - share) + wide[:, at, left + 9] * share
        scores = digits.forward(np.round(shown).astype(np.uint8))
        expected += digits.calibration.probabilities(digits.network, scores) / 3
    probabilities = np.exp(log_probabilities(digits, images))
    np.testing.assert_allclose(probabilities[:, :NOTHING], expected, rtol=0.1, atol=1e-3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_a_field_of_one_digit_is_one_piece() -> None:
    field = field_of(picture("1"))
    assert field is not None
    mask = written(field.ink.astype(np.float32) / np.float32(255))
    found = groupings(mask, cuts(mask))
    assert (found.starts.tolist(), found.ends.tolist()) == ([0], [1])
