"""Distorts many images at once, in shape and in grey levels.

The native kernels compute if they are built, otherwise NumPy. Both give the same pixels except for
rounding.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.engine import library
from lenet.engine.checks import Floats
from lenet.errors import LenetError

LARGEST_SIDE = 64
# Images that NumPy distorts at once: few enough for their coordinates to stay in the cache.
_BLOCK = 256


@dataclass(frozen=True)
class Warp:
    """Distorts N images, each in its own way. Arrays are float32 unless stated otherwise.

    Parameters
    ----------
    matrices
        ``[N, 2, 2]``. Multiplied with the place of a pixel of the result, a matrix gives the place
        in the image where its value is read. Places are rows and columns, relative to the centre.
    shifts
        ``[N, 2]``: rows and columns that are added to the place in the image.
    fields
        ``[F, 2, side, side]``: displacements, in rows and columns, that are added too, for each
        pixel of the result. Images share F fields; None for no displacements.
    field, amplitudes
        int32 ``[N]``: the number of the field that an image uses; and ``[N]``: the factor by which
        its displacements are multiplied.
    tones
        ``[N, 3]``: blur, gain and bias; None leaves the grey levels. A pixel is mixed with the mean
        of its 3×3 neighbours (blur 0: only the pixel, 1: only the mean) and becomes
        ``gain * (mix - bias)``.
    """

    matrices: Floats
    shifts: Floats
    fields: Floats | None = None
    field: NDArray[np.int32] | None = None
    amplitudes: Floats | None = None
    tones: Floats | None = None

    def __call__(self, images: NDArray[np.uint8], threads: int | None = None) -> NDArray[np.uint8]:
        """Distort square grey images, uint8 ``[N, side, side]``; pixels outside of them are 0.

        Raises
        ------
        LenetError
            The images have another dtype or shape, or the arrays do not fit them.
        """
        self._check(images)
        if library.available():
            return self._native(images, threads or library.default_threads())
        return self._numpy(images)

    def _check(self, images: NDArray[np.uint8]) -> None:
        if images.ndim != 3 or images.shape[1] != images.shape[2] or images.dtype != np.uint8:
            raise LenetError("only square grey images can be distorted")
        count, side, _ = images.shape
        if side > LARGEST_SIDE:
            raise LenetError(f"only images of up to {LARGEST_SIDE}×{LARGEST_SIDE} can be distorted")
        absent = [array is None for array in (self.fields, self.field, self.amplitudes)]
        if any(absent) and not all(absent):
            raise LenetError("fields, field and amplitudes belong together: give all or none")
        fields = 0 if self.fields is None else len(self.fields)
        for array, dtype, shape in (
            (self.matrices, np.float32, (count, 2, 2)),
            (self.shifts, np.float32, (count, 2)),
            (self.fields, np.float32, (fields, 2, side, side)),
            (self.field, np.int32, (count,)),
            (self.amplitudes, np.float32, (count,)),
            (self.tones, np.float32, (count, 3)),
        ):
            if array is not None and (array.shape != shape or array.dtype != dtype):
                raise LenetError(f"{array.dtype} {array.shape} do not fit {images.shape} images")
        if self.field is not None and ((self.field < 0) | (self.field >= fields)).any():
            raise LenetError(f"field must hold numbers of the {fields} displacement fields")

    def _native(self, images: NDArray[np.uint8], threads: int) -> NDArray[np.uint8]:
        images = np.ascontiguousarray(images)
        result = np.empty_like(images)
        own = (self.matrices, self.shifts, self.fields, self.field, self.amplitudes, self.tones)
        arrays = [None if array is None else np.ascontiguousarray(array) for array in own]
        variant = library.variants()[0]
        status = library.loaded().lenet_warp(
            variant.encode(),
            images.shape[1],
            *(None if array is None else array.ctypes.data for array in arrays),
            images.ctypes.data,
            len(images),
            threads,
            result.ctypes.data,
        )
        library.check_status(status, variant)
        return result

    def _numpy(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        result = np.empty_like(images)
        for start in range(0, len(images), _BLOCK):
            block = slice(start, start + _BLOCK)
            values = self._interpolate(images, block)
            if self.tones is not None:
                values = _change_tones(values, self.tones[block])
            result[block] = np.rint(_clip(values, 255))
        return result

    def _interpolate(self, images: NDArray[np.uint8], block: slice) -> Floats:
        """Read each pixel of the result from its place in the image, bilinearly."""
        side = images.shape[1]
        centre = np.float32((side - 1) / 2)
        grid = np.indices((side, side), np.float32).reshape(2, -1).T - centre
        # The images get a border of background. Places beyond the border are moved onto it.
        step = side + 3
        padded = np.pad(images[block], ((0, 0), (1, 2), (1, 2))).reshape(-1).astype(np.float32)
        places = grid @ self.matrices[block].transpose(0, 2, 1)
        places += (self.shifts[block] + centre + 1)[:, None]
        if self.fields is not None and self.field is not None and self.amplitudes is not None:
            moves = self.fields[self.field[block]].reshape(len(places), 2, -1)
            places += self.amplitudes[block, None, None] * moves.transpose(0, 2, 1)
        row, column = _clip(places[..., 0], side + 1), _clip(places[..., 1], side + 1)
        top, left = row.astype(np.int32), column.astype(np.int32)
        down, right = row - top, column - left
        corner = top * step + left
        corner += (np.arange(len(corner), dtype=np.int32) * step**2)[:, None]
        upper = padded[corner] * (1 - right) + padded[corner + 1] * right
        lower = padded[corner + step] * (1 - right) + padded[corner + step + 1] * right
        values = (upper * (1 - down) + lower * down).astype(np.float32, copy=False)
        return values.reshape(-1, side, side)


def _clip(values: NDArray[np.floating], high: int) -> Floats:
    """Limit values to 0 to `high`; NaN becomes 0, as in the native kernels."""
    return np.fmin(np.fmax(values, 0), high).astype(np.float32, copy=False)


def _change_tones(values: Floats, tones: Floats) -> Floats:
    """Blur images, and change their contrast and brightness."""
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :, :-2] + padded[:, :, 1:-1] + padded[:, :, 2:]
    means = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
    blur, gain, bias = tones.T[:, :, None, None]
    return gain * (values + blur * (means - values) - bias)
