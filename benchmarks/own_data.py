"""Own data with defaults only: ``lenet train DATA`` against scikit-learn's classifiers.

    python benchmarks/own_data.py DATA              measures, writes raw results and the table
    python benchmarks/own_data.py DATA --only usps-20,digits     measures these sets alone
    python benchmarks/own_data.py DATA --ours       measures LeNet again, not the others
    python benchmarks/own_data.py --table           only writes the table again

DATA is a folder with ``usps.npz``, ``digits/nsysu.npz`` and ``digits/optdigits-orig.npz``. Sets
with a number, such as ``mnist-20``, are folders of PNG files with so many training images of each
class and all test images; the others have a fifth as test images. LeNet runs as a command, in a
process of its own, without options. The others see the same images at their own size, pixels from 0
to 1. C and gamma of the support vector machine are chosen by threefold cross-validation on at most
5,000 training images of seed 0. Raw results: ``results/own_data.json``, written after each row.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from lenet.data import Dataset, load_data
from lenet.data.split import Split
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results" / "own_data.json"
GUIDE = ROOT / "docs" / "train.md"
SEEDS = range(5)
SIZES = (20, 100, 500)
LARGE = 5_000
GRID = {"C": (1, 3, 10, 30), "gamma": (0.3, 1.0, 3.0)}
"""``gamma`` is in units of scikit-learn's ``scale``: 1 / (pixels × variance of the pixels)."""
MOST_IN_GRID = 5_000
FROM = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "usps": "USPS"}
OTHERS = ("svc", "forest", "logistic")
NAMES = [
    *(f"{name}-{size}" for size in SIZES for name in FROM),
    "digits",
    "nsysu",
    "optdigits-orig",
    *(f"{name}-{LARGE}" for name in ("mnist", "fashion-mnist")),
]


def write_folder(folder: Path, data: Dataset, size: int, seed: int) -> None:
    """Write `size` training images of each class and all test images as PNG files."""
    order = np.random.default_rng(seed).permutation(len(data.train))
    chosen = [order[data.train.labels[order] == one][:size] for one in range(len(data.classes))]
    for part, split in (("train", data.train.take(np.concatenate(chosen))), ("test", data.test)):
        for number, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
            place = folder / part / f"class {label}"
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{number}.png")


def source(name: str, root: Path, work: Path, seed: int) -> tuple[Path, tuple[int, int]]:
    """Return what ``lenet train`` gets, and the size of the set's images."""
    kind, _, size = name.rpartition("-")
    if kind in FROM:
        side = (16, 16) if kind == "usps" else (28, 28)
        folder = work / f"{name}-{seed}"
        known = root / "usps.npz" if kind == "usps" else kind
        write_folder(folder, load_data(known, side), int(size), seed)
        return folder, side
    if name == "digits":
        path = work / "digits.npz"
        digits = sklearn("datasets", "load_digits")()
        np.savez(
            path, images=np.rint(digits.images * 255 / 16).astype(np.uint8), labels=digits.target
        )
        return path, (8, 8)
    path = root / "digits" / f"{name}.npz"
    return path, (32, 32) if name == "optdigits-orig" else (28, 28)


def ours(path: Path, seed: int, work: Path) -> dict[str, float]:
    """Train with defaults in a process of its own."""
    run = work / "run"
    command = [sys.executable, "-m", "lenet", "train", str(path), "--seed", str(seed)]
    subprocess.run([*command, "--out", str(run), "--quiet"], check=True, capture_output=True)
    metrics = json.loads((run / "metrics.json").read_text())
    subprocess.run(["rm", "-r", str(run)], check=True)
    names = ("test_accuracy", "total_seconds", "calibration_error")
    return {name: metrics[name] for name in names}


def sklearn(module: str, name: str) -> Any:
    """Return what a module of scikit-learn, which has no types, calls `name`."""
    return getattr(import_module(f"sklearn.{module}"), name)


def pixels(split: Split) -> Any:
    return split.images.reshape(len(split), -1).astype(np.float32) / 255


def setting_of(train: Split) -> dict[str, float]:
    """Choose C and gamma by cross-validation."""
    chosen = np.random.default_rng(0).permutation(len(train))[:MOST_IN_GRID]
    inputs, labels = pixels(train)[chosen], train.labels[chosen]
    scale = float(1 / (inputs.shape[1] * inputs.var()))
    grid = {"C": GRID["C"], "gamma": [one * scale for one in GRID["gamma"]]}
    search = sklearn("model_selection", "GridSearchCV")
    return search(sklearn("svm", "SVC")(), grid, cv=3).fit(inputs, labels).best_params_


def others(data: Dataset, seed: int, setting: dict[str, float]) -> dict[str, float]:
    """Return the accuracies of scikit-learn's classifiers."""
    made: dict[str, Callable[[], Any]] = {
        "svc": lambda: sklearn("svm", "SVC")(**setting, cache_size=500),
        "forest": lambda: sklearn("ensemble", "RandomForestClassifier")(
            300, random_state=seed, n_jobs=2
        ),
        "logistic": lambda: sklearn("linear_model", "LogisticRegression")(C=0.1, max_iter=200),
    }
    train, test = pixels(data.train), pixels(data.test)
    return {
        name: float(make().fit(train, data.train.labels).score(test, data.test.labels))
        for name, make in made.items()
    }


def measure(
    name: str, root: Path, before: dict[str, Any] | None, ours_only: bool
) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    setting = before and before["setting"]
    for seed in SEEDS if str(LARGE) not in name else (0,):
        with TemporaryDirectory() as work:
            path, side = source(name, root, Path(work), seed)
            row: dict[str, Any] = {"seed": seed, "own": ours(path, seed, Path(work))}
            if ours_only and before is not None:
                row |= {one: before["rows"][seed][one] for one in OTHERS}
            else:
                data = load_data(path, side, seed)
                setting = setting or setting_of(data.train)
                row |= others(data, seed, setting)
        rows.append(row)
        print(name, json.dumps(row), flush=True)
    return {"setting": setting, "rows": rows}


def table(results: dict[str, Any]) -> str:
    lines = [
        "| data | images a class | LeNet, `own` | SVC | random forest | logistic regression | s |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name in (one for one in NAMES if one in results):
        kind, _, size = name.rpartition("-")
        title, size = (FROM[kind], f"{int(size):,}") if kind in FROM else (name, "")
        rows = results[name]["rows"]
        own = [100 * row["own"]["test_accuracy"] for row in rows]
        spread = f" ± {stdev(own):.1f}" if len(own) > 1 else ""
        rest = [100 * mean(row[one] for row in rows) for one in OTHERS]
        best = max(mean(own), *rest)
        shown = [f"**{one:.1f}**" if one == best else f"{one:.1f}" for one in (mean(own), *rest)]
        seconds = mean(row["own"]["total_seconds"] for row in rows)
        lines.append(
            f"| {title} | {size} | {shown[0]}{spread} | {' | '.join(shown[1:])} | {seconds:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--only", type=lambda text: text.split(","), default=NAMES)
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    found: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if not arguments.table:
        for one in arguments.only:
            found[one] = measure(one, arguments.data, found.get(one), arguments.ours)
            RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    replace_table("own data", table(found), GUIDE)
