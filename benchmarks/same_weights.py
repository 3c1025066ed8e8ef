"""Whether trainings still end with the weights that they had, to the bit.

    python benchmarks/same_weights.py          compare with results/same_weights.json
    python benchmarks/same_weights.py --write  write that file: before a change of the training

The bits depend on the instruction set of the engine, which decides in what order numbers are added:
each set has hashes of its own in the file. The data sets must have been fetched; about a minute.
"""

import argparse
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from lenet.data import load_data
from lenet.engine import native
from lenet.training.recipes import recipe_named
from lenet.training.start import start

RESULTS = Path(__file__).parent / "results" / "same_weights.json"

# Recipe, epochs (None: all), seeds.
CASES: list[tuple[str, int | None, range]] = [
    ("chapter", None, range(3)),
    ("modern", 1, range(1)),
    ("fashion-record", 2, range(1)),
    ("lecun1998", 1, range(1)),
    ("lenet1", 1, range(1)),
]


def hash_after(name: str, epochs: int | None, seed: int) -> str:
    """Train, and return the SHA-256 of all parameters one after another."""
    recipe = recipe_named(name)
    recipe = replace(recipe, epochs=epochs or recipe.epochs)
    training = start(recipe, load_data(recipe.data), seed, "cpu", "native")
    training.run()
    digest = hashlib.sha256()
    for parameter in training.snapshot().parameters.values():
        digest.update(np.ascontiguousarray(parameter).tobytes())
    return digest.hexdigest()


def main() -> None:
    """Train each case; compare its hash with the file, or write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    known: dict[str, dict[str, str]] = {}
    if RESULTS.is_file():
        known = json.loads(RESULTS.read_text())
    variant = native.variants()[0]
    expected = known.get(variant, {})
    found: dict[str, str] = {}
    changed = False
    for name, epochs, seeds in CASES:
        for seed in seeds:
            case = f"{name}, {'all' if epochs is None else epochs} epochs, seed {seed}"
            found[case] = hash_after(name, epochs, seed)
            same = found[case] == expected.get(case)
            changed |= not same
            print(f"{case}: {found[case][:16]} {'as before' if same else 'not as before'}")
    if write:
        RESULTS.write_text(json.dumps({**known, variant: found}, indent=2) + "\n")
    elif changed:
        sys.exit("some weights are not as before")


if __name__ == "__main__":
    main()
