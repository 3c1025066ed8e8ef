"""Trains several seeds for ``lenet train --seeds``, and prints their statistics."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lenet.cli.output.console import echo, shown
from lenet.errors import LenetError

if TYPE_CHECKING:
    from lenet.interactive.run import Run

_MOST = 10_000


def seeds_of(ctx: click.Context, param: click.Parameter, text: str | None) -> list[int] | None:
    """Return the seeds that a text such as ``0-9`` or ``0,3,7-9`` names; None for None."""
    if text is None:
        return None
    found: list[int] = []
    for part in text.split(","):
        found_range = re.fullmatch(r"\s*([0-9]{1,10})(?:-([0-9]{1,10}))?\s*", part)
        if found_range is None:
            raise click.BadParameter(f"{text!r} is not such as 0-9 or 0,3,5.", ctx, param)
        first, last = found_range.groups()
        numbers = range(int(first), int(last or first) + 1)
        if not numbers or numbers[-1] >= 1 << 32 or len(found) + len(numbers) > _MOST:
            raise click.BadParameter(
                f"{part!r} names no seeds, too many, or seeds above 4294967295.", ctx, param
            )
        found.extend(numbers)
    if len(set(found)) < len(found):
        raise click.BadParameter(f"{text!r} names a seed twice.", ctx, param)
    return found


def train_each(seeds: list[int], folder: Path, one: Callable[[int, Path], "Run"]) -> None:
    """Train each seed into ``folder/seed-N`` by `one`, and print mean, deviation and extremes."""
    from lenet.drawing import text_table
    from lenet.interactive.runs import SEEDS
    from lenet.interactive.train import train_seeds

    def numbered(seed: int, into: Path) -> "Run":
        try:
            return one(seed, into)
        except LenetError as error:
            raise LenetError(f"seed {seed}: {error}") from error

    runs = train_seeds(seeds, folder, numbered)
    echo(text_table(*runs.table()))
    echo(f"each seed's run is in {shown(folder)}, the table in {shown(folder / SEEDS)}")
