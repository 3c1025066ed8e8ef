"""What a network is shown in an epoch: images, distorted anew or not, and what to answer."""

import numpy as np

from lenet.data import Split
from lenet.engine.checks import Floats
from lenet.pictures.types import Images, Labels
from lenet.synthesis.distort import Distortion


class Examples:
    """The images of an epoch, in an array that keeps its place in memory, and what to answer.

    Parameters
    ----------
    split
        The training images.
    distortion
        Makes each image anew in each epoch; None shows them as they are.
    seed
        Of the distortions.
    further
        Images and labels that are shown beside the split's. A label of the number of classes means
        none of them.
    targets
        float32 ``[N, classes]``: probabilities to answer with, in place of the labels; then there
        are no further images. None: the labels.
    """

    def __init__(
        self,
        split: Split,
        distortion: Distortion | None = None,
        seed: int = 0,
        further: tuple[Images, Labels] | None = None,
        targets: Floats | None = None,
    ) -> None:
        self._distortion = distortion
        self._seed = seed
        self._originals = np.ascontiguousarray(split.images)
        self.labels = split.labels
        if further is not None:
            images, labels = further
            self._originals = np.concatenate([self._originals, images])
            self.labels = np.concatenate([self.labels, labels])
        self.targets = targets
        self.images = self._originals if distortion is None else self._originals.copy()

    @property
    def change(self) -> bool:
        """Whether an epoch shows other images than the last one."""
        return self._distortion is not None

    def begin(self, epoch: int) -> None:
        """Fill the arrays for an epoch, always alike for the same one."""
        if self._distortion is not None:
            random = np.random.default_rng([self._seed, epoch, 2])
            self.images[:] = self._distortion(self._originals, random)
