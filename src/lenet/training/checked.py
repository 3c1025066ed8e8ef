"""Builds dataclasses from the plain values of a file, and checks the type of each value.

A dataclass does not check its fields: a text where a number belongs would be noticed only in the
middle of a training.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def build(kind: type[T], table: object) -> T:
    """Return a dataclass of plain values, as `dataclasses.asdict` gives them.

    Raises
    ------
    TypeError
        A field is missing, unknown or of another type.
    ValueError
        A number is infinite or NaN.

    Examples
    --------
    >>> from lenet.training.progress import Epoch
    >>> build(Epoch, {"epoch": 1, "train_loss": 2.3, "train_accuracy": 0.1,
    ...               "test_accuracy": 0.2, "seconds": 1}).train_loss
    2.3
    >>> build(Epoch, {"epoch": "1"})
    Traceback (most recent call last):
    TypeError: Epoch.epoch is a str
    """
    if not isinstance(table, dict):
        raise TypeError(f"{kind.__name__} is a {type(table).__name__}")
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in cast("dict[str, object]", table).items():
        if name not in hints:
            raise TypeError(f"{kind.__name__} has no field {name!r}")
        values[name] = _checked(hints[name], value, f"{kind.__name__}.{name}")
    return kind(**values)


def check(value: object) -> None:
    """Check the fields of a dataclass that exists, as `build` does."""
    hints = get_type_hints(type(value))
    for field in fields(cast("Any", value)):
        _checked(hints[field.name], getattr(value, field.name), field.name)


def _checked(hint: Any, value: object, place: str) -> object:
    """Return a value of the type `hint`, made of a plain one."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        if value in parts and any(value is one or value == one for one in parts):
            return value
    elif origin in (Union, UnionType):
        if value is None and NoneType in parts:
            return None
        return _first_that_fits([part for part in parts if part is not NoneType], value, place)
    elif origin in (tuple, list):
        if isinstance(value, list | tuple):
            items = [_checked(parts[0], one, place) for one in cast("list[object]", value)]
            return tuple(items) if origin is tuple else items
    elif origin in (dict, Mapping):
        if isinstance(value, dict):
            return cast("object", value)
    elif is_dataclass(hint):
        return value if isinstance(value, cast("type", hint)) else build(cast("Any", hint), value)
    elif hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not isfinite(value):
                raise ValueError(f"{place} is {value}")
            return value
    elif type(value) is hint:
        return value
    raise TypeError(f"{place} is a {type(value).__name__}")


def _first_that_fits(parts: list[Any], value: object, place: str) -> object:
    for part in parts:
        try:
            return _checked(part, value, place)
        except TypeError:
            continue
    raise TypeError(f"{place} is a {type(value).__name__}")
