"""Holds the training images and their targets, and distorts the images for each epoch anew.

Targets are labels, or probabilities to learn instead.
"""

import numpy as np

from lenet.data import Split
from lenet.engine.checks import Floats
from lenet.pictures.types import Images, Labels
from lenet.synthesis.distort import Distortion


class Examples:
    """The images of an epoch and their targets. `begin` changes `images` in place.

    Parameters
    ----------
    split
        The training images.
    distortion
        Distorts every image, differently in each epoch; None leaves the images unchanged.
    seed
        Seed of the distortions.
    extra
        Images and labels that are shown besides the split's. The number of classes as a label means
        "none".
    targets
        float32 ``[N, classes]``: probabilities to learn instead of the labels; then there are no
        extra images. None: the labels.

    Examples
    --------
    >>> split = Split(np.zeros((6, 28, 28), np.uint8), np.arange(6) % 2, ("cat", "dog"))
    >>> extra = np.zeros((3, 28, 28), np.uint8), np.full(3, 2)  # label 2: neither cat nor dog
    >>> examples = Examples(split, Distortion(shift=2, scale=0, squeeze=0, shear=0), extra=extra)
    >>> examples.begin(epoch=0)
    >>> examples.images.shape, examples.distorted
    ((9, 28, 28), True)
    """

    def __init__(
        self,
        split: Split,
        distortion: Distortion | None = None,
        seed: int = 0,
        extra: tuple[Images, Labels] | None = None,
        targets: Floats | None = None,
    ) -> None:
        self.distorted = distortion is not None
        self._distortion = distortion
        self._seed = seed
        self._originals = np.ascontiguousarray(split.images)
        self.labels = split.labels
        if extra is not None:
            images, labels = extra
            self._originals = np.concatenate([self._originals, images])
            self.labels = np.concatenate([self.labels, labels])
        self.targets = targets
        self.images = self._originals if distortion is None else self._originals.copy()

    def begin(self, epoch: int) -> None:
        """Fill `images` for an epoch. The same epoch always gets the same images."""
        if self._distortion is not None:
            random = np.random.default_rng([self._seed, epoch, 2])
            self.images[:] = self._distortion(self._originals, random)
