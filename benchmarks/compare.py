"""LeNet and other classifiers on MNIST and Fashion-MNIST: what ``lenet compare`` measures.

    python benchmarks/compare.py            measures, writes raw results, tables and pictures
    python benchmarks/compare.py --only svm-rbf,knn     measures these alone; others' results stay
    python benchmarks/compare.py --table    only writes tables and pictures again

It takes two to three hours, nearly all for the support vector machines. Raw results:
``results/compare-mnist.json`` and ``results/compare-fashion-mnist.json``, written again after each
classifier, so that what an interrupted run has left out can be measured later with ``--only``. The
tables stand in ``docs/family.md``, the pictures in ``docs/images``. How the classifiers are set:
``compare_choices.py``.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from lenet.data import load_data
from lenet.evaluation.compare.compare import compare
from lenet.evaluation.compare.comparison import Comparison, ComparisonCallbacks
from lenet.evaluation.compare.contestants import CONTESTANTS, Contestant, contestants_named
from lenet.files import write_json
from lenet.report.compare import write_picture
from lenet.report.compare_table import markdown
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results"
FAMILY = ROOT / "docs" / "family.md"
IMAGES = ROOT / "docs" / "images"
DATA = ("mnist", "fashion-mnist")


class _Saving(ComparisonCallbacks):
    """Puts each classifier's result among those of before, in the order of `CONTESTANTS`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.before = stored(path) if path.exists() else None

    def on_start(self, contestant: Contestant) -> None:
        print(f"{self.path.stem}: {contestant.name}", flush=True)

    def on_result(self, comparison: Comparison) -> None:
        before = self.before.results if self.before else ()
        results = {one.name: one for one in (*before, *comparison.results)}
        ordered = tuple(results[one.name] for one in CONTESTANTS if one.name in results)
        machine = comparison.machine
        if self.before and self.before.machine != machine:
            names = ", ".join(one.name for one in comparison.results)
            machine = f"{self.before.machine} ({names}: {machine})"
        write_json(self.path, replace(comparison, results=ordered, machine=machine).to_json())
        last = comparison.results[-1]
        print(f"    {last.error:.2%} wrong, {last.train_seconds:,.1f} s of training", flush=True)


def stored(path: Path) -> Comparison:
    return Comparison.from_json(json.loads(path.read_text(encoding="utf-8")))


def raw(name: str) -> Path:
    return RESULTS / f"compare-{name}.json"


def write_table(name: str) -> None:
    comparison = stored(raw(name))
    replace_table(f"compare {name}", markdown(comparison), FAMILY)
    write_picture(IMAGES / f"compare-{name}.png", comparison)


def main() -> None:
    parser = argparse.ArgumentParser(description="LeNet beside other classifiers.")
    parser.add_argument("--table", action="store_true", help="only write tables and pictures again")
    parser.add_argument("--data", choices=DATA, help="one data set; by default both")
    parser.add_argument("--only", help="names of classifiers, with commas between")
    arguments = parser.parse_args()
    contestants = contestants_named(arguments.only.split(",")) if arguments.only else CONTESTANTS
    for name in [arguments.data] if arguments.data else DATA:
        if not arguments.table:
            compare(load_data(name), contestants, 0, _Saving(raw(name)))
        write_table(name)


if __name__ == "__main__":
    main()
