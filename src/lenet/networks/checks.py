"""Checks the values that define layers; the values may come from a ``config.json``.

`name` is the layer's name and `field` the name of the value: both are for the message.
"""

from math import isfinite

from lenet.errors import LenetError, did_you_mean

Shape = tuple[int, ...]

# Far above the width of any LeNet, and far below what exhausts a machine's memory: a corrupt
# config.json that asks for a billion channels is refused before anything is allocated.
LARGEST_WIDTH = 1 << 16


def map_shape(name: str, shape: Shape) -> tuple[int, int, int]:
    """Return `shape` if it is ``(channels, height, width)``; any other is a `LenetError`."""
    if len(shape) != 3:
        raise LenetError(f"{name}: needs maps (channels, height, width), not {shape}")
    return (shape[0], shape[1], shape[2])


def class_count(classes: int | tuple[str, ...]) -> int:
    """Return the number of classes, given this number or the classes' names."""
    return classes if isinstance(classes, int) else len(classes)


def is_finite(value: object) -> bool:
    """Return whether a value is a finite float, or an int of at most 64 bits."""
    if isinstance(value, float):
        return isfinite(value)
    return type(value) is int and abs(value) < 1 << 64


def check_range(name: str, field: str, value: object, low: int, high: int) -> None:
    """Raise a `LenetError` unless `value` is a whole number from `low` to `high`."""
    if type(value) is not int or not low <= value <= high:  # True is no number of channels
        raise LenetError(
            f"{name}: {field} must be a whole number from {low} to {high}, not {value!r}"
        )


def check_number(name: str, field: str, value: object, low: float, high: float) -> None:
    """Raise a `LenetError` unless `value` is a number from `low` to `high`."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise LenetError(
            f"{name}: {field} must be a number from {low:g} to {high:g}, not {value!r}"
        )


def check_choice(name: str, field: str, value: object, known: tuple[str, ...]) -> None:
    """Raise a `LenetError`, which suggests the closest choice, unless `value` is one of `known`."""
    if value not in known:
        raise LenetError(
            f"{name}: {field} must be one of {', '.join(known)}, not {value!r}."
            + did_you_mean(str(value), known)
        )
