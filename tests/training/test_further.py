import numpy as np
import pytest

from lenet.data import load_data
from lenet.training.further import further_digits


@pytest.mark.usefixtures("real_cache")
def test_foreign_images_are_labelled_as_none_and_flagged_ones_as_ones() -> None:
    split = load_data("mnist").test
    images, labels = further_digits(split, 0.021, 0.003, 5)
    assert images.shape == (240, 28, 28)
    assert images.dtype == np.uint8
    assert labels.tolist() == [10] * 210 + [1] * 30
    again, _ = further_digits(split, 0.021, 0.003, 5)
    other, _ = further_digits(split, 0.021, 0.003, 6)
    assert np.array_equal(images, again)
    assert not np.array_equal(images, other)
