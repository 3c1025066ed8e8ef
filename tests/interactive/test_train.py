"""`lenet.train` gives what the command gives; what stops it is kept."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from tests.cli.command import lenet as command
from tests.conftest import bars

import lenet
from lenet.calibration.calibration import UNCALIBRATED, Calibration
from lenet.data import Dataset
from lenet.interactive.run import Run
from lenet.training.cross_fit import cross_fitted

OPTIONS: dict[str, Any] = {"recipe": "modern", "epochs": 2, "quiet": True}


def train(data: Any, **options: Any) -> Run:
    return cast("Any", lenet.train)(data, **OPTIONS | options)


def test_the_command_and_python_give_the_same_weights(
    tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    folder = class_folder(tiny.train)
    run = train(folder, seed=3)
    words = ("train", folder, "--recipe", "modern", "--epochs", "2", "--seed", "3")
    assert command(*words, "--out", "cli", "--quiet").returncode == 0
    weights = Path("cli/model.safetensors").read_bytes()
    assert run.folder == Path("runs/modern-images")
    assert (run.folder / "model.safetensors").read_bytes() == weights
    assert (run.folder / "report.html").is_file()
    assert run.metrics["test_accuracy"] == lenet.evaluate(run).accuracy
    assert lenet.evaluate(str(run.folder)).accuracy == lenet.evaluate(run).accuracy
    assert lenet.evaluate(run.network, run.data).accuracy == lenet.evaluate(run).accuracy
    assert [line["epoch"] for line in run.history] == [1, 2]
    assert "test accuracy" in repr(run)
    assert run._repr_html_().count("<polyline") == 3  # pyright: ignore[reportPrivateUsage]
    assert run.plot()._repr_png_().startswith(b"\x89PNG")  # pyright: ignore[reportPrivateUsage]


@pytest.mark.slow
def test_arrays_are_the_same_data_as_an_npz_file() -> None:
    split = bars(60, 4)
    np.savez("bars.npz", images=split.images, labels=split.labels)
    weights = [
        (train(data).folder / "model.safetensors").read_bytes()
        for data in (
            "bars.npz",
            (split.images, split.labels),
            (split.images.astype(np.float32) / 255, split.labels.tolist()),
        )
    ]
    assert weights[0] == weights[1] == weights[2]


@pytest.mark.parametrize(
    ("data", "fields", "said"),
    [
        (np.zeros((4, 28, 28), np.uint8), {}, "ndarray is no data to train on; give"),
        ((np.zeros((4, 27, 28, 9), np.uint8), [0, 1, 0, 1]), {}, "images must be"),
        ((np.zeros((4, 28, 28), np.uint8), [0, 1]), {}, "4 training images, but 2 labels"),
        ((np.array(["a"]), [0]), {}, "images must be numbers"),
        ((np.array([{}]), [0]), {}, "holds objects"),
        ("mnits", {}, "Did you mean 'mnist'"),
        ("mnist", {"epoch": 1}, "Did you mean 'epochs'"),
        ("mnist", {"lr": 1}, "Did you mean 'learning_rate'"),
        ("mnist", {"recipe": "modrn"}, "Did you mean 'modern'"),
        ("mnist", {"epochs": 0}, "epochs must be a whole number"),
        ("mnist", {"validation": 1.0}, "validation must be a number from 0 to 1"),
        ("mnist", {"learning_rate": float("nan")}, "learning_rate must be"),
        ("mnist", {"seed": -1}, "a seed is"),
        ("mnist", {"seeds": []}, "seeds must be different"),
        ("mnist", {"seeds": [1, 1]}, "seeds must be different"),
        ("mnist", {"device": "gpu"}, "device must be auto, cpu or cuda"),
    ],
)
def test_what_cannot_be_trained_is_refused(data: Any, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(lenet.LenetError, match=said):
        lenet.train(data, **fields)
    assert not Path("runs").exists()


def stop_by_answer(epoch: object) -> bool:
    return True


def stop_by_signal(epoch: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def stop_by_exception(epoch: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(stop_by_answer, marks=pytest.mark.slow),
        pytest.param(stop_by_signal, marks=pytest.mark.slow),
        pytest.param(stop_by_exception, marks=pytest.mark.slow),
    ],
)
def test_a_training_that_is_stopped_is_kept_and_can_go_on(
    stop: Callable[[object], object],
    tiny: Dataset,
    class_folder: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = class_folder(tiny.train)
    run = train(folder, epochs=3, quiet=False, on_epoch=stop)
    printed = capsys.readouterr().out
    assert "stopped after epoch 1 of 3; what is trained so far is kept" in printed
    assert "\x1b" not in printed
    assert run.interrupted
    assert len(run.history) == 1
    assert run.metrics["test_accuracy"] == lenet.evaluate(run).accuracy
    assert command("train", "--resume", run.folder, "--quiet").returncode == 0
    whole = train(folder, epochs=3)
    name = "model.safetensors"
    assert (run.folder / name).read_bytes() == (whole.folder / name).read_bytes()


@pytest.mark.slow
def test_ctrl_c_in_the_second_training_keeps_the_network_and_it_can_be_calibrated_later(
    tiny: Dataset,
    class_folder: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, own = class_folder(tiny.train), {"recipe": "own", "epochs": 1}
    whole = train(folder, **own)
    with monkeypatch.context() as patch:
        signals = iter([signal.SIGINT])

        def interrupted(*arguments: Any) -> Calibration:
            for number in signals:  # once
                os.kill(os.getpid(), number)
            return cross_fitted(*arguments)

        patch.setattr("lenet.training.calibrated.cross_fitted", interrupted)
        run = train(folder, quiet=False, **own)
    printed = capsys.readouterr().out
    assert "stopped before the network was calibrated; it is kept as it is" in printed
    assert f"lenet train --resume {run.folder}" in printed
    assert run.interrupted
    assert run.stopped_by_user
    assert run.network.calibration == UNCALIBRATED != whole.network.calibration
    assert command("train", "--resume", run.folder, "--quiet").returncode == 0
    assert lenet.load(run.folder).calibration == whole.network.calibration
    assert "is complete" in command("train", "--resume", run.folder).stdout


@pytest.mark.slow
def test_several_seeds_have_statistics(tiny: Dataset) -> None:
    runs = lenet.train(tiny, seeds=range(3), **OPTIONS)
    values = [run.metrics["test_accuracy"] for run in runs]
    one = runs.statistics["test_accuracy"]
    assert (one.least, one.greatest) == (min(values), max(values))
    assert one.mean == pytest.approx(np.mean(values))
    assert one.sd == pytest.approx(np.std(values, ddof=1))
    saved = json.loads((runs.folder / "seeds.json").read_text())
    assert saved["seeds"] == [0, 1, 2]
    assert [row["folder"] for row in saved["runs"]] == ["seed-0", "seed-1", "seed-2"]
    assert len(repr(runs).splitlines()) == 6


def test_everything_shows_itself_in_a_few_lines() -> None:
    assert {"train", "predict", "Run"} <= set(dir(lenet))
    assert "import_module" not in dir(lenet)
    network = lenet.load("digits")
    for one in (network, network.network, bars(4, 2)):
        assert len(repr(one).splitlines()) == 1
    assert "<svg" in network._repr_html_()  # pyright: ignore[reportPrivateUsage]


def test_a_torch_module_gives_the_networks_scores() -> None:
    torch = pytest.importorskip("torch")
    images = bars(6, 4).images
    for name in ("digits", "lecun1998"):
        network = lenet.load(name)
        pixels = torch.from_numpy(images[:, None].astype(np.float32))
        scores = network.to_torch()(network.normalization(pixels)).detach().numpy()
        np.testing.assert_allclose(scores, network.forward(images), rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_a_stopped_training_on_arrays_offers_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    split = bars(60, 4)
    pair = (split.images, split.labels)
    run = train(pair, quiet=False, on_epoch=stop_by_answer)
    assert run.interrupted
    printed = capsys.readouterr().out
    assert "what is trained so far is kept" in printed
    assert "--resume" not in printed
