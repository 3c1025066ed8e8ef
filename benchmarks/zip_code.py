"""The zip-code network by the rate that meets its paper's own training, and a network without maps.

    python benchmarks/zip_code.py                trains all: two minutes
    python benchmarks/zip_code.py --usps PATH    takes USPS from an .npz file

The paper (Neural Computation 1(4), 1989) names 10 of its 7,291 training images wrong, at an error
of 0.0025, and 5.0% of the test images; its network of 40 hidden units without convolution 1.6% and
8.1%.
Raw results: ``benchmarks/results/zip_code.json``; what follows: ``docs/family.md``.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.networks import Network
from lenet.networks.checks import class_count
from lenet.networks.layers import Activation, Flatten, Linear
from lenet.training.recipes import recipe_named
from lenet.training.start import start
from quiet import Quiet

RESULTS = Path(__file__).parent / "results" / "zip_code.json"
RECIPE = recipe_named("lecun1989")
THEIRS = 0.0005  # the rate; of 0.0004 to 0.0006 it comes nearest to their training
RATES = (0.00002, 0.00005, 0.0001, 0.0003)  # of the network without maps


def without_maps(classes: int | tuple[str, ...] = 10, in_channels: int = 1) -> Network:
    """Return the paper's fully connected network: 40 hidden units, 10,690 connections."""
    layers = (
        Flatten("flatten"),
        Linear("hidden", 40),
        Activation("hidden_squash", "scaled tanh"),
        Linear("output", class_count(classes)),
        Activation("output_squash", "scaled tanh"),
    )
    return Network("lecun1989", (in_channels, 16, 16), layers)


def measured(artifact: Artifact, split: Split) -> dict[str, Any]:
    """Return how many are named wrong, and half the mean squared error from targets of ±1."""
    outputs = artifact.forward(split.images)
    targets = 2 * np.eye(outputs.shape[1])[split.labels] - 1
    wrong = int(np.count_nonzero(outputs.argmax(axis=1) != split.labels))
    return {
        "images": len(split),
        "wrong": wrong,
        "half squared error": round(float(((outputs - targets) ** 2).mean()) / 2, 5),
    }


def trained(source: str, network: str, rate: float, seed: int) -> dict[str, Any]:
    """Train by the recipe with another rate."""
    training = start(replace(RECIPE, learning_rate=rate), source, seed, device="cpu")
    training.run(Quiet())
    artifact, data = training.artifact(), training.data
    result: dict[str, Any] = {"network": network, "rate": rate, "seed": seed}
    result |= {"train": measured(artifact, data.train), "test": measured(artifact, data.test)}
    print(result, flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description="The zip-code network beside its paper's training."
    )
    parser.add_argument("--usps", help="an .npz file with the USPS digits, 16×16")
    source = parser.parse_args().usps or RECIPE.data
    results = [trained(source, "lecun1989", THEIRS, seed) for seed in range(5)]
    with patch.dict("lenet.networks.NETWORKS", {"lecun1989": without_maps}):
        results += [trained(source, "40 units", rate, seed) for rate in RATES for seed in range(2)]
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
