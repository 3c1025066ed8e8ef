"""Images shown beside those of MNIST: what is no digit, and digits of hands that MNIST lacks."""

import numpy as np

from lenet.data import Split, load_data
from lenet.data.cheque_source import find_cheques
from lenet.pictures.types import Images, Labels
from lenet.synthesis.digit_crops import cut_digits
from lenet.synthesis.flagged_ones import flagged_ones
from lenet.synthesis.negatives import KINDS, several


def further_digits(
    split: Split, foreign: float, flagged: float, cut_out: int, seed: int
) -> tuple[Images, Labels]:
    """Return images and labels for a network that reads digits and has a rubbish class.

    Parameters
    ----------
    split
        The digits, with the classes ``0`` to ``9``.
    foreign
        How many images of no digit, as a share of the split's; of every kind alike: those of
        `lenet.synthesis.negatives`, and clothing of Fashion-MNIST. Their label is the number of
        classes.
    flagged
        How many ones with a flag, as a share of the split's.
    cut_out
        How many versions of each digit of the cheques that may be learnt from.
    seed
        Chooses them.

    Returns
    -------
    uint8 ``[M, 28, 28]`` and int64 ``[M]``.

    Raises
    ------
    LenetError
        Fashion-MNIST, the cheques or the fonts for letters cannot be had.
    """
    random = np.random.default_rng([seed, 3])
    clothing = load_data("fashion-mnist").train.images
    count, kinds = round(foreign * len(split)), len(KINDS) + 2
    each = [count // kinds + (kind < count % kinds) for kind in range(kinds)]
    parts = [make(number, random) for make, number in zip(KINDS.values(), each[2:], strict=True)]
    parts.append(several(split.images, each[0], random))
    parts.append(clothing[random.integers(0, len(clothing), each[1])])
    parts.append(flagged_ones(round(flagged * len(split)), random))
    labels = [np.full(count, len(split.classes)), np.full(len(parts[-1]), split.classes.index("1"))]
    if cut_out:
        learnt = [cheque for cheque in find_cheques() if cheque.part == "train"]
        images, digits = cut_digits(learnt, cut_out, random)
        parts.append(images)
        labels.append(np.array([split.classes.index(str(digit)) for digit in digits]))
    return np.concatenate(parts), np.concatenate(labels).astype(np.int64)
