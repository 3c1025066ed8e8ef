"""Drawn digits: framed as MNIST's, of all forms, no two alike."""

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from lenet.data import rare_forms
from lenet.data.components import components
from lenet.data.split import Images

FORMS = rare_forms._FORMS  # pyright: ignore[reportPrivateUsage] which form a picture has is not said


def alone(place: int, count: int = 30) -> Images:
    """Draw one form alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rare_forms, "_FORMS", FORMS[place : place + 1])
        images, labels = rare_forms.drawn(count, np.random.default_rng(place))
    assert labels.tolist() == [FORMS[place].digit] * count
    return images


@pytest.mark.parametrize("place", range(len(FORMS)))
def test_each_is_framed_as_mnist_and_has_a_hand_of_its_own(place: int) -> None:
    images = alone(place)
    assert images.shape == (30, 28, 28)
    assert images.dtype == np.uint8
    widths: list[int] = []
    for image in images:
        rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        widths.append(int(np.ptp(columns)) + 1)
        assert image.max() > 200
        assert 0.03 < (image > 127).mean() < 0.3
    assert len(set(widths)) > 3
    assert len({image.tobytes() for image in images}) == 30


def test_forms_come_as_often_as_they_say() -> None:
    labels = rare_forms.drawn(4000, np.random.default_rng(1))[1]
    wanted: Counter[int] = Counter()
    for form in FORMS:
        wanted[form.digit] += form.often
    assert set(wanted) == set(range(10))
    for digit, often in wanted.items():
        share = often / wanted.total()
        deviation = (share * (1 - share) / 4000) ** 0.5
        assert (labels == digit).mean() == pytest.approx(share, abs=5 * deviation)


def test_a_seed_says_what_is_drawn() -> None:
    first, again, other = (rare_forms.drawn(5, np.random.default_rng(seed)) for seed in (2, 2, 3))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def of_digit(digit: int, number: int = 0) -> Images:
    places = [place for place, form in enumerate(FORMS) if form.digit == digit]
    return alone(places[number])


def holes(image: Images) -> int:
    """Count the paper that ink encloses."""
    paper = np.pad(np.asarray(Image.fromarray(image).resize((84, 84))) < 100, 1, constant_values=1)
    # `components` joins corner to corner, so that paper leaks out of no gap unseen.
    return sum(area > 12 for area in components(paper).areas.tolist()) - 1


def test_what_the_forms_are() -> None:
    """Pluses and roots enclose nothing; Ps, Qs and eights do."""

    def enclosing(images: Images) -> float:
        return float(np.mean([holes(image) > 0 for image in images]))

    assert enclosing(of_digit(7)) == 0
    assert enclosing(of_digit(5)) < 0.3
    assert enclosing(of_digit(9)) > 0.6
    assert enclosing(of_digit(8)) > 0.9
    plus = of_digit(7)[:, 14 - 4 : 14 + 4].max(axis=(1, 2))
    assert (plus > 127).all()


def test_nothing_is_drawn_where_nothing_is_asked_for() -> None:
    images, labels = rare_forms.drawn(0, np.random.default_rng(0))
    assert images.shape == (0, 28, 28)
    assert labels.shape == (0,)
