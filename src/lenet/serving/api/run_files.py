"""What a run folder holds besides its network."""

import csv
import json
from math import isfinite
from pathlib import Path
from typing import Any

from lenet.serving.http.errors import Refusal


def metrics_of(folder: Path) -> dict[str, Any]:
    """Return what ``metrics.json`` holds; nothing if the run has none. `Refusal` (409): corrupt."""
    path = folder / "metrics.json"
    try:
        text = path.read_text(encoding="utf-8")
        found: Any = json.loads(text, parse_constant=_no_number)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal(409, f"{path} is corrupt: {error}") from error
    if not isinstance(found, dict):
        raise Refusal(409, f"{path} is corrupt: it must hold an object")
    return found  # pyright: ignore[reportUnknownVariableType] whatever JSON objects hold


def history_of(folder: Path) -> list[dict[str, float]]:
    """Return the lines of ``history.csv``, one an epoch; none if the run has none.

    Raises
    ------
    Refusal
        409: the file is corrupt.
    """
    path = folder / "history.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_numbers(row) for row in csv.DictReader(file)]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise Refusal(409, f"{path} is corrupt: {error}") from error


def _numbers(row: dict[str, str]) -> dict[str, float]:
    values: dict[str, float] = {name: float(text) for name, text in row.items()}
    if not all(isfinite(value) for value in values.values()):
        raise ValueError("it holds what is no number")
    return {**values, "epoch": int(values["epoch"])} if "epoch" in values else values


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no number")
