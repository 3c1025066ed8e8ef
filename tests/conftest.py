"""Shared by all tests: nobody's cache, data folder or working directory is touched."""

import os

# Several tests run at once, and threads that wait for their next sum must not spin against each
# other: on a busy machine tests that use them take half as long so. Read when PyTorch and NumPy are
# first imported.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from lenet.data import Dataset, Split, load_data

# How long an example takes says more of the machine than of the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Where the real data sets are kept between runs, found before any test hides it.
_CACHE_HOME = os.environ.get("XDG_CACHE_HOME")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case of bytes by their number; archives hold the time at which they were made.

    Tests that run at once must be called alike in every process.
    """
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything that drives the page or attacks the service is slow."""
    for item in items:
        if {"page", "attacks"} & set(item.path.relative_to(Path(__file__).parent).parts[:-1]):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache-home"))
    monkeypatch.delenv("LENET_DATA_DIR", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def real_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test use the machine's cache, and fetch into it what is not there."""
    if _CACHE_HOME is None:
        monkeypatch.delenv("XDG_CACHE_HOME")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", _CACHE_HOME)


@pytest.fixture
def fashion(real_cache: None) -> Dataset:
    """The real Fashion-MNIST."""
    return load_data("fashion-mnist")


def bars(count: int, classes: int, seed: int = 0) -> Split:
    """Images that anything can learn: class k has a bright bar at row 2k + 4."""
    random = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % classes
    images = random.integers(0, 60, (count, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 4 : 2 * label + 6, 4:24] += 190
    return Split(images, labels, tuple(f"bar {k}" for k in range(classes)))


@pytest.fixture
def tiny() -> Dataset:
    """A data set of 120 training and 40 test images in four classes."""
    return Dataset("bars", "bars", bars(120, 4), bars(40, 4, seed=1))


@pytest.fixture
def class_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write the images of a split as ``root/CLASS/n.png``."""

    def write(split: Split, root: Path = tmp_path / "images") -> Path:
        labels: list[int] = split.labels.tolist()
        for number, label in enumerate(labels):
            folder = root / split.classes[label]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(split.images[number]).save(folder / f"{number:04}.png")
        return root

    return write
