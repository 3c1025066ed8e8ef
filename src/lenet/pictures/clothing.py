"""Preprocesses an article of clothing in a photo into an image like Fashion-MNIST's.

The steps are those of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST: a novel image
dataset for benchmarking machine learning algorithms", page 3): the photo, on white, is trimmed; its
longest edge becomes 28 pixels; it is sharpened; the shorter edge is extended to 28; the intensities
are negated and made grey. Before these steps the article is separated from its background.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lenet.pictures.components import Mask, box_of, components, cropped
from lenet.pictures.image import size_within, to_colour
from lenet.pictures.types import Images

SIDE = 28
_SEARCHED = 112  # longest side in pixels of the picture in which the article is searched
_LEVELS = 16  # levels per channel of the colour histograms
_ROUNDS = 6
_LEAST, _MOST = 0.05, 0.9  # share of the picture that an article fills

Probabilities = NDArray[np.float64]


def article(image: Images) -> Images:
    """Convert a picture of an article to Fashion-MNIST's 28 x 28; one colour gives an empty image.

    The picture is uint8 ``[height, width]`` or ``[height, width, 3]``.
    """
    picture = Image.fromarray(to_colour(image))
    if max(picture.size) > 8 * SIDE:
        size = size_within(8 * SIDE, *picture.size)
        picture = picture.resize(size, Image.Resampling.BOX, reducing_gap=2)
    mask = _article_mask(picture)
    if not mask.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    alone = Image.new("RGB", picture.size, "white")
    alone.paste(picture, mask=Image.fromarray(mask).convert("L"))
    return _like_fashion(alone.crop(box_of(mask)))


def _like_fashion(picture: Image.Image) -> Images:
    """Apply steps 2 to 6 of the paper."""
    size = size_within(SIDE, *picture.size)
    small = picture.resize(size, Image.Resampling.BOX)
    small = small.filter(ImageFilter.UnsharpMask(radius=1, percent=100, threshold=0))
    frame = Image.new("RGB", (SIDE, SIDE), "white")
    frame.paste(small, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return 255 - np.asarray(frame.convert("L"))


def _article_mask(picture: Image.Image) -> Mask:
    """Separate the article from its background: bool ``[height, width]``.

    Colours that are frequent at the border and rare in the middle are background. In each round the
    colours give the probability of each pixel, blurred with its neighbours, and the probabilities
    give new histograms of the colours.
    """
    size = size_within(min(_SEARCHED, max(picture.size)), *picture.size)
    pixels = np.asarray(picture.resize(size, Image.Resampling.BOX))
    if not _unlike_corners(pixels).any():
        return np.zeros((picture.height, picture.width), np.bool_)
    colours = (pixels // (256 // _LEVELS)).astype(np.int64) @ (_LEVELS**2, _LEVELS, 1)
    prior = _prior(*colours.shape)
    posterior = prior
    for _ in range(_ROUNDS):
        inside = _frequency(colours, posterior)
        outside = _frequency(colours, 1 - posterior)
        likely = inside * prior / np.maximum(inside * prior + outside * (1 - prior), 1e-12)
        levels = Image.fromarray((likely * 255).astype(np.uint8))
        posterior = np.asarray(levels.filter(ImageFilter.GaussianBlur(1.5)), np.float64) / 255
    mask = _largest_filled(posterior > 0.5)
    if not _LEAST <= mask.mean() <= _MOST:
        mask = _unlike_corners(pixels)
    return np.asarray(Image.fromarray(mask).resize(picture.size, Image.Resampling.BILINEAR))


def _prior(height: int, width: int) -> Probabilities:
    """Return the prior probability of the article: high in the middle, low at the border."""
    down, across = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    return np.clip(1.05 - np.maximum(np.abs(down), np.abs(across)), 0.02, 0.75)


def _frequency(colours: NDArray[np.int64], weights: Probabilities) -> Probabilities:
    """Return the frequency of each pixel's colour, and of similar ones, among weighted pixels."""
    counts = np.bincount(colours.ravel(), weights.ravel(), _LEVELS**3)
    cube = np.pad(counts.reshape(_LEVELS, _LEVELS, _LEVELS), 1)
    for axis in range(3):
        both = np.take(cube, range(2, _LEVELS + 2), axis) + np.take(cube, range(_LEVELS), axis)
        cube = np.take(cube, range(1, _LEVELS + 1), axis) + both / 2
    return cube.ravel()[colours] / max(float(weights.sum()), 1e-12)


def _largest_filled(mask: Mask) -> Mask:
    """Keep the largest component and fill its holes."""
    parts = components(mask)
    if not len(parts):
        return mask
    largest = parts.mask(np.arange(len(parts)) == parts.areas.argmax())
    rest = components(np.pad(~largest, 1, constant_values=True))
    outer = (rest.boxes[:, :2] == 0).any(axis=1)
    return ~rest.mask(outer)[1:-1, 1:-1]


def _unlike_corners(pixels: Images) -> Mask:
    """Trim as in the paper: a pixel within 5% of the colour of the corners is background."""
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    far = np.abs(pixels - np.median(corners, axis=0)).max(axis=2) > 0.05 * 255
    filled = np.zeros_like(far)
    cropped(filled, far)[...] = True
    return filled
