"""`lenet train` as its users meet it: a process that is started, watched and killed."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.cli.command import lenet
from tests.conftest import bars

from lenet.artifact import load
from lenet.data import Dataset, cheque_source
from lenet.data.sources import SourceError

EPOCHS = 8
RUN_FILES = {
    "reliability.png",
    "reject.png",
    "checkpoint",
    "config.json",
    "confusion.png",
    "curves.png",
    "history.csv",
    "metrics.json",
    "mistakes.png",
    "model.safetensors",
    "predictions.png",
    "report.html",
}


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "lenet", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*arguments: str) -> str:
    done = lenet(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough images that an epoch takes long enough to be killed in."""
    train, test = bars(20_000, 4), bars(200, 4, seed=1)
    path = tmp_path_factory.mktemp("data") / "bars.npz"
    np.savez(
        path,
        train_images=train.images,
        train_labels=train.labels,
        test_images=test.images,
        test_labels=test.labels,
    )
    return path


@pytest.fixture(scope="module")
def uninterrupted(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of a run that nobody stopped."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    finish("train", str(archive), "--epochs", str(EPOCHS), "--out", str(out), "--quiet")
    return (out / "model.safetensors").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_killed_after_two_epochs_and_resumed_it_ends_with_the_same_bits(
    number: signal.Signals, code: int, archive: Path, uninterrupted: bytes
) -> None:
    process = start("train", str(archive), "--epochs", str(EPOCHS), "--out", "run")
    history = Path("run/history.csv")
    deadline = time.monotonic() + 60
    while not history.is_file() or len(history.read_text().splitlines()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    time.sleep(0.05)  # well into epoch 3, or a later one on a busy machine
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err
    assert not Path("run/model.safetensors").exists()
    if code == 130:
        assert err.splitlines()[-1].endswith("continue with: lenet train --resume run")
    out = finish("train", "--resume", "run")
    assert re.search(r"continuing after epoch [2-7]\b", out)
    assert Path("run/model.safetensors").read_bytes() == uninterrupted
    assert {path.name for path in Path("run").iterdir()} == RUN_FILES | {"paths.json"}


def test_a_folder_of_class_folders_becomes_a_run(
    tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    folder = class_folder(tiny.train)
    (folder / "bar 0" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    options = ("--recipe", "chapter", "--epochs", "2", "--batch-size", "32", "--seed", "3")
    done = lenet("train", folder, *options)
    assert done.returncode == 0, done.stderr
    assert "broken.png" in done.stderr
    assert "1 unreadable" in done.stderr
    run = Path("runs/chapter-images")
    assert done.stdout.splitlines()[-1].endswith(f"results in {run}, report in {run}/report.html")
    assert {path.name for path in run.iterdir()} == RUN_FILES | {"paths.json"}
    metrics = json.loads((run / "metrics.json").read_text())
    assert {
        "model",
        "recipe",
        "data",
        "seed",
        "parameters",
        "epochs",
        "engine",
        "threads",
        "train_loss",
        "train_accuracy",
        "test_accuracy",
        "train_seconds",
        "total_seconds",
        "examples_per_second",
        "versions",
    } <= set(metrics)
    assert (metrics["seed"], metrics["epochs"]) == (3, 2)
    assert metrics["total_seconds"] > metrics["train_seconds"] > 0
    assert load(run).classes == tiny.classes

    # The artifact alone tells evaluate what data and which split to use.
    result = json.loads(finish("evaluate", str(run), "--json"))
    assert result["accuracy"] == metrics["test_accuracy"]
    assert result["images"] == 24
    assert sum(map(sum, result["confusion"])) == 24
    assert "test accuracy" in finish("evaluate", str(run), "--out", "pictures")
    assert Path("pictures/report.html").is_file()
    assert "fc3" in finish("summary", str(run))

    # A second run of the same name gets a number; a complete one has nothing to resume.
    finish("train", str(folder), "--recipe", "chapter", "--epochs", "1", "--quiet")
    assert Path("runs/chapter-images-2/metrics.json").is_file()
    assert "is complete with 2 epochs" in finish("train", "--resume", str(run))
    finish("train", "--resume", str(run), "--epochs", "3")
    assert json.loads((run / "metrics.json").read_text())["epochs"] == 3


def test_own_images_go_on_from_a_shipped_network(
    tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    folder = class_folder(tiny.train)
    out = finish("train", str(folder), "--from", "digits", "--epochs", "2", "--best-epoch")
    assert "recipe own, seed 0" in out
    run = load("runs/own-images")
    assert run.origin["from"] == "digits"
    assert run.network.rubbish is not None
    metrics = json.loads(Path("runs/own-images/metrics.json").read_text())
    history = Path("runs/own-images/history.csv").read_text().splitlines()[1:]
    best = int(metrics["best_epoch"])
    kept = float(history[best - 1].split(",")[3])
    assert metrics["test_accuracy"] == pytest.approx(kept, abs=1e-6)


def test_pictures_says_how_photos_are_prepared(
    tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    folder = class_folder(tiny.train)
    finish("train", str(folder), "--pictures", "clothing", "--epochs", "1", "--out", "run")
    run = load("run")
    assert run.pictures == "clothing"
    assert run.origin["recipe"]["distortion"]["flip"]
    result = json.loads(finish("evaluate", "run", "--json"))
    assert result["accuracy"] == json.loads(Path("run/metrics.json").read_text())["test_accuracy"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "digits", "--model", "modern"], "--from keeps the network of RUN"),
        (["--from", "digts"], "Did you mean 'digits'"),
        (["--pictures", "letters"], "'letters' is not one of 'digits', 'clothing', 'plain'"),
        (["--recipe", "owm"], "Did you mean 'own'"),
        (["--resume", "run", "--from", "digits"], "leave out --from"),
        (["--resume", "run", "--best-epoch"], "leave out --best-epoch"),
    ],
)
def test_options_for_own_data_that_do_not_fit(
    options: list[str], said: str, tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    images = [] if "--resume" in options else [class_folder(tiny.train)]
    done = lenet("train", *images, *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_quiet_says_only_where_the_results_are(
    tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    out = finish("train", str(class_folder(tiny.train)), "--epochs", "1", "--quiet")
    assert len(out.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_cheques_that_cannot_be_had_are_missed_before_anything_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nowhere(*_: object) -> None:
        raise SourceError("no network")

    monkeypatch.setattr(cheque_source, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(cheque_source, "download", nowhere)
    done = lenet("train", "--recipe", "digits", "--out", "run")
    assert done.returncode == 2
    assert "could not be downloaded" in done.stderr
    assert "LENET_DATA_DIR/cheques" in done.stderr
    assert not Path("run").exists()


def test_small_data_that_teaches_nothing_names_the_recipe_that_works(
    class_folder: Callable[..., Path], tmp_path: Path
) -> None:
    images = class_folder(bars(80, 4))
    for more in ([], ["--quiet"]):
        options = ("--recipe", "chapter", "--epochs", "2", *more)
        done = lenet("train", images, *options, "--out", tmp_path / f"run{len(more)}")
        assert done.returncode == 0
        (line,) = [one for one in done.stderr.splitlines() if one.startswith("lenet: ")]
        assert "the network learned nothing" in line
        assert "use --recipe own" in line
