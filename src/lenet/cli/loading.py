"""Loads the network that a command was given; defines the option on the range of its pixels."""

import click

from lenet.artifact import Artifact, load
from lenet.errors import LenetError

pixels_option = click.option(
    "--pixels",
    type=click.Choice(["auto", "0-1", "0-255"]),
    default="auto",
    help="The range of the pixels in an .npz, IDX or CSV file.  [default: their values decide]",
)


def load_classifier(run: str) -> Artifact:
    """Load a network that classifies single pictures, from a run folder or by its name.

    Raises
    ------
    LenetError
        There is no such network, or it reads whole numbers.
    """
    artifact = load(run)
    if artifact.pictures == "numbers":
        raise LenetError(f"{run} reads whole numbers: use lenet read --reader {run} IMAGE...")
    return artifact
