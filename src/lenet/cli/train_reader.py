"""``lenet train reader``: train the networks that read numbers, on cheques and MNIST."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lenet.cli.output.console import DataProgress, echo, shown
from lenet.errors import LenetError
from lenet.interactive.stopping import stop_on_signals
from lenet.version import __version__

if TYPE_CHECKING:  # at run time they are imported when needed: torch takes a second
    from lenet.artifact import Artifact
    from lenet.reading.calibrate import Number

_STEPS_BETWEEN_LINES = 500


def train_reader_into(
    out: Path | None, resume: Path | None, seed: int, cheques: Path | None, quiet: bool
) -> None:
    """Train a reader, or continue with the run in the folder `resume`, which has its own seed.

    Parameters
    ----------
    out
        The folder for a new run; by default ``runs/reader-cheques``.
    cheques
        The folder of labelled cheques; by default they are downloaded, unless they were before.
    """
    from lenet.artifact import member_folder
    from lenet.data import load_data
    from lenet.data.cheque_source import find_cheques
    from lenet.data.cheques import digest
    from lenet.files import write_json
    from lenet.reading.calibrate import calibrate_reader
    from lenet.synthesis.fields import read_sources
    from lenet.training.loop import Interrupted
    from lenet.training.reader import numbers_of, seed_of, string_accuracy, train_reader
    from lenet.training.reader_recipe import reader_members
    from lenet.training.run import METRICS, new_folder, resumed_folder

    if resume is not None:
        seed = seed_of(resume)
    with DataProgress(quiet) as callbacks:
        crops = find_cheques(cheques, callbacks)
        digits = load_data("mnist", callbacks=callbacks)
    parts = {
        part: [one for one in crops if one.part == part] for part in ("train", "validation", "test")
    }
    if not all(parts.values()):
        raise LenetError(
            f"{len(crops)} cheques are too few to hold some out; at least 135 are needed"
        )
    sources = read_sources(parts["train"], digits.train)
    held_out = numbers_of(parts["validation"])
    if resume is None:
        place = new_folder(out, Path("runs"), "reader-cheques")
    else:
        place = resumed_folder(resume)
    with place as run:
        started = time.monotonic()
        members = reader_members()
        trained: list[Artifact] = []
        for number, (network, recipe) in enumerate(members):
            own = member_folder(run, number) if number else run
            own.mkdir(exist_ok=True)
            on_step = _lines(
                f"network {number + 1} of {len(members)}  step ",
                recipe.steps,
                held_out,
                started,
                quiet,
            )
            try:
                with stop_on_signals() as stop:
                    trained.append(train_reader(sources, network, recipe, seed, own, on_step, stop))
            except Interrupted:
                again = f"lenet train --resume {shown(run)}"
                again += f" --cheques {shown(cheques)}" if cheques is not None else ""
                echo(f"lenet: interrupted; continue with: {again}", err=True)
                raise click.exceptions.Exit(130) from None
        seconds = time.monotonic() - started
        origin = {
            "data": f"cheques, {digits.source}",
            "data_sha256": digest(crops),
            "recipe": {"name": "reader", "networks": [asdict(recipe) for _, recipe in members]},
            "seed": seed,
            "version": __version__,
        }
        first, *others = (one.quantized() for one in trained)  # as they are stored
        reader = replace(first, origin=origin, other_members=tuple(others))
        reader = replace(reader, calibration=calibrate_reader(reader, held_out))
        reader.save(run, int8=True)
        metrics = {
            "model": reader.network.name,
            "recipe": "reader",
            "data": "cheques",
            "seed": seed,
            "parameters": sum(one.network.parameters for one in reader.members),
            "steps": [recipe.steps for _, recipe in members],
            "validation_strings": string_accuracy(reader, held_out),
            "train_seconds": seconds,
        }
        write_json(run / METRICS, metrics)
        echo(
            f"{metrics['validation_strings']:.1%} of {len(held_out)} held-out numbers correct; "
            f"results in {shown(run)}"
        )


def _lines(
    begins: str, steps: int, held_out: "list[Number]", started: float, quiet: bool
) -> "Callable[[int, float, Callable[[], Artifact]], None]":
    """Return a callback that prints one line every 500 steps."""
    from lenet.training.reader import string_accuracy

    losses: list[float] = []

    def on_step(step: int, loss: float, artifact: "Callable[[], Artifact]") -> None:
        losses.append(loss)
        if step % _STEPS_BETWEEN_LINES == 0 and not quiet:
            mean = sum(losses[-_STEPS_BETWEEN_LINES:]) / len(losses[-_STEPS_BETWEEN_LINES:])
            echo(
                f"{begins}{step:,}/{steps:,}  loss {mean:.3f}  "
                f"held-out numbers correct {string_accuracy(artifact(), held_out):.1%}  "
                f"{time.monotonic() - started:,.0f} s"
            )

    return on_step
