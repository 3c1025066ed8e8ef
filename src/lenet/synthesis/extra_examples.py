"""Makes extra training images for digits: negatives, ones with a flag, crops from cheques."""

from dataclasses import dataclass

import numpy as np

from lenet.data import Split, load_data
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.cheque_source import find_cheques
from lenet.pictures.types import Images, Labels
from lenet.synthesis.digit_crops import digit_crops
from lenet.synthesis.flagged_ones import flagged_ones
from lenet.synthesis.negatives import KINDS, digit_rows


@dataclass(frozen=True)
class ExtraExamples:
    """How many extra images a recipe adds to the training images.

    Parameters
    ----------
    negatives
        Images of none of the classes, as a share of the training images. All kinds are equally
        frequent: those of `lenet.synthesis.negatives`, and clothing of Fashion-MNIST.
    flagged_ones
        Ones with a flag, as a share of the training images.
    digit_crops
        How many crops of each digit of the cheques' training part.
    """

    negatives: float
    flagged_ones: float = 0.0
    digit_crops: int = 0


def extra_examples(
    split: Split, wanted: ExtraExamples, seed: int, callbacks: DataCallbacks = SILENT
) -> tuple[Images, Labels]:
    """Make extra training images for a network that reads digits and has a class "none".

    Parameters
    ----------
    split
        The training images: digits, with the classes ``0`` to ``9``.
    wanted
        How many of each kind.
    seed
        The same seed gives the same images.
    callbacks
        Receives messages and progress while data is fetched.

    Returns
    -------
    Images, uint8 ``[M, 28, 28]``, and labels, int64 ``[M]``. The label of a negative is the number
    of classes.

    Raises
    ------
    LenetError
        Fashion-MNIST, the cheques or the fonts for letters cannot be found.
    """
    random = np.random.default_rng([seed, 3])
    clothing = load_data("fashion-mnist").train.images
    count, kinds = round(wanted.negatives * len(split)), len(KINDS) + 2
    each = [count // kinds + (kind < count % kinds) for kind in range(kinds)]
    parts = [make(number, random) for make, number in zip(KINDS.values(), each[2:], strict=True)]
    parts.append(digit_rows(split.images, each[0], random))
    parts.append(clothing[random.integers(0, len(clothing), each[1])])
    parts.append(flagged_ones(round(wanted.flagged_ones * len(split)), random))
    labels = [np.full(count, len(split.classes)), np.full(len(parts[-1]), split.classes.index("1"))]
    if wanted.digit_crops:
        cheques = [one for one in find_cheques(callbacks=callbacks) if one.part == "train"]
        callbacks.on_message("cutting digits out of real cheques, which takes about a minute")
        images, digits = digit_crops(cheques, wanted.digit_crops, random)
        parts.append(images)
        labels.append(np.array([split.classes.index(str(digit)) for digit in digits]))
    return np.concatenate(parts), np.concatenate(labels).astype(np.int64)
