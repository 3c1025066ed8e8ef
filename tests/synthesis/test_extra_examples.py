from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.data import load_data
from lenet.data.cheques import Cheque
from lenet.synthesis import extra_examples as further
from lenet.synthesis.extra_examples import further_digits


@pytest.mark.usefixtures("real_cache")
def test_foreign_images_are_labelled_as_none_and_flagged_ones_as_ones() -> None:
    split = load_data("mnist").test
    images, labels = further_digits(split, 0.021, 0.003, 0, 5)
    assert images.shape == (240, 28, 28)
    assert images.dtype == np.uint8
    assert labels.tolist() == [10] * 210 + [1] * 30
    again, _ = further_digits(split, 0.021, 0.003, 0, 5)
    other, _ = further_digits(split, 0.021, 0.003, 0, 6)
    assert np.array_equal(images, again)
    assert not np.array_equal(images, other)


@pytest.mark.usefixtures("real_cache")
def test_digits_are_cut_out_of_the_cheques_that_may_be_learnt_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "cheque.png"
    paper = np.full((40, 60), 230, np.uint8)
    paper[8:32, 18:22] = paper[8:32, 38:42] = 30
    Image.fromarray(paper).save(path)
    boxes = ((14.0, 6.0, 12.0, 28.0), (34.0, 6.0, 12.0, 28.0))
    cheques = [
        Cheque(path, "35", boxes, "test"),
        Cheque(path, "71", boxes, "train"),
        Cheque(path, "48", boxes, "validation"),
    ]
    monkeypatch.setattr(further, "find_cheques", lambda: cheques)
    split = load_data("mnist").test
    images, labels = further_digits(split, 0.021, 0.003, 3, 5)
    without, _ = further_digits(split, 0.021, 0.003, 0, 5)
    assert labels.tolist() == [10] * 210 + [1] * 30 + [7, 7, 7, 1, 1, 1]
    assert labels.dtype == np.int64
    assert np.array_equal(images[:240], without)
    assert images[240:].any(axis=(1, 2)).all()
