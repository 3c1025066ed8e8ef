"""The recipes of 1989 to 1998 on the command line, from training to answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.command import lenet
from tests.conftest import bars

from lenet import load
from lenet.calibration.calibration import UNCALIBRATED


def run(*arguments: str, code: int = 0) -> str:
    done = lenet(*arguments)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("data") / "bars.npz"
    train, test = bars(400, 4), bars(80, 4, seed=1)
    np.savez(
        path, x_train=train.images, y_train=train.labels, x_test=test.images, y_test=test.labels
    )
    return str(path)


@pytest.mark.parametrize(
    "recipe",
    [
        "lecun1989",
        "lecun1998",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("lecun1989-distorted", "lenet1-1989", "lecun1998-distorted")
        ),
    ],
)
def test_a_recipe_trains_goes_on_and_answers(recipe: str, archive: str, tmp_path: Path) -> None:
    folder = str(tmp_path / "run")
    run("train", archive, "--recipe", recipe, "--epochs", "2", "--out", folder)
    run("train", "--resume", folder, "--epochs", "3")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert (metrics["recipe"], metrics["epochs"], metrics["threads"]) == (recipe, 3, 1)
    measured = json.loads(run("evaluate", folder, "--json"))
    assert measured["accuracy"] == pytest.approx(metrics["test_accuracy"])
    assert metrics["model"] in run("summary", folder)
    Image.fromarray(bars(1, 4).images[0]).save(tmp_path / "bar.png")
    answer: dict[str, Any] = json.loads(run("predict", folder, str(tmp_path / "bar.png"), "--json"))
    assert 0 <= answer["probability"] <= 1
    if metrics["model"] == "lecun1998":
        shares = [one["probability"] for one in answer["top"]]
        assert 0 <= answer["none"] <= 1 - sum(shares) + 1e-5
        assert "none of these" in run("predict", folder, str(tmp_path / "bar.png"))
    else:
        assert "none" not in answer


@pytest.mark.slow
def test_lenet_1_learns_by_equation_9_and_answers_with_its_posterior(
    archive: str, tmp_path: Path
) -> None:
    folder = str(tmp_path / "run")
    run("train", archive, "--recipe", "lenet1", "--epochs", "2", "--out", folder)
    artifact = load(folder)
    image = bars(1, 4).images[:1]
    (outputs,) = artifact.forward(image)
    targets = 2 * np.eye(4) - 1
    posteriors = np.exp(-((outputs - targets) ** 2).sum(axis=1))
    posteriors /= posteriors.sum()
    (answer,) = artifact.predict(image)
    assert answer.probability == pytest.approx(posteriors.max(), rel=1e-4)
    # Gaussian outputs have their own posterior.
    other = str(tmp_path / "other")
    run(
        "train",
        archive,
        "--recipe",
        "lenet1",
        "--model",
        "lecun1998",
        "--epochs",
        "1",
        "--out",
        other,
    )
    assert load(other).calibration == UNCALIBRATED
    # Its rates fall to zero.
    assert "ends at a learning rate of zero" in run(
        "train", "--resume", folder, "--epochs", "3", code=2
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "lecun1998", "--batch-size", "64"], "leave out --batch-size"),
        (["--recipe", "lecun1998", "--engine", "torch"], "has no PyTorch engine"),
        (["--recipe", "lecun1998", "--device", "cuda"], "on the CPU only"),
        (["--recipe", "lecun1998", "--model", "lenet"], "squashed or Gaussian outputs"),
    ],
)
def test_what_a_recipe_cannot_do_is_told(
    arguments: list[str], message: str, archive: str, tmp_path: Path
) -> None:
    told = run("train", archive, *arguments, "--out", str(tmp_path / "run"), code=2)
    assert message in told
    assert told.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_rate_that_has_fallen_to_zero_is_not_trained_further(
    archive: str, tmp_path: Path
) -> None:
    folder = str(tmp_path / "run")
    run("train", archive, "--recipe", "modern", "--epochs", "1", "--out", folder)
    told = run("train", "--resume", folder, "--epochs", "2", code=2)
    assert "recipe modern ends at a learning rate of zero" in told
