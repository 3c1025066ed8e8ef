import json
import subprocess
import sys
from typing import Any

import pytest

from lenet.engine import native
from lenet.evaluation import speed as bench

pytestmark = pytest.mark.slow


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One measurement of each and a small epoch: this is a test, not a measurement."""
    monkeypatch.setattr(bench, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(bench, "_EPOCH_IMAGES", 10_000)


@pytest.mark.usefixtures("quick")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # within torch.compile
def test_what_is_measured_is_what_is_said() -> None:
    results: dict[str, Any] = bench.measure(threads=1, rounds=1)
    names = [task["name"] for task in results["tasks"]]
    assert names == [
        "training step, batch 256",
        "training epoch, 10,000 images",
        "inference, batch 1",
        "inference, batch 256",
        "inference, batch 10,000",
    ]
    for task in results["tasks"]:
        assert {"lenet", "PyTorch"} - set(task["seconds"]) <= {"lenet"}
        assert all(seconds > 0 for seconds in task["seconds"].values())
    if native.available():
        parts = results["peak"]["parts"]
        # Forward once, and twice back but for the first layer's input.
        assert sum(part["multiply_accumulates"] for part in parts) == 3 * 416_520 - 117_600
        # Of the most the processor can do, which is measured too; a busy machine may exceed it.
        step = results["tasks"][0]["seconds"]["lenet"]
        done = 256 * sum(part["multiply_accumulates"] for part in parts) / step
        most = results["peak"]["multiply_accumulates_per_second"]
        assert results["peak"]["share"] == pytest.approx(done / most)
    json.dumps(results)


def test_help_says_what_it_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lenet", "bench", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "side by side" in done.stdout
