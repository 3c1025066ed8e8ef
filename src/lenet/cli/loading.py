"""Loads the network that a command was given."""

from lenet.artifact import Artifact, load
from lenet.errors import LenetError


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
