"""The networks of 1989 to 1998 and today's by their recipes, over seeds, beside their papers.

    python benchmarks/family.py                  runs everything and writes results and tables
    python benchmarks/family.py --only lenet1    runs one recipe; the others' results stay
    python benchmarks/family.py --usps PATH      takes USPS from an .npz file
    python benchmarks/family.py --table          only writes the tables again

Raw results: ``benchmarks/results/family.json``; tables: ``docs/family.md``. What the
tables show is the last epoch: none is chosen by the test images.
"""

import argparse
import json
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from lenet.engine import native
from lenet.evaluation.reject import margin, rejected_for_error
from lenet.machine import processor
from lenet.training.recipes import recipe_named
from lenet.training.start import start
from quiet import Quiet
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results" / "family.json"
PAGE = ROOT / "docs" / "family.md"
SEEDS = {
    "lecun1989": 5,
    "lecun1989-distorted": 5,
    "lenet1": 5,
    "lenet1-1989": 5,
    "lecun1998": 5,
    "lecun1998-distorted": 3,
    "modern": 5,
}
# Test error, and share rejected for an error of so much among the rest: what the papers print.
PAPERS: dict[str, tuple[str, str]] = {
    "lecun1989": ("5.0", "12.1 for 1% error"),
    "lecun1989-distorted": ("–", "–"),
    "lenet1": ("1.7", "3.7 for 0.5% error"),
    "lenet1-1989": ("1.7", "3.7 for 0.5% error"),
    "lecun1998": ("0.95", "–"),
    "lecun1998-distorted": ("0.8", "–"),
    "modern": ("–", "–"),
}


def measure(name: str, seeds: int, source: str | None) -> dict[str, Any]:
    recipe = recipe_named(name)
    first = start(recipe, source or recipe.data, device="cpu")
    data, engine = first.data, first.settings.engine
    runs: list[dict[str, Any]] = []
    for seed in range(seeds):
        training = start(recipe, data, seed, device="cpu")
        training.run(Quiet())
        history = training.progress.history
        scores = training.artifact().forward(data.test.images)
        right = scores.argmax(axis=1) == data.test.labels
        result: dict[str, Any] = {
            "seed": seed,
            "test_error": 1 - int(np.count_nonzero(right)) / len(right),
            "train_error": 1 - history[-1].train_accuracy,
            "rejected_for_half_percent": rejected_for_error(margin(scores), right, 0.005),
            "rejected_for_one_percent": rejected_for_error(margin(scores), right, 0.01),
            "test_errors": [round(1 - line.test_accuracy, 5) for line in history],
            "seconds": [round(line.seconds, 2) for line in history],
        }
        runs.append(result)
        print(f"{name} seed {seed}: test error {result['test_error']:.2%}", flush=True)
    return {
        "data": recipe.data,
        "data_sha256": data.sha256(),
        "training_images": len(data.train),
        "test_images": len(data.test),
        "epochs": recipe.epochs,
        "engine": engine,
        "instruction_set": native.variants()[0] if engine == "native" else None,
        "machine": processor(),
        "runs": runs,
    }


def results_table(results: dict[str, Any]) -> str:
    lines = [
        "| recipe | data | passes | n | test error, mean ± sd | least, greatest | the paper's "
        "| training error | seconds a pass |",
        "|---|---|--:|--:|---|---|---|---|--:|",
    ]
    for name, one in results.items():
        errors = [100 * run["test_error"] for run in one["runs"]]
        train = [100 * run["train_error"] for run in one["runs"]]
        seconds = [second for run in one["runs"] for second in run["seconds"]]
        paper = PAPERS[name][0]
        lines.append(
            f"| `{name}` | {one['data']} | {one['epochs']} | {len(errors)} | {_spread(errors)} "
            f"| {min(errors):.2f}, {max(errors):.2f} | {paper} | {_spread(train)} "
            f"| {np.median(seconds):.1f} |"
        )
    machine = " and ".join(dict.fromkeys(one["machine"] for one in results.values()))
    lines += [
        "",
        f"In percent; seeds from 0 on; {machine}, one thread for the historical networks.",
    ]
    return "\n".join(lines)


def reject_table(results: dict[str, Any]) -> str:
    lines = [
        "| recipe | rejected for 0.5% error | rejected for 1% error | the paper's |",
        "|---|---|---|---|",
    ]
    for name, one in results.items():
        shares = [
            _spread([100 * run[key] for run in one["runs"]])
            if all(run[key] is not None for run in one["runs"])
            else "–"
            for key in ("rejected_for_half_percent", "rejected_for_one_percent")
        ]
        lines.append(f"| `{name}` | {' | '.join(shares)} | {PAPERS[name][1]} |")
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    return f"{mean(values):.2f} ± {stdev(values):.2f}"


def keep(name: str, measured: dict[str, Any]) -> None:
    """Put one recipe's results among the others'."""
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[name] = measured
    ordered = {name: results[name] for name in SEEDS if name in results}
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="The family's recipes over seeds.")
    parser.add_argument("--only", choices=list(SEEDS), action="append")
    parser.add_argument("--usps", help="an .npz file with the USPS digits, 16×16")
    parser.add_argument("--table", action="store_true", help="only write the tables again")
    arguments = parser.parse_args()
    if not arguments.table:
        for name in arguments.only or SEEDS:
            source = arguments.usps if recipe_named(name).data == "usps" else None
            keep(name, measure(name, SEEDS[name], source))
    results: dict[str, Any] = json.loads(RESULTS.read_text())
    replace_table("results", results_table(results), PAGE)
    replace_table("reject", reject_table(results), PAGE)


if __name__ == "__main__":
    main()
