"""`lenet train --seeds` trains each seed and keeps the statistics."""

import json
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.command import lenet

from lenet.data import Dataset


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ("", "not such as 0-9"),
        ("a", "not such as 0-9"),
        ("0-", "not such as 0-9"),
        ("-1", "not such as 0-9"),
        ("0--3", "not such as 0-9"),
        ("0,,1", "not such as 0-9"),
        ("3-1", "names no seeds"),
        ("0-4294967296", "names no seeds, too many, or seeds above"),
        ("0-2,1", "names a seed twice"),
    ],
)
def test_what_names_no_seeds_is_refused(seeds: str, said: str) -> None:
    done = lenet("train", "mnist", "--seeds", seeds)
    assert done.returncode == 2
    assert said in done.stderr
    assert not Path("runs").exists()


def test_seed_and_seeds_are_not_both_given() -> None:
    done = lenet("train", "mnist", "--seeds", "0-1", "--seed", "3")
    assert "leave out --seed" in done.stderr


@pytest.mark.slow
def test_each_seed_is_trained_as_alone(tiny: Dataset, class_folder: Callable[..., Path]) -> None:
    words = ("train", class_folder(tiny.train), "--recipe", "modern", "--epochs", "1", "--quiet")
    done = lenet(*words, "--seeds", "4,0-1", "--out", "three")
    assert done.returncode == 0, done.stderr
    assert "n = 3" in done.stdout
    assert "seeds.json" in done.stdout.splitlines()[-1]
    assert lenet(*words, "--seed", "1", "--out", "one").returncode == 0
    name = "model.safetensors"
    assert Path("three/seed-1", name).read_bytes() == Path("one", name).read_bytes()
    table = json.loads(Path("three/seeds.json").read_text())
    assert table["seeds"] == [4, 0, 1]
    losses = [
        json.loads(Path(f"three/seed-{seed}/metrics.json").read_text())["train_loss"]
        for seed in (4, 0, 1)
    ]
    told = table["statistics"]["train_loss"]
    assert told["mean"] == pytest.approx(statistics.fmean(losses))
    assert told["sd"] == pytest.approx(statistics.stdev(losses))
    assert (told["least"], told["greatest"]) == (min(losses), max(losses))
