"""What larger networks say of Fashion-MNIST's training images, to learn from in place of labels.

Source: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015. The answers are
of the images as they are; the network that learns sees them distorted, anew in each epoch, and
needs hundreds of epochs for it to pay: Beyer, Zhai, Royer, Markeeva, Anil, Kolesnikov, "Knowledge
Distillation: A Good Teacher Is Patient and Consistent", CVPR 2022.

``benchmarks/teachers.py`` trains the teachers and writes their answers, ``teachers.npz``: those of
before they had learnt a sixth of the images, `hold_out`'s for seed 0, and those of after it.
"""

from importlib.resources import files

import numpy as np

from lenet.data import Split, load_data
from lenet.engine.checks import Floats
from lenet.errors import LenetError

ABOUT = "fashion-mnist"
"""The catalog's name of what the teachers were asked about."""

WHOLE = 255
"""What a probability of 1 is stored as."""


def answers(split: Split) -> Floats:
    """Return the teachers' probabilities, float32 ``[N, classes]``, of training images.

    Parameters
    ----------
    split
        Training images of `ABOUT`. If some are held out, the answers are those of before the
        teachers had learnt a sixth themselves: so that what is measured on that sixth owes them
        nothing.

    Raises
    ------
    LenetError
        One of the images is not among them, or they cannot be had.
    """
    known = load_data(ABOUT).train.images
    path = files("lenet.synthesis") / "teachers.npz"
    with path.open("rb") as file, np.load(file) as said:
        shares = said["after" if len(split) == len(known) else "before"].astype(np.float32) / WHOLE
    shares /= shares.sum(axis=1, keepdims=True)
    # An image finds its answer by its pixels, in whatever order they come.
    rows = {image.tobytes(): row for row, image in enumerate(known)}
    try:
        return shares[[rows[image.tobytes()] for image in split.images]]
    except KeyError:
        raise LenetError(f"the teachers were asked about {ABOUT}, not about these images") from None


def targets(split: Split, share: float) -> Floats:
    """Return what to learn, float32 ``[N, classes]``: that share of `answers`, the rest of labels.

    Raises
    ------
    LenetError
        As `answers`.
    """
    found = answers(split) * np.float32(share)
    found[np.arange(len(split)), split.labels] += np.float32(1 - share)
    return found
