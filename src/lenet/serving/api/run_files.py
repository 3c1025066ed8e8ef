"""Reads what a run folder holds besides the network: its metrics and its history."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from starlette.exceptions import HTTPException

T = TypeVar("T")


def metrics_of(folder: Path) -> dict[str, Any]:
    """Return ``metrics.json``; empty if there is none. `HTTPException` (409) if it is corrupt."""
    return _parsed(folder / "metrics.json", _metrics) or {}


def history_of(folder: Path) -> list[dict[str, float]]:
    """Return the epochs in ``history.csv``; a missing or corrupt file as for `metrics_of`."""
    return _parsed(folder / "history.csv", _history) or []


def _parsed(path: Path, parse: Callable[[str], T]) -> T | None:
    try:
        found = parse(path.read_text(encoding="utf-8"))
        json.dumps(found, allow_nan=False)  # raises ValueError for NaN and infinity
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise HTTPException(409, f"{path.parent.name}/{path.name} is corrupt: {reason}") from error
    return found


def _metrics(text: str) -> dict[str, Any]:
    found: Any = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError("it must hold an object")
    return found  # pyright: ignore[reportUnknownVariableType] any JSON object


def _history(text: str) -> list[dict[str, float]]:
    return [
        {name: int(value) if name == "epoch" else float(value) for name, value in row.items()}
        for row in csv.DictReader(text.splitlines())
    ]
