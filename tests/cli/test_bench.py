import json
import subprocess
import sys
from typing import Any

import pytest
from tests.cli.command import lenet

from lenet.data.callbacks import DataCallbacks
from lenet.engine import native
from lenet.evaluation import speed as bench
from lenet.evaluation.agreement import ratio

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
        assert {name: len(times) for name, times in task["rounds"].items()} == dict.fromkeys(
            task["seconds"], 1
        )
        assert set(task["ratios"].values()) <= {None}  # one round cannot show that it agrees
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


@pytest.mark.parametrize(
    ("rounds", "lines"),
    [
        ([0.02, 0.021, 0.022], ["PyTorch 20.00 ms 20.00 ms, 22.00 ms 500 21.0"]),
        (
            [0.02, 0.02, 36.59],
            ["PyTorch 20.00 ms 20.00 ms, 36,590.00 ms 500 –", "– no ratio: the rounds' ratios"],
        ),
        (
            [0.02],
            ["PyTorch 20.00 ms 20.00 ms, 20.00 ms 500 –", "at least 3 rounds; add --rounds 3"],
        ),
    ],
)
def test_a_ratio_stands_where_rounds_agree(
    monkeypatch: pytest.MonkeyPatch, rounds: list[float], lines: list[str]
) -> None:
    ours = [0.001] * len(rounds)
    task: dict[str, Any] = {
        "name": "a task",
        "images": 10,
        "seconds": {"lenet": 0.001, "PyTorch": 0.02},
        "rounds": {"lenet": ours, "PyTorch": rounds},
        "ratios": {"lenet": ratio(ours, ours), "PyTorch": ratio(rounds, ours)},
    }
    results: dict[str, Any] = {
        "machine": "m",
        "threads": 2,
        "rounds": len(rounds),
        "versions": {},
        "tasks": [task],
    }

    def measured(threads: int | None, count: int, callbacks: DataCallbacks) -> dict[str, Any]:
        callbacks.on_message("warning: other work")
        callbacks.on_progress("a task", count, count, "rounds")
        return results

    monkeypatch.setattr(bench, "measure", measured)
    done = lenet("bench", "--rounds", str(len(rounds)))
    assert done.stderr == f"warning: other work\na task: {len(rounds)} rounds\n"
    shown = " ".join(done.stdout.split())
    for line in lines:
        assert line in shown
    assert ("no ratio" in shown) == (len(lines) > 1)
