"""Are ReLU and max pooling better? The same recipe and weights' number, with each of the four.

    python benchmarks/activation.py            trains on Fashion-MNIST, writes results and table
    python benchmarks/activation.py --table    only writes the table again

The recipe is ``modern`` (20 epochs, momentum, a falling rate); sigmoids begin with Xavier's weights
as in the chapter, ReLU with He's. Sigmoids at that rate would hardly learn, so each activation has
the best of three rates, found on a held-out sixth of the training images. Raw results:
``benchmarks/results/activation.json``; the table stands in ``docs/family.md``.
"""

import argparse
import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from typing import Any
from unittest.mock import patch

from family_choices import held_out
from lenet.data import Dataset, load_data
from lenet.networks.lenet import lenet_network
from lenet.training.recipe import Recipe
from lenet.training.recipes import recipe_named
from lenet.training.start import start
from quiet import Quiet
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results" / "activation.json"
PAGE = ROOT / "docs" / "family.md"
SEEDS = 3
RATES = {"sigmoid": (0.05, 0.2, 0.8), "relu": (0.01, 0.02, 0.05)}
POOLINGS = ("average", "max")


def error(recipe: Recipe, data: Dataset, seed: int) -> float:
    training = start(recipe, data, seed, device="cpu")
    training.run(Quiet())
    return 1 - training.progress.history[-1].test_accuracy


def measure() -> list[dict[str, Any]]:
    data = load_data("fashion-mnist")
    training = held_out(data, 0)
    measured: list[dict[str, Any]] = []
    for activation, pooling in product(RATES, POOLINGS):

        def define(activation: Any = activation, pooling: Any = pooling, **given: Any) -> Any:
            return lenet_network(activation, pooling, **given)

        recipe = replace(
            recipe_named("modern"),
            network="tried",
            initialization="he" if activation == "relu" else "xavier",
        )
        with patch.dict("lenet.networks.NETWORKS", {"tried": define}):
            tried = {
                rate: error(replace(recipe, learning_rate=rate), training, 0)
                for rate in RATES[activation]
            }
            rate = min(tried, key=lambda rate: tried[rate])
            chosen = replace(recipe, learning_rate=rate)
            errors = [error(chosen, data, seed) for seed in range(SEEDS)]
        measured.append(
            {
                "activation": activation,
                "pooling": pooling,
                "held_out_errors": {str(rate): one for rate, one in tried.items()},
                "learning_rate": rate,
                "test_errors": errors,
            }
        )
        print(f"{activation}, {pooling}, rate {rate}: {mean(errors):.2%}", flush=True)
    return measured


def table(measured: list[dict[str, Any]]) -> str:
    lines = ["| activation | pooling | rate | test error, mean ± sd |", "|---|---|--:|---|"]
    for one in measured:
        errors = [100 * value for value in one["test_errors"]]
        lines.append(
            f"| {one['activation']} | {one['pooling']} | {one['learning_rate']} "
            f"| {mean(errors):.2f} ± {stdev(errors):.2f} |"
        )
    lines += ["", f"Fashion-MNIST, in percent, {SEEDS} seeds, 20 epochs."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Sigmoid or ReLU, average or max.")
    parser.add_argument("--table", action="store_true", help="only write the table again")
    arguments = parser.parse_args()
    if not arguments.table:
        RESULTS.write_text(json.dumps(measure(), indent=1) + "\n")
    replace_table("activation", table(json.loads(RESULTS.read_text())), PAGE)


if __name__ == "__main__":
    main()
