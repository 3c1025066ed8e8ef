"""The chapter's recipe over n seeds, beside the figures its authors published.

    python benchmarks/chapter.py            runs seeds 0 to 9, writes the raw results and the table
    python benchmarks/chapter.py --table    only writes the table again, from the raw results

Raw results: ``benchmarks/results/chapter.json``. The authors' figures are those of the 163
distinct runs in the published notebooks' history (sigmoid, average pooling, SGD at 0.9, batch
256, ten epochs, on a GPU).
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from lenet.data import load_data
from lenet.machine import processor
from lenet.training.recipes import CHAPTER
from lenet.training.run import run
from lenet.training.start import start
from quiet import Quiet
from readme import replace_table

RESULTS = Path(__file__).parent / "results" / "chapter.json"
PUBLISHED = {
    "train_loss": (0.469, 0.011),
    "train_accuracy": (0.824, 0.005),
    "test_accuracy": (0.804, 0.015),
}
NAMES = {
    "train_loss": "train loss",
    "train_accuracy": "train accuracy",
    "test_accuracy": "test accuracy",
}


def measure(seeds: int, engine: str) -> dict[str, Any]:
    data = load_data(CHAPTER.data)
    runs: list[dict[str, Any]] = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            training = start(CHAPTER, data, seed, "cpu", engine)
            runs.append(run(training, Path(folder), Quiet()).metrics)
        print(f"seed {seed}: " + ", ".join(f"{NAMES[k]} {runs[-1][k]:.4f}" for k in NAMES))
    return {"machine": processor(), "runs": runs}


def table(results: dict[str, Any]) -> str:
    runs = results["runs"]
    first = runs[0]
    lines = [
        f"| after ten epochs | lenet, mean ± sd (n = {len(runs)}) | least, greatest "
        "| the chapter's authors, mean ± sd (n = 163) |",
        "|---|---|---|---|",
    ]
    for key, (center, spread) in PUBLISHED.items():
        values = [float(one[key]) for one in runs]
        lines.append(
            f"| {NAMES[key]} | {mean(values):.3f} ± {stdev(values):.3f} "
            f"| {min(values):.3f}, {max(values):.3f} | {center:.3f} ± {spread:.3f} |"
        )
    seconds = [float(one["train_seconds"]) for one in runs]
    rate = mean(float(one["examples_per_second"]) for one in runs)
    lines += [
        "",
        f"Seeds 0 to {len(runs) - 1}, {mean(seconds):.1f} s of training a run "
        f"({rate:,.0f} images/s); {results['machine']}, {first['threads']} threads, "
        f"engine {first['engine']}, PyTorch {first['versions']['torch']}, "
        f"Python {first['versions']['python']}.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="The chapter's recipe over n seeds.")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--engine", choices=["native", "torch"], default="native")
    parser.add_argument("--table", action="store_true", help="only write README's table again")
    arguments = parser.parse_args()
    if not arguments.table:
        RESULTS.write_text(json.dumps(measure(arguments.seeds, arguments.engine), indent=1) + "\n")
    replace_table("chapter", table(json.loads(RESULTS.read_text())))


if __name__ == "__main__":
    main()
