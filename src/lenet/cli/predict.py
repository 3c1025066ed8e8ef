"""``lenet predict``: what a trained network calls images."""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

from lenet.artifact import Artifact, load
from lenet.data.image import ImageError, fit, read_image
from lenet.engine.probabilities import probabilities

_TOP = 3


@click.command("predict")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an image.")
def command(run: Path, images: tuple[Path, ...], as_json: bool) -> None:
    """Say what the network in the run folder RUN calls each of IMAGES.

    An image is fitted into the network's input without stretching; one that has its size already
    is taken as it is. A file that cannot be read is named, the others are answered, and the exit
    code is 2.
    """
    artifact = load(run)
    failed = False
    for path in images:
        try:
            answer = _answer(artifact, path)
        except ImageError as error:
            failed = True
            if as_json:
                click.echo(json.dumps({"path": str(path), "error": str(error)}, ensure_ascii=False))
            else:
                click.echo(f"lenet: {error}", err=True)
            continue
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            others = ", ".join(f"{t['label']} {t['probability']:.1%}" for t in answer["top"][1:])
            if "none" in answer:
                others += f", none of these {answer['none']:.1%}"
            click.echo(f"{path}: {answer['label']} {answer['probability']:.1%}  ({others})")
    if failed:
        raise click.exceptions.Exit(2)


def _answer(artifact: Artifact, path: Path) -> dict[str, Any]:
    image = fit(read_image(path), artifact.network.input_shape)
    scores = artifact.forward(image[None])
    shares = probabilities(artifact.network, scores)[0]
    order = np.argsort(-scores[0], kind="stable")[:_TOP]
    top: list[dict[str, Any]] = [
        {"label": artifact.classes[k], "probability": round(float(shares[k]), 6)} for k in order
    ]
    answer = {"path": str(path), **top[0], "rejected": False, "top": top}
    if artifact.network.rubbish is not None:
        answer["none"] = round(max(1 - float(shares.sum()), 0), 6)
    return answer
