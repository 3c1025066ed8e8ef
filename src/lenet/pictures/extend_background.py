"""Paper around a picture that was cut out so close that its ink reaches the border.

What tells ink from paper, and a digit from what is beside it, looks at what lies around: beyond a
border that ink reaches, there is nothing to see.
"""

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.types import Images

_WIDTH = 0.5  # of the picture's longest side
_INK = 0.3  # of the picture's contrast: a pixel that differs by more from paper
_LEAST = 12  # grey levels, which grain has not
_MOST = 0.6  # of the border that ink covers; else what is there may as well be the paper
_ROUNDS = 20


def with_margin(grey: Images) -> Images | None:
    """Lay a picture on more of its paper; None where no ink reaches its border, or most of it is.

    The light on the paper is taken for a plane, and that is fitted to the border's pixels: with the
    smallest sum of differences, not of their squares, so that ink at the border does not count for
    more than its share.

    Parameters
    ----------
    grey
        uint8 ``[height, width]``.

    Returns
    -------
    uint8, wider on each side by half of the longest side, at least by 2.
    """
    height, width = grey.shape
    down, across = np.meshgrid(_places(height), _places(width), indexing="ij")
    terms = np.stack([np.ones(grey.shape), down, across], axis=-1)
    border = np.ones(grey.shape, bool)
    border[1:-1, 1:-1] = False
    paper = terms @ _plane(terms[border], grey[border].astype(np.float64))
    differences = np.abs(grey - paper)
    ink = differences > max(_INK * float(differences.max()), _LEAST)
    if not 0 < ink[border].mean() < _MOST:
        return None
    margin = max(2, round(_WIDTH * max(grey.shape)))
    wide = np.pad(np.clip(np.rint(paper), 0, 255).astype(np.uint8), margin, mode="edge")
    wide[margin:-margin, margin:-margin] = grey
    return wide


def _places(count: int) -> NDArray[np.floating]:
    return np.linspace(-0.5, 0.5, count)


def _plane(terms: NDArray[np.floating], values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Fit ``terms @ plane`` to values, by least squares weighted anew in each round."""
    plane = np.array([np.median(values), 0, 0])
    for _ in range(_ROUNDS):
        weighted = terms / np.maximum(np.abs(values - terms @ plane), 2)[:, None]
        # A narrow picture says little of its slopes: they are kept small.
        plane = np.linalg.solve(weighted.T @ terms + np.diag([0, 0.1, 0.1]), weighted.T @ values)
    return plane
