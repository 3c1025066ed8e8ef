from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.data import load_data
from lenet.data.callbacks import DataCallbacks
from lenet.data.cheques import Cheque
from lenet.synthesis import extra_examples as module
from lenet.synthesis.extra_examples import ExtraExamples, extra_examples

WANTED = ExtraExamples(negatives=0.021, flagged_ones=0.003)


class Recorder(DataCallbacks):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_message(self, text: str) -> None:
        self.lines.append(text)


@pytest.mark.usefixtures("real_cache")
def test_negatives_are_labelled_as_none_and_flagged_ones_as_ones() -> None:
    split = load_data("mnist").test
    images, labels = extra_examples(split, WANTED, 5)
    assert images.shape == (240, 28, 28)
    assert images.dtype == np.uint8
    assert labels.tolist() == [10] * 210 + [1] * 30
    again, _ = extra_examples(split, WANTED, 5)
    other, _ = extra_examples(split, WANTED, 6)
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
    recorder = Recorder()

    def find_cheques(callbacks: DataCallbacks) -> list[Cheque]:
        assert callbacks is recorder
        return cheques

    monkeypatch.setattr(module, "find_cheques", find_cheques)
    split = load_data("mnist").test
    images, labels = extra_examples(split, replace(WANTED, digit_crops=3), 5, recorder)
    without, _ = extra_examples(split, WANTED, 5)
    assert labels.tolist() == [10] * 210 + [1] * 30 + [7, 7, 7, 1, 1, 1]
    assert labels.dtype == np.int64
    assert np.array_equal(images[:240], without)
    assert images[240:].any(axis=(1, 2)).all()
    assert recorder.lines == ["cutting digits out of real cheques, which takes about a minute"]
