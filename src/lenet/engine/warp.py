"""Many images distorted at once: each by its own matrix, shift, displacements, tones.

The native kernels where they are built, else NumPy; both give the same pixels but for roundings.
"""

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.engine import library
from lenet.engine.checks import Floats
from lenet.errors import LenetError

MOST_SIDE = 64
# Images distorted at once in NumPy: their coordinates and corners stay in the cache.
_BLOCK = 256


@dataclass(frozen=True)
class Warp:
    """How each of N images is distorted; float32 where nothing else is said.

    Parameters
    ----------
    matrices
        ``[N, 2, 2]``: from a place of the result, counted from the middle in rows and columns, to
        the place of the image that it is read from.
    shifts
        ``[N, 2]``, rows and columns, added to that place.
    fields
        ``[F, 2, side, side]``: displacements, rows and columns, for each pixel of the result.
    field, amplitudes
        int32 ``[N]`` and ``[N]``: which of the fields is added, and times what.
    tones
        ``[N, 3]``: blur, gain and bias. A pixel is mixed with the mean of its 3×3 neighbours (0:
        itself alone, 1: the mean alone), and becomes ``gain * (mix - bias)``.
    """

    matrices: Floats
    shifts: Floats
    fields: Floats | None = None
    field: NDArray[np.int32] | None = None
    amplitudes: Floats | None = None
    tones: Floats | None = None

    def __call__(self, images: NDArray[np.uint8], threads: int | None = None) -> NDArray[np.uint8]:
        """Distort square grey images, uint8 ``[N, side, side]``; outside of them it is 0.

        Raises
        ------
        LenetError
            Other images, or arrays that do not fit them.
        """
        self._check(images)
        if library.available():
            return self._natively(images, threads or library.default_threads())
        return self._in_numpy(images)

    def _check(self, images: NDArray[np.uint8]) -> None:
        if images.ndim != 3 or images.shape[1] != images.shape[2] or images.dtype != np.uint8:
            raise LenetError("only square grey images can be distorted")
        count, side, _ = images.shape
        if side > MOST_SIDE:
            raise LenetError(f"only images of up to {MOST_SIDE}×{MOST_SIDE} can be distorted")
        displaced = [one is not None for one in (self.fields, self.field, self.amplitudes)]
        if any(displaced) and not all(displaced):
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
            raise LenetError("a field that there is not")

    def _natively(self, images: NDArray[np.uint8], threads: int) -> NDArray[np.uint8]:
        images = np.ascontiguousarray(images)
        result = np.empty_like(images)
        arrays = [
            None if one is None else np.ascontiguousarray(one)
            for one in (
                self.matrices, self.shifts, self.fields, self.field, self.amplitudes, self.tones,
            )
        ]  # fmt: skip
        failed = library.loaded().lenet_warp(
            library.variants()[0].encode(),
            ctypes.c_int(images.shape[1]),
            *(ctypes.c_void_p(None if one is None else one.ctypes.data) for one in arrays),
            ctypes.c_void_p(images.ctypes.data),
            ctypes.c_int64(len(images)),
            ctypes.c_int(threads),
            ctypes.c_void_p(result.ctypes.data),
        )
        library.check_memory(failed)
        return result

    def _in_numpy(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        result = np.empty_like(images)
        for start in range(0, len(images), _BLOCK):
            block = slice(start, start + _BLOCK)
            values = self._read(images, block)
            if self.tones is not None:
                values = _toned(values, self.tones[block])
            result[block] = np.rint(_within(values, 255))
        return result

    def _read(self, images: NDArray[np.uint8], block: slice) -> Floats:
        side = images.shape[1]
        middle = np.float32((side - 1) / 2)
        grid = np.indices((side, side), np.float32).reshape(2, -1).T - middle
        # A frame of background: corners outside the image are read from it. What lies further out
        # than the frame is moved onto it.
        step = side + 3
        framed = np.pad(images[block], ((0, 0), (1, 2), (1, 2))).reshape(-1).astype(np.float32)
        sources = grid @ self.matrices[block].transpose(0, 2, 1)
        sources += (self.shifts[block] + middle + 1)[:, None]
        if self.fields is not None and self.field is not None and self.amplitudes is not None:
            moved = self.fields[self.field[block]].reshape(len(sources), 2, -1)
            sources += self.amplitudes[block, None, None] * moved.transpose(0, 2, 1)
        row = _within(sources[..., 0], side + 1)
        column = _within(sources[..., 1], side + 1)
        top, left = row.astype(np.int32), column.astype(np.int32)
        down, right = row - top, column - left
        corner = top * step + left
        corner += (np.arange(len(corner), dtype=np.int32) * step**2)[:, None]
        upper = framed[corner] * (1 - right) + framed[corner + 1] * right
        lower = framed[corner + step] * (1 - right) + framed[corner + step + 1] * right
        values = (upper * (1 - down) + lower * down).astype(np.float32, copy=False)
        return values.reshape(-1, side, side)


def _within(values: NDArray[np.floating], most: int) -> Floats:
    """Limit values to 0 to `most`; what is no number becomes 0, as in the kernels."""
    return np.fmin(np.fmax(values, 0), most).astype(np.float32, copy=False)


def _toned(values: Floats, tones: Floats) -> Floats:
    framed = np.pad(values, ((0, 0), (1, 1), (1, 1)))
    beside = framed[:, :, :-2] + framed[:, :, 1:-1] + framed[:, :, 2:]
    means = (beside[:, :-2] + beside[:, 1:-1] + beside[:, 2:]) / np.float32(9)
    blur, gain, bias = tones.T[:, :, None, None]
    return gain * (values + blur * (means - values) - bias)
