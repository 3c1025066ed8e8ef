"""What the layers ask of their own numbers, said in one place."""

from lenet.errors import LenetError, did_you_mean

Shape = tuple[int, ...]

# Far above any LeNet and far below what would exhaust a machine: a corrupt config.json that asks
# for a billion channels is refused before anything is allocated.
LARGEST_WIDTH = 1 << 16


def maps(name: str, shape: Shape) -> tuple[int, int, int]:
    """Return ``(channels, height, width)``; another shape is a `LenetError`."""
    if len(shape) != 3:
        raise LenetError(f"{name}: needs maps (channels, height, width), not {shape}")
    return (shape[0], shape[1], shape[2])


def class_count(classes: int | tuple[str, ...]) -> int:
    """Return how many classes there are, given that or their names."""
    return classes if isinstance(classes, int) else len(classes)


def check_range(name: str, what: str, value: object, low: int, high: int) -> None:
    """Raise a `LenetError` unless `value` is a whole number from `low` to `high`."""
    # bool is an int to Python, and True channels in a config file is a mistake.
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise LenetError(
            f"{name}: {what} must be a whole number from {low} to {high}, not {value!r}"
        )


def check_number(name: str, what: str, value: object, low: float, high: float) -> None:
    """Raise a `LenetError` unless `value` is a number from `low` to `high`."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise LenetError(f"{name}: {what} must be a number from {low:g} to {high:g}, not {value!r}")


def check_choice(name: str, what: str, value: object, known: tuple[str, ...]) -> None:
    """Raise a `LenetError` unless `value` is one of `known`; it says which is nearest."""
    if value not in known:
        raise LenetError(
            f"{name}: {what} must be one of {', '.join(known)}, not {value!r}."
            + did_you_mean(str(value), known)
        )
