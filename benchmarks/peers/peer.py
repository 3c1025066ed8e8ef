"""What every peer does alike: its arguments, the IDX files, the line it prints. NumPy alone."""

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BATCH = 256
RATE = 0.9
TRAIN, TEST = "train", "t10k"


def parser(description: str | None) -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("folder", type=Path, help="the folder of the four raw IDX files")
    arguments.add_argument("--epochs", type=int, default=3)
    arguments.add_argument("--threads", type=int, default=2)
    return arguments


def read(folder: Path, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images (n, 28, 28) and labels (n,) of one part, TRAIN or TEST."""
    images = np.fromfile(folder / f"{part}-images-idx3-ubyte", np.uint8, offset=16)
    labels = np.fromfile(folder / f"{part}-labels-idx1-ubyte", np.uint8, offset=8)
    return images.reshape(-1, 28, 28), labels


def batches(n: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield the row numbers of an epoch's batches, shuffled; the last batch may be smaller."""
    order = rng.permutation(n)
    for start in range(0, n, BATCH):
        yield order[start : start + BATCH]


def report(
    peer: str, packages: list[str], threads: int, seconds: list[float], accuracy: float
) -> None:
    """Print the run as one line of JSON; `seconds` are each epoch's, of training alone."""
    result = {
        "peer": peer,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in packages},
        "threads": threads,
        "epochs": len(seconds),
        "seconds_per_epoch": [round(s, 3) for s in seconds],
        "total_seconds": round(_process_age(), 3),
        "test_accuracy": round(accuracy, 4),
    }
    print(json.dumps(result), flush=True)


def _process_age() -> float:
    """Return the seconds since this process started, imports included (Linux)."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # "starttime" in proc(5)
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started
