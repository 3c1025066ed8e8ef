"""Changes many images at once, in NumPy: shift, rotation, scale, noise, occlusion.

Images are uint8 ``[N, height, width]`` or ``[N, height, width, channels]``, and so are the results.
Beyond the border of an image is background, 0. Values between pixels are interpolated bilinearly.
Angles, factors and shifts are the same for all images of a call.
"""

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
# Images changed at once: enough to be quick, few enough for their float copies to stay small.
_BLOCK = 1024


def shift(images: Images, down: int, right: int) -> Images:
    """Move images by whole pixels, down and to the right; negative numbers move up and left."""
    result = np.zeros_like(images)
    height, width = images.shape[1:3]
    if abs(down) < height and abs(right) < width:
        result[:, _target(down), _target(right)] = images[:, _target(-down), _target(-right)]
    return result


def _target(offset: int) -> slice:
    return slice(offset, None) if offset >= 0 else slice(None, offset)


def rotate(images: Images, degrees: float) -> Images:
    """Rotate images counterclockwise about their centre."""
    angle = radians(degrees)
    # The matrix leads from a pixel of the result to its place in the image; rows run downwards.
    return _warp(images, ((cos(angle), sin(angle)), (-sin(angle), cos(angle))))


def scale(images: Images, factor: float) -> Images:
    """Enlarge images about their centre; a factor below 1 makes them smaller.

    Raises
    ------
    ValueError
        The factor is not above 0.
    """
    if not factor > 0:
        raise ValueError(f"a scale must be above 0, not {factor}")
    return _warp(images, ((1 / factor, 0.0), (0.0, 1 / factor)))


def add_noise(images: Images, deviation: float, random: np.random.Generator) -> Images:
    """Add Gaussian noise to each value and clip to 0 to 255; its sd is 255 × `deviation`."""
    result = np.empty_like(images)
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK]
        noise = random.standard_normal(block.shape, np.float32)
        noise *= 255 * deviation
        noise += block
        result[start : start + _BLOCK] = _to_uint8(noise)
    return result


def occlude(images: Images, side: int, random: np.random.Generator) -> Images:
    """Put a square of background, `side` pixels wide, at a random place within each image."""
    height, width = images.shape[1:3]
    mask = _span(height, side, len(images), random)[:, :, None]
    mask = mask & _span(width, side, len(images), random)[:, None, :]
    result = images.copy()
    result[mask] = 0
    return result


def _span(length: int, side: int, count: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """Mark `side` neighbours of `length` cells at a random place, `count` times."""
    start = random.integers(0, max(length - side, 0) + 1, (count, 1))
    cells = np.arange(length)[None]
    return (cells >= start) & (cells < start + side)


def _warp(images: Images, matrix: tuple[tuple[float, float], tuple[float, float]]) -> Images:
    """Fill each pixel from the place that `matrix` gives for it; (row, column) from the centre."""
    height, width = images.shape[1:3]
    rows, columns = np.indices((height, width)).reshape(2, -1)
    middle = np.array([[(height - 1) / 2], [(width - 1) / 2]])
    places = np.array(matrix) @ (np.stack([rows, columns]) - middle) + middle
    places = places.round(9)  # so that rounding errors do not move a place off its whole pixel
    low = np.floor(places).astype(np.int64)
    share = places - low
    result = np.empty_like(images)
    for start in range(0, len(images), _BLOCK):
        block = images[start : start + _BLOCK]
        flat = block.reshape(len(block), height * width, -1)
        total = np.zeros(flat.shape, np.float32)
        for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
            row, column = low[0] + down, low[1] + right
            weight = np.abs(1 - down - share[0]) * np.abs(1 - right - share[1])
            seen = (row >= 0) & (row < height) & (column >= 0) & (column < width) & (weight > 0)
            source = (row * width + column)[seen]
            total[:, seen] += flat[:, source] * weight[seen, None].astype(np.float32)
        result[start : start + _BLOCK] = _to_uint8(total).reshape(block.shape)
    return result


def _to_uint8(values: NDArray[np.float32]) -> Images:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
