"""Gives probabilities of larger networks (teachers) as training targets, for Fashion-MNIST.

Source: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015. The teachers
answered the original images; the student sees distorted ones, new in every epoch. That needs a
schedule of hundreds of epochs: Beyer, Zhai, Royer, Markeeva, Anil, Kolesnikov, "Knowledge
Distillation: A Good Teacher Is Patient and Consistent", CVPR 2022.

``benchmarks/teachers.py`` trains the teachers and writes their probabilities to ``teachers.npz``.
It holds two sets: ``before``, from teachers that were trained without the sixth of the images that
``hold_out(data, 1 / 6, seed=0)`` holds out, and ``after``, from teachers trained on all images.
"""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from lenet.data import Split, load_data
from lenet.engine.checks import Floats

TEACHERS_DATA = "fashion-mnist"
"""The data set whose training images the teachers answered."""

WHOLE = 255
"""How ``teachers.npz`` stores a probability of 1."""


def teacher_probabilities(split: Split) -> Floats | None:
    """Return the teachers' probabilities for training images, float32 ``[N, classes]``.

    The images are compared by content, so it does not matter where they were read from, in which
    order they come, or in which order their classes are.

    Parameters
    ----------
    split
        Training images. If there are fewer than all of Fashion-MNIST's, the probabilities are those
        of the teachers that were trained without a sixth of the images. An accuracy measured on
        that sixth is then independent of it.

    Returns
    -------
    None if an image is not one of Fashion-MNIST's training images, or if the labels divide the
    images into other classes.

    Raises
    ------
    LenetError
        Fashion-MNIST cannot be found.
    """
    if split.images.shape[1:] != (28, 28):
        return None
    known = load_data(TEACHERS_DATA).train
    row_of = {image.tobytes(): row for row, image in enumerate(known.images)}
    rows = np.array([row_of.get(image.tobytes(), -1) for image in split.images])
    if rows.min() < 0:
        return None
    columns = _columns(known.labels[rows], split)
    if columns is None:
        return None
    with (files("lenet.synthesis") / "teachers.npz").open("rb") as file, np.load(file) as stored:
        trained = "after" if len(split) == len(known) else "before"
        found = stored[trained][rows].astype(np.float32) / WHOLE
    found = np.ascontiguousarray(found[:, columns])
    return found / found.sum(axis=1, keepdims=True)


def _columns(labels: NDArray[np.int64], split: Split) -> list[int] | None:
    """Return, for each class of `split`, its number among `labels`; None without such a mapping."""
    pairs = {(new, old) for new, old in zip(split.labels.tolist(), labels.tolist(), strict=True)}
    column_of = dict(pairs)
    if not len(pairs) == len(column_of) == len(set(column_of.values())) == len(split.classes):
        return None
    return [column_of[number] for number in range(len(split.classes))]


def targets(split: Split, probabilities: Floats, share: float) -> Floats:
    """Return training targets: `share` of the teachers' probabilities, and the rest of the labels.

    Returns
    -------
    float32 ``[N, classes]``; each row sums to 1.
    """
    found = probabilities * np.float32(share)
    found[np.arange(len(split)), split.labels] += np.float32(1 - share)
    return found
