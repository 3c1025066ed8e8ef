"""The record recipes over seeds: as accurate as 61,706 numbers can be, with one forward pass.

    python benchmarks/records.py                        runs everything: hours
    python benchmarks/records.py --only fashion-record  runs one recipe; the other's results stay
    python benchmarks/records.py --seeds 5,6            adds seeds to those that are there
    python benchmarks/records.py --table                only writes the tables again

Raw results: ``results/records.json``, written after each seed; the table: ``docs/lab/records.md``.
What counts is the last epoch's weights on the test images; none are chosen by them.
"""

import argparse
import json
import time
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from lenet.data import load_data
from lenet.engine import native
from lenet.evaluation import evaluate
from lenet.machine import processor
from lenet.training.recipe import Recipe
from lenet.training.recipes import recipe_named
from lenet.training.start import start
from quiet import Quiet
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results" / "records.json"
PAGE = ROOT / "docs" / "lab" / "records.md"
RECORDS = ("fashion-record", "digits-record", "digits")
SEEDS = range(5)
# The best that was found published, with one forward pass of a network of this size.
PUBLISHED = {
    "fashion-record": "90.84 (LeNet's layers, n = 1); 92.97 (33 thousand numbers, n = 1)",
    "digits-record": "99.445 ± 0.039 (n = 10)",
    "digits": "the same",
}


def measure(recipe: Recipe, seed: int) -> dict[str, Any]:
    data = load_data(recipe.data)
    started = time.perf_counter()
    training = start(recipe, data, seed, device="cpu")
    training.run(Quiet())
    seconds = time.perf_counter() - started
    engine = training.settings.engine
    result = evaluate(training.artifact(), data.test)
    return {
        "seed": seed,
        "test_accuracy": result.accuracy,
        "train_loss": training.progress.history[-1].train_loss,
        "seconds": round(seconds, 1),
        "epochs": recipe.epochs,
        "parameters": training.network.parameters,
        "data_sha256": data.sha256(),
        "engine": engine,
        "instruction_set": native.variants()[0] if engine == "native" else None,
        "machine": processor(),
    }


def table(results: dict[str, list[dict[str, Any]]]) -> str:
    lines = [
        "| recipe | epochs | n | test accuracy, mean ± sd | least, greatest | minutes a seed "
        "| published |",
        "|---|--:|--:|---|---|--:|---|",
    ]
    for name, runs in results.items():
        values = [100 * one["test_accuracy"] for one in runs]
        spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
        minutes = mean(one["seconds"] for one in runs) / 60
        lines.append(
            f"| `{name}` | {runs[-1]['epochs']} | {len(values)} | **{mean(values):.2f}**{spread} "
            f"| {min(values):.2f}, {max(values):.2f} | {minutes:.0f} | {PUBLISHED[name]} |"
        )
    machines = sorted({one["machine"] for runs in results.values() for one in runs})
    return "\n".join(
        [*lines, "", f"In percent; seeds from 0 on; {' and '.join(machines)}, 2 threads."]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="The record recipes over seeds.")
    parser.add_argument("--only", choices=RECORDS, action="append")
    parser.add_argument("--seeds", help="with commas between")
    parser.add_argument("--table", action="store_true", help="only write the tables again")
    arguments = parser.parse_args()
    results: dict[str, list[dict[str, Any]]] = (
        json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    )
    seeds = [int(one) for one in arguments.seeds.split(",")] if arguments.seeds else list(SEEDS)
    names: list[str] = [] if arguments.table else arguments.only or list(RECORDS)
    for name in names:
        for seed in seeds:
            one = measure(recipe_named(name), seed)
            print(f"{name} seed {seed}: {one['test_accuracy']:.2%}", flush=True)
            others = [run for run in results.get(name, []) if run["seed"] != seed]
            results[name] = sorted([*others, one], key=lambda run: run["seed"])
            ordered = {key: results[key] for key in RECORDS if key in results}
            RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")
    replace_table("records", table(results), PAGE)


if __name__ == "__main__":
    main()
