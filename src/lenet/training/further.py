"""Images of none of the classes, shown beside the others to networks with a rubbish class.

For networks that read digits: `lenet.data.foreign` and the articles of clothing of Fashion-MNIST.
"""

import numpy as np

from lenet.data import Split, load_data
from lenet.data.foreign import KINDS, several
from lenet.data.split import Images


def foreign_images(split: Split, count: int, seed: int) -> Images:
    """Return `count` images that are no digit, uint8 ``[count, 28, 28]``, of every kind alike.

    Parameters
    ----------
    split
        Digits, of which some images hold several.
    seed
        Chooses them.

    Raises
    ------
    LenetError
        There is no Fashion-MNIST to be had.
    """
    random = np.random.default_rng([seed, 3])
    clothing = load_data("fashion-mnist").train.images
    kinds = len(KINDS) + 2
    each = [count // kinds + (kind < count % kinds) for kind in range(kinds)]
    parts = [make(number, random) for make, number in zip(KINDS.values(), each[2:], strict=True)]
    parts.append(several(split.images, each[0], random))
    parts.append(clothing[random.integers(0, len(clothing), each[1])])
    return np.concatenate(parts)
