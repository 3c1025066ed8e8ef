"""Where PyTorch is not installed, everything works that does not ask for it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.conftest import bars

from lenet.artifact import load
from lenet.data import load_data

# Put before all else on a Python's path, it hides PyTorch.
WITHOUT_TORCH = """
import sys
from importlib.machinery import PathFinder


class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name == "torch" else super().find_spec(name, path, target)


sys.meta_path = [Finder if one is PathFinder else one for one in sys.meta_path]
"""


@pytest.fixture
def environment(tmp_path: Path, real_cache: None) -> dict[str, str]:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(WITHOUT_TORCH, encoding="utf-8")
    return {**os.environ, "PYTHONPATH": str(hidden)}


def run(environment: dict[str, str], *arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "lenet", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stderr if code else done.stdout


@pytest.mark.slow
def test_networks_are_compared(environment: dict[str, str], tmp_path: Path) -> None:
    split = bars(60, 3)
    np.savez(tmp_path / "bars.npz", images=split.images, labels=split.labels)
    assert "mlp-77" in run(environment, "compare", "bars.npz", "--only", "lenet,mlp-77")
    (compared,) = tmp_path.glob("runs/*/compare.json")
    assert "torch" not in json.loads(compared.read_text())["versions"]


@pytest.mark.slow
def test_networks_train_and_answer(environment: dict[str, str], tmp_path: Path) -> None:
    run(environment, "train", "mnist", "--recipe", "lecun1998", "--epochs", "1", "--out", "run")
    assert (tmp_path / "run" / "report.html").is_file()
    assert "accuracy" in run(environment, "evaluate", "run")
    assert run(environment, "predict", "run", "--demo").count("\n") >= 3
    assert "188759" in run(environment, "read", "--demo")
    assert run(environment, "predict", "--demo")
    told = run(environment, "train", "mnist", "--engine", "torch", code=2)
    assert told.startswith("lenet: the engine torch needs PyTorch, which is not installed")
    assert "needs PyTorch" in run(environment, "train", "--device", "cuda", code=2)


@pytest.mark.slow
def test_a_folder_trains_killed_and_resumed_to_the_same_bits(
    environment: dict[str, str], tmp_path: Path
) -> None:
    train, test = bars(20_000, 4), bars(200, 4, seed=1)
    arrays: dict[str, Any] = {
        f"train_{name}": getattr(train, name) for name in ("images", "labels")
    }
    arrays |= {f"test_{name}": getattr(test, name) for name in ("images", "labels")}
    np.savez(tmp_path / "bars.npz", **arrays)
    options = ["train", "bars.npz", "--recipe", "modern", "--epochs", "8"]
    run(environment, *options, "--out", "whole")
    command = [sys.executable, "-m", "lenet", *options, "--out", "killed"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    history, deadline = tmp_path / "killed" / "history.csv", time.monotonic() + 60
    while not history.is_file() or len(history.read_text().splitlines()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    run(environment, "train", "--resume", "killed")
    whole, killed = (tmp_path / name / "model.safetensors" for name in ("whole", "killed"))
    assert killed.read_bytes() == whole.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["chapter", "modern"])
def test_by_numpy_alone(recipe: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Neither PyTorch nor the native engine: a machine without a compiler."""
    out = ["--epochs", "1", "--recipe", recipe, "--out"]
    small = load_data("mnist")
    parts = {"train": small.train, "test": small.test}
    arrays: dict[str, Any] = {f"{name}_images": part.images[:2000] for name, part in parts.items()}
    arrays |= {f"{name}_labels": part.labels[:2000] for name, part in parts.items()}
    np.savez(tmp_path / "small.npz", **arrays)
    run(environment, "train", "small.npz", *out, "numpy", "--engine", "numpy")
    run(environment, "train", "small.npz", *out, "native", "--engine", "native")
    ours, theirs = (load(tmp_path / name).parameters for name in ("numpy", "native"))
    for name, value in ours.items():
        np.testing.assert_allclose(theirs[name], value, atol=1e-3, err_msg=name)
