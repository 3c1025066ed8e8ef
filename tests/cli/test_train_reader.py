"""`lenet train reader`, with few and short lessons."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.artifact import load
from lenet.cli.main import main
from lenet.networks.reader import SYMBOLS
from lenet.training import reader as training
from lenet.training.loop import Interrupted

Lenet = Callable[..., tuple[int, str]]


@pytest.fixture
def lenet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lenet:
    """The command, in this process; it returns its exit code and what it says."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lenet", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out + told.err

    return run


@pytest.fixture
def cheques(tmp_path: Path) -> Path:
    """135 crops, so that each part has some: upright bars, called ones."""
    folder = tmp_path / "cheques"
    (folder / "images").mkdir(parents=True)
    rows = ["file\tdigits\tboxes"]
    for number in range(135):
        crop = np.full((40, 60), 220, np.uint8)
        crop[8:32, 15:19] = crop[8:32, 40:44] = 40
        Image.fromarray(crop).save(folder / "images" / f"{number:03}.png")
        rows.append(f"{number:03}.png\t11\t14,7,6,26 39,7,6,26")
    (folder / "labels.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.mark.usefixtures("real_cache")
def test_it_writes_a_reader(cheques: Path, lenet: Lenet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "Lessons", partial(training.Lessons, steps=3, batch_size=4))
    arguments = ["train", "reader", "--cheques", str(cheques), "--out", "reader", "--seed", "2"]
    code, told = lenet(*arguments)
    assert code == 0, told
    assert "of 27 numbers on cheques not learnt from" in told
    reader = load(Path("reader"))
    assert reader.pictures == "numbers"
    assert reader.classes == SYMBOLS
    assert reader.calibration.temperature is not None
    assert reader.origin["seed"] == 2
    metrics = json.loads(Path("reader/metrics.json").read_text())
    assert metrics["steps"] == 3
    assert metrics["parameters"] == reader.network.parameters
    # It is complete: asked for again, it only says so again.
    code, told = lenet(*arguments)
    assert code == 0, told
    assert load(Path("reader")).calibration == reader.calibration


@pytest.mark.usefixtures("real_cache")
def test_an_interrupt_says_how_to_go_on(
    cheques: Path, lenet: Lenet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise Interrupted

    monkeypatch.setattr(training, "train_reader", interrupted)
    code, told = lenet("train", "reader", "--cheques", str(cheques), "--out", "one", "--seed", "2")
    assert code == 130
    assert told == (
        "lenet: interrupted; go on with: lenet train reader --out one --seed 2 --cheques cheques\n"
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["reader", "--epochs", "3"], "leave out --epochs"),
        (["reader", "--recipe", "modern"], "leave out --recipe"),
        (["reader", "--engine", "torch"], "leave out --engine"),
        (["mnist", "--cheques", "here"], "--cheques is for `lenet train reader`"),
        (["reader", "--cheques", "nowhere"], "nowhere holds no labelled cheques"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: list[str], reason: str, lenet: Lenet) -> None:
    code, told = lenet("train", *arguments)
    assert code == 2
    assert reason in told
    assert not Path("runs").exists()


@pytest.mark.usefixtures("real_cache")
def test_too_few_cheques_are_told(cheques: Path, lenet: Lenet) -> None:
    rows = (cheques / "labels.tsv").read_text(encoding="utf-8").splitlines()[:50]
    (cheques / "labels.tsv").write_text("\n".join(rows), encoding="utf-8")
    code, told = lenet("train", "reader", "--cheques", str(cheques))
    assert code == 2
    assert "49 cheques are too few" in told
