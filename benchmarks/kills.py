"""Kills ``lenet train`` again and again, and resumes it: the same bits each time, nothing left.

    python benchmarks/kills.py                  100 kills, about ten minutes; writes the results
    python benchmarks/kills.py --kills 8        fewer; prints the results and writes nothing
    python benchmarks/kills.py --seed 1         other moments

Each run is a process of its own, with its own cache and its own temporary folder. SIGKILL, SIGTERM,
SIGHUP and SIGINT are sent in turn, at a random moment between the start of the process and the time
at which it would have ended: imports, loading, unpacking, training, saving, the report. The run is
then begun again, or resumed, and its weights are compared with those of a run that nobody killed.
Every ninth run unpacks MNIST into its cache, if this machine has MNIST; the others read an ``.npz``
file. Raw results: ``results/kills.json``.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lenet.data.catalog import CATALOG
from lenet.data.fetch import cache_folder

RESULTS = Path(__file__).parent / "results" / "kills.json"
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")
MNIST = ("mnist", "--recipe", "chapter", "--epochs", "1")
SMALL = ("small.npz", "--recipe", "modern", "--epochs", "4", "--batch-size", "16")
_DID_NOT_END = "it did not end"
_LONGEST = 300.0  # seconds
_ENDED = 10.0  # seconds that a process may take to end after a signal


@dataclass
class World:
    """A folder for runs, with their cache and their temporary files."""

    root: Path

    def __post_init__(self) -> None:
        for name in ("work", "tmp", "cache", "data"):
            (self.root / name).mkdir(exist_ok=True)

    def clear(self) -> None:
        """Remove what runs have written."""
        for name in ("work/run", "tmp", "cache"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        self.__post_init__()

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start ``lenet train WORDS``."""
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "TMPDIR": str(self.root / "tmp"),
            "LENET_DATA_DIR": str(self.root / "data"),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "lenet", "train", *words],
            cwd=self.root / "work",
            env=environment,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def files(self) -> list[str]:
        """Return all files and folders, but not matplotlib's own cache of fonts."""
        found = (path.relative_to(self.root).as_posix() for path in self.root.rglob("*"))
        return sorted(name for name in found if "/matplotlib" not in name)

    def weights(self) -> bytes:
        """Return the bytes of the trained weights."""
        return (self.root / "work" / "run" / "model.safetensors").read_bytes()


def make_data(world: World) -> None:
    """Write bars that anything can learn, and MNIST's archives if this machine has MNIST."""
    draw = np.random.default_rng(0)
    labels = np.arange(1500, dtype=np.int64) % 4
    images = draw.integers(0, 60, (len(labels), 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 4 : 2 * label + 6, 4:24] += 190
    np.savez(
        world.root / "work" / "small.npz",
        train_images=images[:1200],
        train_labels=labels[:1200],
        test_images=images[1200:],
        test_labels=labels[1200:],
    )
    own = cache_folder() / "mnist"
    files = [file.name for file in CATALOG["mnist"].files]
    if all((own / name).is_file() for name in files):
        target = world.root / "data" / "mnist"
        target.mkdir()
        for name in files:
            content = gzip.compress((own / name).read_bytes(), 1)
            (target / f"{name}.gz").write_bytes(content)


def finished(world: World, words: tuple[str, ...]) -> str:
    """Begin a run again or resume it, and wait for its end; return what went wrong."""
    run = world.root / "work" / "run"
    resumable = (run / "checkpoint" / "state.safetensors").is_file()
    again = ("--resume", "run") if resumable else (*words, "--out", "run")
    process = world.start(*again, "--quiet")
    errors = process.communicate(timeout=_LONGEST)[1]
    return "" if process.returncode == 0 else errors[-500:] or f"exit code {process.returncode}"


def left_behind(world: World, name: str) -> list[str]:
    """Return temporary files that a process has left which had the time to remove them."""
    if name == "SIGKILL":
        return []
    found = world.files()
    return [one for one in found if one.startswith("tmp/") or one.endswith((".part", ".lock"))]


def kill(world: World, words: tuple[str, ...], name: str, moment: float) -> dict[str, Any]:
    """Start a run, send it a signal after `moment` seconds; return what was seen."""
    process = world.start(*words, "--out", "run", "--quiet")
    time.sleep(moment)
    process.send_signal(getattr(signal, name))
    begun = time.monotonic()
    try:
        errors = process.communicate(timeout=_ENDED)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        errors = process.communicate()[1] + _DID_NOT_END
    run = world.root / "work" / "run"
    stage = "before the first checkpoint"
    if (run / "metrics.json").is_file():
        stage = "after the end"
    elif (run / "model.safetensors").is_file():
        stage = "while the report was made"
    elif (run / "checkpoint" / "state.safetensors").is_file():
        stage = "in training"
    return {
        "signal": name,
        "data": words[0],
        "after_seconds": round(moment, 3),
        "ended_in_seconds": round(time.monotonic() - begun, 3),
        "stage": stage,
        "exit_code": process.returncode,
        "traceback": "Traceback" in errors,
        "did_not_end": errors.endswith(_DID_NOT_END),
        "left_behind": left_behind(world, name),
    }


def run_kills(kills: int, seed: int) -> dict[str, Any]:
    """Kill and resume `kills` runs; return the results."""
    draw = random.Random(seed)
    # nohup and scripts ignore some of them, and a process inherits that.
    before = {name: signal.getsignal(getattr(signal, name)) for name in SIGNALS[1:]}
    for name in before:
        signal.signal(getattr(signal, name), lambda number, frame: sys.exit(130))
    with TemporaryDirectory() as name:
        world = World(Path(name))
        make_data(world)
        kinds = [SMALL]
        if (world.root / "data" / "mnist").is_dir():
            kinds = [SMALL] * 4 + [MNIST] + [SMALL] * 4
        whole: dict[tuple[str, ...], tuple[float, bytes, list[str]]] = {}
        for words in dict.fromkeys(kinds):
            seconds = 0.0
            for _ in range(2):  # the first one also makes caches of bytecode and fonts
                world.clear()
                started = time.monotonic()
                if problem := finished(world, words):
                    raise SystemExit(problem)
                seconds = time.monotonic() - started
            whole[words] = seconds, world.weights(), world.files()
        seen: list[dict[str, Any]] = []
        for number in range(kills):
            words = kinds[number % len(kinds)]
            seconds, weights, files = whole[words]
            world.clear()
            one = kill(world, words, SIGNALS[number % 4], draw.uniform(0, seconds))
            one["problem"] = finished(world, words)
            one["same_bits"] = not one["problem"] and world.weights() == weights
            one["other_files"] = sorted(set(world.files()) ^ set(files))
            seen.append(one)
            print(number + 1, json.dumps(one), file=sys.stderr, flush=True)
    return {
        "kills": kills,
        "seed": seed,
        "whole_seconds": {words[0]: round(one[0], 2) for words, one in whole.items()},
        "by_signal": Counter(one["signal"] for one in seen),
        "by_stage": Counter(one["stage"] for one in seen),
        "same_bits": sum(one["same_bits"] for one in seen),
        "tracebacks": sum(one["traceback"] for one in seen),
        "left_behind": sum(bool(one["left_behind"] or one["other_files"]) for one in seen),
        "longest_end_seconds": max((one["ended_in_seconds"] for one in seen), default=0),
        "wrong": [
            one
            for one in seen
            if any(one[key] for key in ("traceback", "did_not_end", "left_behind", "other_files"))
            or not one["same_bits"]
        ],
    }


def main() -> None:
    """Run the kills, and exit with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    results = run_kills(arguments.kills, arguments.seed)
    text = json.dumps(results, indent=1) + "\n"
    print(text)
    if arguments.kills >= 100:
        RESULTS.write_text(text, encoding="utf-8")
    sys.exit(bool(results["wrong"]))


if __name__ == "__main__":
    main()
