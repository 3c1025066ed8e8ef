"""An article of clothing in a photo, made like an image of Fashion-MNIST.

Fashion-MNIST's own steps (Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST: a novel image dataset for
benchmarking machine learning algorithms", page 3): the photo, on white, is trimmed; its longest
edge becomes 28 pixels; it is sharpened; the shorter edge is extended to 28; the intensities are
negated and made grey. Before that the article is cut out of its surroundings.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lenet.pictures.components import Mask, components
from lenet.pictures.image import to_colour
from lenet.pictures.types import Images

SIDE = 28
_SEARCHED = 112  # longest side of the picture in which the article is looked for
_LEVELS = 16  # of each of red, green and blue, when colours are counted
_ROUNDS = 6
_LEAST, _MOST = 0.05, 0.9  # share of the picture that an article fills

Shares = NDArray[np.float64]


def article(image: Images) -> Images:
    """Make Fashion-MNIST's 28 x 28 of the article in a picture.

    A picture of one colour gives an empty image.

    Parameters
    ----------
    image
        uint8 ``[height, width]`` or ``[height, width, 3]``.
    """
    picture = Image.fromarray(to_colour(image))
    scale = 8 * SIDE / max(picture.size)
    if scale < 1:
        size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
        picture = picture.resize(size, Image.Resampling.BOX, reducing_gap=2)
    mask = _article_mask(picture)
    if not mask.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    alone = Image.new("RGB", picture.size, "white")
    alone.paste(picture, mask=Image.fromarray(mask).convert("L"))
    return _like_fashion(alone.crop(box))


def _like_fashion(picture: Image.Image) -> Images:
    """Take the paper's steps 2 to 6."""
    scale = SIDE / max(picture.size)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    small = picture.resize(size, Image.Resampling.BOX)
    small = small.filter(ImageFilter.UnsharpMask(radius=1, percent=100, threshold=0))
    frame = Image.new("RGB", (SIDE, SIDE), "white")
    frame.paste(small, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return 255 - np.asarray(frame.convert("L"))


def _article_mask(picture: Image.Image) -> Mask:
    """Tell the article from what surrounds it: bool ``[height, width]``.

    Colours that are frequent at the border and rare in the middle are background. Which pixels
    those are says more about the colours, and so on, a few rounds; a pixel counts with its
    neighbours.
    """
    scale = min(_SEARCHED / max(picture.size), 1)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    small = picture.resize(size, Image.Resampling.BOX)
    pixels = np.asarray(small)
    if not _unlike_corners(pixels).any():
        return np.zeros((picture.height, picture.width), np.bool_)
    colours = (pixels // (256 // _LEVELS)).astype(np.int64) @ (_LEVELS**2, _LEVELS, 1)
    place = _middle(*colours.shape)
    share = place
    for _ in range(_ROUNDS):
        inside = _frequency(colours, share)
        outside = _frequency(colours, 1 - share)
        likely = inside * place / np.maximum(inside * place + outside * (1 - place), 1e-12)
        share = _blurred(likely)
    mask = _solid(share > 0.5)
    if not _LEAST <= mask.mean() <= _MOST:
        mask = _unlike_corners(pixels)
    return np.asarray(Image.fromarray(mask).resize(picture.size, Image.Resampling.BILINEAR))


def _middle(height: int, width: int) -> Shares:
    """Return how likely each place is to show the article before anything is seen."""
    down, across = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    away = np.maximum(np.abs(down), np.abs(across))
    return np.clip(1.05 - away, 0.02, 0.75)


def _frequency(colours: NDArray[np.int64], weights: Shares) -> Shares:
    """Return how frequent each pixel's colour and its neighbours are among weighted pixels."""
    counts = np.bincount(colours.ravel(), weights.ravel(), _LEVELS**3)
    cube = np.pad(counts.reshape(_LEVELS, _LEVELS, _LEVELS), 1)
    for axis in range(3):
        one = np.take(cube, range(2, _LEVELS + 2), axis) + np.take(cube, range(_LEVELS), axis)
        cube = np.take(cube, range(1, _LEVELS + 1), axis) + one / 2
    return cube.ravel()[colours] / max(float(weights.sum()), 1e-12)


def _blurred(share: Shares) -> Shares:
    picture = Image.fromarray((share * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1.5)), np.float64) / 255


def _solid(mask: Mask) -> Mask:
    """Keep the largest component and fill its holes."""
    parts = components(mask)
    if not len(parts):
        return mask
    largest = parts.mask(np.arange(len(parts)) == parts.areas.argmax())
    rest = components(np.pad(~largest, 1, constant_values=True))
    outer = (rest.boxes[:, :2] == 0).any(axis=1)
    return ~rest.mask(outer)[1:-1, 1:-1]


def _unlike_corners(pixels: Images) -> Mask:
    """Trim as the paper does: what is within 5% of the corners' colour is background."""
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    far = np.abs(pixels - np.median(corners, axis=0)).max(axis=2) > 0.05 * 255
    filled = np.zeros_like(far)
    rows, columns = np.flatnonzero(far.any(axis=1)), np.flatnonzero(far.any(axis=0))
    if len(rows):
        filled[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return filled
