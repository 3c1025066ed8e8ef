"""Extends the background of a tightly cropped picture.

Thresholding needs background around the ink. A picture whose ink touches the border is therefore
padded with an estimate of its paper.
"""

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.types import Images

_WIDTH = 0.5  # of the new border, relative to the picture's longest side
_INK = 0.3  # a pixel is ink if it differs from the paper by more than this share of the contrast
_LEAST = 12  # and by more than this many grey levels, which is more than grain
_MOST = 0.6  # if ink covers a larger share of the border, it may be the paper
_ROUNDS = 20


def with_margin(grey: Images) -> Images | None:
    """Extend the background of a grey picture, uint8 ``[height, width]``.

    Returns
    -------
    uint8, wider on each side by half of the longest side, but at least by 2. None if no ink touches
    the border, or if ink covers most of it.
    """
    paper = paper_of(grey)
    differences = np.abs(grey - paper)
    ink = differences > max(_INK * float(differences.max()), _LEAST)
    if not 0 < ink[_border(grey.shape)].mean() < _MOST:
        return None
    margin = max(2, round(_WIDTH * max(grey.shape)))
    wide = np.pad(np.clip(np.rint(paper), 0, 255).astype(np.uint8), margin, mode="edge")
    wide[margin:-margin, margin:-margin] = grey
    return wide


def paper_of(grey: Images) -> NDArray[np.float64]:
    """Estimate the paper of a grey picture by a plane of grey levels that is fitted to the border.

    The fit has the smallest sum of absolute differences, so that ink at the border has little
    influence.
    """
    height, width = grey.shape
    down, across = np.meshgrid(
        np.linspace(-0.5, 0.5, height), np.linspace(-0.5, 0.5, width), indexing="ij"
    )
    terms = np.stack([np.ones(grey.shape), down, across], axis=-1)
    border = _border(grey.shape)
    return terms @ _fitted(terms[border], grey[border].astype(np.float64))


def _border(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    border = np.ones(shape, bool)
    border[1:-1, 1:-1] = False
    return border


def _fitted(terms: NDArray[np.floating], values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Fit ``terms @ plane`` to values by iteratively reweighted least squares."""
    plane = np.array([np.median(values), 0, 0])
    for _ in range(_ROUNDS):
        weighted = terms / np.maximum(np.abs(values - terms @ plane), 2)[:, None]
        # A narrow picture hardly determines the slopes, so regularization keeps them small.
        plane = np.linalg.solve(weighted.T @ terms + np.diag([0, 0.1, 0.1]), weighted.T @ values)
    return plane
