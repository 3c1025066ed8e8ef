"""`lenet train reader`, with few and short steps."""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.artifact import load
from lenet.cli.main import main
from lenet.networks.reader import SYMBOLS
from lenet.training import reader_recipe

Lenet = Callable[..., tuple[int, str]]


SHORT = tuple(
    (network, replace(recipe, steps=3 + number, batch_size=4))
    for number, (network, recipe) in enumerate(reader_recipe.reader_members())
)


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


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_it_writes_a_reader(cheques: Path, lenet: Lenet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_recipe, "reader_members", lambda: SHORT)
    arguments = ["train", "reader", "--cheques", str(cheques), "--out", "reader", "--seed", "2"]
    code, told = lenet(*arguments)
    assert code == 0, told
    assert "of 27 held-out numbers correct" in told
    reader = load(Path("reader"))
    assert reader.pictures == "numbers"
    assert reader.classes == SYMBOLS
    assert reader.calibration.temperature is not None
    assert reader.origin["seed"] == 2
    metrics = json.loads(Path("reader/metrics.json").read_text())
    assert metrics["steps"] == [3, 4]
    assert len(reader.members) == len(SHORT)
    assert metrics["parameters"] == sum(network.parameters for network, _ in SHORT)
    # It is complete: to go on only says so again.
    code, told = lenet("train", "--resume", "reader", "--cheques", str(cheques))
    assert code == 0, told
    assert "of 27 held-out numbers correct" in told
    assert load(Path("reader")).calibration == reader.calibration
    # A new one needs a folder of its own.
    code, told = lenet(*arguments)
    assert code == 2
    assert "reader" in told


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_interrupted_and_resumed_it_is_the_same_reader(
    cheques: Path, lenet: Lenet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_recipe, "reader_members", lambda: SHORT)
    common = ["train", "reader", "--cheques", "cheques", "--seed", "2", "--out"]
    code, told = lenet(*common, "whole")
    assert code == 0, told
    with monkeypatch.context() as during:
        during.setattr("lenet.cli.train_reader.stop_on_signals", lambda: nullcontext(lambda: True))
        code, told = lenet(*common, "halves")
    assert code == 130
    again = "train --resume halves --cheques cheques"
    assert told == f"lenet: interrupted; continue with: lenet {again}\n"
    assert not Path("halves/config.json").exists()
    code, told = lenet(*again.split(), "--epochs", "3")
    assert code == 2
    assert "a reader has its own recipe; leave out --epochs" in told
    code, told = lenet(*again.split())
    assert code == 0, told
    whole, halves = load(Path("whole")), load(Path("halves"))
    assert halves.origin == whole.origin
    for one, other in zip(whole.members, halves.members, strict=True):
        for name, value in one.parameters.items():
            assert np.array_equal(other.parameters[name], value)


def test_a_corrupt_checkpoint_is_told_before_anything_is_fetched(
    tmp_path: Path, lenet: Lenet
) -> None:
    folder = tmp_path / "run" / "checkpoint"
    folder.mkdir(parents=True)
    (folder / "reader.pt").write_bytes(b"no checkpoint")
    code, told = lenet("train", "--resume", "run")
    assert code == 2
    assert "reader.pt is corrupt and cannot be resumed" in told


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["reader", "--epochs", "3"], "leave out --epochs"),
        (["reader", "--recipe", "modern"], "leave out --recipe"),
        (["reader", "--engine", "torch"], "leave out --engine"),
        (["--resume", "run", "--cheques", "here"], "--cheques is for `lenet train reader`"),
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
