"""The networks that ship with the package: trained, calibrated, measured, described.

    python benchmarks/weights.py                 makes all, in half an hour
    python benchmarks/weights.py --only digits   makes one
    python benchmarks/weights.py --measure       only measures what is there and writes the cards
    python benchmarks/weights.py --cards         only writes the cards, from the raw results

Each is trained on all training images by its recipe, with seed 0. Its calibration is fitted on
images that a twin was not trained on: the same recipe and seed on five sixths of the training
images. The test images are then looked at once. What ships is in ``src/lenet/weights``; raw results
are in ``results/weights.json``, and the ``CARD.md`` of each network is written from them.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from lenet import weights
from lenet.artifact import Artifact, load
from lenet.calibration.calibration import none_of_these
from lenet.data import load_data
from lenet.evaluation import Evaluation, evaluate
from lenet.evaluation.accepted_errors import accepted
from lenet.files import write_json, write_text
from lenet.pictures.types import Images
from lenet.synthesis.negatives import KINDS, digit_rows, held_out_fonts, letters
from lenet.training.recipe import Recipe
from lenet.training.recipes import recipe_named
from lenet.training.start import start
from lenet.training.training import Training
from quiet import Quiet

RESULTS = Path(__file__).parent / "results"
# The recipe of each, what it is for, what it is not for.
NETWORKS: dict[str, tuple[str, str, str]] = {
    "digits": (
        "digits",
        "single handwritten digits in scans and photos; it says if a picture shows no digit",
        "several digits in one picture, printed type, other scripts. A confident answer is still "
        "wrong now and then",
    ),
    "digits-record": (
        "digits-record",
        "MNIST, on which it is the most accurate (docs/lab/records.md); it was trained on no other "
        "handwriting",
        "anything that `digits` does better",
    ),
    "fashion": (
        "fashion-record",
        "images made as Fashion-MNIST's were: shop photos of one article, grey, 28×28",
        "photos from a phone, of clothes that somebody wears or that lie about (docs/predict.md); "
        "other kinds of clothes than the ten classes",
    ),
    "chapter": (
        "chapter",
        "looking at the textbook's LeNet, with sigmoids and average pooling, trained on digits",
        "anything that `digits` does better",
    ),
    "lecun1998": (
        "lecun1998",
        "looking at LeNet-5 as in the paper of 1998, and comparing others with it",
        "anything that `digits` does better",
    ),
}
OTHER_DATA = {"chapter": "mnist"}  # than the recipe's own
VALIDATION = 1 / 6
_NEGATIVES = 2000


def trained(recipe: Recipe) -> Training:
    training = start(recipe, recipe.data, device="cpu")
    training.run(Quiet())
    return training


def make(name: str) -> float:
    """Train, calibrate and save; return the twin's accuracy on the images held out from it."""
    recipe = recipe_named(NETWORKS[name][0])
    recipe = replace(recipe, data=OTHER_DATA.get(name, recipe.data))
    training = trained(replace(recipe, validation=VALIDATION))
    assert training.data.validation is not None
    twin = training.artifact()
    (weights.FOLDER / name).mkdir(exist_ok=True)
    shipped = replace(trained(recipe).artifact(), calibration=twin.calibration)
    shipped.save(weights.FOLDER / name)
    return evaluate(twin, training.data.validation).accuracy


def negative_sets() -> dict[str, Images]:
    """Pictures of no digit that no training has seen: other seeds, other fonts, test images."""
    random = np.random.default_rng(1998)
    sets = {kind: make(_NEGATIVES, random) for kind, make in KINDS.items()}
    sets["blank"] = np.zeros((1, 28, 28), np.uint8)
    sets["nearly blank"] = KINDS["blank"](_NEGATIVES, random)
    sets["uniform noise"] = random.integers(0, 256, (_NEGATIVES, 28, 28), dtype=np.uint8)
    sets["letters of fonts it has not seen"] = letters(_NEGATIVES, random, held_out_fonts())
    sets["clothing (Fashion-MNIST's test images)"] = load_data("fashion-mnist").test.images
    sets["several digits (of MNIST's test images)"] = digit_rows(
        load_data("mnist").test.images, _NEGATIVES, random
    )
    return sets


def measure(name: str) -> dict[str, Any]:
    artifact = load(name)
    data = load_data(str(artifact.origin["data"]), artifact.network.input_shape[1:])  # pyright: ignore[reportArgumentType] height and width
    result = evaluate(artifact, data.test)
    calibration = artifact.calibration
    measured: dict[str, Any] = {
        "recipe": NETWORKS[name][0],
        "data": data.source,
        "data_sha256": artifact.origin["data_sha256"],
        "parameters": artifact.network.parameters,
        "test_accuracy": result.accuracy,
        "calibration_error": result.calibration_error,
        "rejected_at_half_percent": result.rejected_at_half_percent,
        "temperature": calibration.temperature,
        "asked": [_asked(result, artifact, error) for error in (0.005, 0.01)],
    }
    if calibration.most_none is not None:
        measured["rejected_as_none"] = _none(artifact, data.test.images)
        measured["foreign_rejected"] = {
            kind: _none(artifact, images) for kind, images in negative_sets().items()
        }
    return measured


def _asked(result: Evaluation, artifact: Artifact, error: float) -> dict[str, Any]:
    if not any(most <= error for most, _ in artifact.calibration.thresholds):
        return {"error": error}
    kept = accepted(result, artifact.calibration, error)
    return {"error": error, "rejected": kept.rejected, "error_found": kept.error}


def _none(artifact: Artifact, images: Images) -> float:
    side = artifact.network.input_shape[1]
    border = (side - images.shape[1]) // 2
    framed = np.pad(images, ((0, 0), (border, border), (border, border)))
    shares = artifact.calibration.probabilities(artifact.network, artifact.forward(framed))
    most = artifact.calibration.most_none
    assert most is not None
    return float((none_of_these(shares) > most).mean())


def seeds_of(recipe: str) -> list[float]:
    """Return the test accuracies of the recipe over seeds, as other benchmarks found them."""
    records = json.loads((RESULTS / "records.json").read_text())
    family = json.loads((RESULTS / "family.json").read_text())
    if recipe in records:
        return [one["test_accuracy"] for one in records[recipe]]
    return [1 - one["test_error"] for one in family.get(recipe, {"runs": []})["runs"]]


def card(name: str, one: dict[str, Any]) -> str:
    recipe, good, bad = NETWORKS[name]
    runs = [] if name in OTHER_DATA else [100 * value for value in seeds_of(recipe)]
    others = (
        f"; over {len(runs)} seeds {mean(runs):.2f} ± {stdev(runs):.2f} (mean ± sd)"
        if len(runs) > 1
        else ""
    )
    half = one["rejected_at_half_percent"]
    data = f" {OTHER_DATA[name]}" if name in OTHER_DATA else ""
    command = f"lenet train{data} --recipe {recipe}"
    extra = recipe_named(recipe).extra_examples
    crops = (
        "; and digits cut out of the cheques of ORAND-CAR-A, without those of its validation and "
        "test parts"
        if extra is not None and extra.digit_crops
        else ""
    )
    share = recipe_named(recipe).distillation
    teachers = (
        f"; the targets are {share:.0%} the probabilities of two larger networks, {1 - share:.0%} "
        "the labels"
        if share
        else ""
    )
    lines = [
        f"# {name}",
        "",
        f"For {good}.",
        "",
        f"Not for {bad}.",
        "",
        "| | |",
        "|---|---|",
        f"| data | {one['data']}, all of its training images (SHA-256 of the pixels and labels: "
        f"`{one['data_sha256'][:16]}…`){crops}{teachers} |",
        f"| made by | `{command}`, seed 0; calibrated on a sixth of the training images, with a "
        "twin that was trained on the others: `benchmarks/weights.py` |",
        f"| parameters | {one['parameters']:,} |",
        f"| test accuracy | {one['test_accuracy']:.2%}{others} |",
        f"| expected calibration error | {one['calibration_error']:.2%} (15 bins, temperature "
        f"{_number(one['temperature'])}) |",
        f"| to reject for 0.5% error | {'–' if half is None else f'{half:.2%}'} |",
    ]
    for asked in one["asked"]:
        if "rejected" in asked:
            lines.append(
                f"| `--reject-error {asked['error']:.1%}` | {asked['rejected']:.2%} rejected, "
                f"{asked['error_found']:.2%} of the others wrong |"
            )
    if "foreign_rejected" in one:
        lines += [
            "",
            'Rejected at any `--reject-error`, because the class "none" is too probable:',
            "",
            "| pictures | rejected |",
            "|---|--:|",
            f"| {one['data']}'s test images | {one['rejected_as_none']:.2%} |",
        ]
        lines += [f"| {kind} | {share:.2%} |" for kind, share in one["foreign_rejected"].items()]
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> str:
    return "not fitted" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="The networks that ship with the package.")
    parser.add_argument("--only", choices=list(NETWORKS), action="append")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--measure", action="store_true", help="only measure what is there")
    only.add_argument("--cards", action="store_true", help="only write the cards")
    arguments = parser.parse_args()
    path = RESULTS / "weights.json"
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    for name in arguments.only or NETWORKS:
        if not arguments.cards:
            before = results.get(name, {}).get("held_out_accuracy")
            held_out = before if arguments.measure else make(name)
            results[name] = {**measure(name), "held_out_accuracy": held_out}
            print(name, json.dumps(results[name], indent=1), flush=True)
            write_json(path, {key: results[key] for key in NETWORKS if key in results})
        write_text(weights.FOLDER / name / "CARD.md", card(name, results[name]))


if __name__ == "__main__":
    main()
