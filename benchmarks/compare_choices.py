"""How the classifiers of ``lenet compare`` are set: tried on training images alone.

    python benchmarks/compare_choices.py    tries all settings and writes the raw results

For MNIST and Fashion-MNIST: training on 10,000 of the training images, mistakes counted on 2,000
others of them. A setting serves both sets, of which one has five times the mistakes: so the least
product of both counts is chosen, where a tenth fewer weighs the same on either; the first where
several are equal. `lenet.evaluation.compare.classifiers.CHOSEN` holds them, and a test
compares it with the raw results, ``benchmarks/results/compare_choices.json``.
"""

import json
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lenet.data import Split, load_data
from lenet.data.split import split_off
from lenet.evaluation.compare.classifiers import Setting, train

RESULTS = Path(__file__).parent / "results" / "compare_choices.json"
DATA = ("mnist", "fashion-mnist")
TRAINING, VALIDATION = 10_000, 2_000
GRIDS: dict[str, dict[str, list[float]]] = {
    "svm-rbf": {"C": [2, 10], "gamma": [1, 2, 4]},
    "svm-poly4": {"C": [1, 10], "gamma": [0.5, 1, 2], "offset": [0, 1]},
    "knn": {"k": [3, 5, 7]},  # a single neighbour's vote has no margin to reject by
    "logistic": {"C": [0.01, 0.03, 0.1, 0.3, 1]},
    "forest": {"trees": [200], "pixels": [0.036, 0.1]},  # 0.036: the root of 784, of 784
}


def parts(split: Split, seed: int = 0) -> tuple[Split, Split]:
    """Draw the images to train on and the images to validate on, class by class."""
    count = TRAINING + VALIDATION
    _, drawn = split_off(split.labels, count / len(split), seed)
    first, second = split_off(split.labels[drawn], VALIDATION / count, seed)

    def part(numbers: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> Split:
        return Split(split.images[numbers], split.labels[numbers], split.classes)

    return part(drawn[first]), part(drawn[second])


def settings(grid: dict[str, list[float]]) -> list[Setting]:
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def measure() -> dict[str, Any]:
    splits = {name: parts(load_data(name).train) for name in DATA}
    tried: list[dict[str, Any]] = []
    for name, grid in GRIDS.items():
        for setting in settings(grid):
            wrong: dict[str, int] = {}
            for data, (training, validation) in splits.items():
                answers = train(name, training, 0, setting).scores(validation.images).argmax(axis=1)
                wrong[data] = int(np.count_nonzero(answers != validation.labels))
            tried.append({"classifier": name, "setting": setting, "wrong": wrong})
            print(name, setting, wrong, flush=True)
    return {
        "training_images": {data: len(pair[0]) for data, pair in splits.items()},
        "validation_images": {data: len(pair[1]) for data, pair in splits.items()},
        "tried": tried,
        "chosen": {name: best(tried, name) for name in GRIDS},
    }


def best(tried: list[dict[str, Any]], name: str) -> Setting:
    """Return the setting with the least product of the sets' mistakes, the first if equal."""
    own = [one for one in tried if one["classifier"] == name]
    return min(own, key=lambda one: prod(one["wrong"].values()))["setting"]


if __name__ == "__main__":
    RESULTS.write_text(json.dumps(measure(), indent=1) + "\n")
