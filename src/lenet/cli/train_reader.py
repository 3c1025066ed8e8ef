"""``lenet train reader``: from cheques and MNIST's digits to the network that reads numbers."""

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lenet.cli.output.console import DataNews, shown
from lenet.cli.stopping import stop_on_signals
from lenet.errors import LenetError
from lenet.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from lenet.artifact import Artifact
    from lenet.reading.calibrate import Number

_BETWEEN_NEWS = 500  # steps


def go_on(folder: Path, cheques: Path | None, quiet: bool) -> None:
    """Train the reader further that was begun in a run folder."""
    from lenet.training.reader import seed_of

    _train(seed_of(folder), cheques, lambda: folder, quiet)


def train(seed: int, cheques: Path | None, out: Path | None, runs: Path, quiet: bool) -> None:
    """Train a reader into a new run folder."""
    from lenet.training.run import create_folder

    _train(seed, cheques, lambda: create_folder(out, runs, "reader-cheques"), quiet)


def _train(seed: int, cheques: Path | None, into: "Callable[[], Path]", quiet: bool) -> None:
    from lenet.artifact import beside
    from lenet.data import load_data
    from lenet.data.cheque_source import find_cheques
    from lenet.data.cheques import digest
    from lenet.files import write_json
    from lenet.reading.calibrate import calibrate_reader
    from lenet.synthesis.fields import sources
    from lenet.training.loop import Interrupted
    from lenet.training.reader import members, numbers_of, share_read, train_reader
    from lenet.training.run import METRICS

    with DataNews(quiet) as news:
        crops = find_cheques(cheques, news)
        digits = load_data("mnist", listener=news)
    parts = {
        part: [one for one in crops if one.part == part] for part in ("train", "validation", "test")
    }
    if not all(parts.values()):
        raise LenetError(
            f"{len(crops)} cheques are too few to hold some out; at least 135 are needed"
        )
    made_from = sources(parts["train"], digits.train)
    held_out = numbers_of(parts["validation"])
    folder = into()
    started = time.monotonic()
    networks = members()
    trained: list[Artifact] = []
    for number, (network, lessons) in enumerate(networks):
        own = beside(folder, number) if number else folder
        own.mkdir(exist_ok=True)
        begins = f"network {number + 1} of {len(networks)}  step "
        tell = _news(begins, lessons.steps, held_out, started, quiet)
        try:
            with stop_on_signals() as stop:
                trained.append(train_reader(made_from, network, lessons, seed, own, tell, stop))
        except Interrupted:
            again = f"lenet train --resume {shown(folder)}"
            again += f" --cheques {shown(cheques)}" if cheques is not None else ""
            click.echo(f"lenet: interrupted; go on with: {again}", err=True)
            raise click.exceptions.Exit(130) from None
    seconds = time.monotonic() - started
    origin = {
        "data": f"cheques, {digits.source}",
        "data_sha256": digest(crops),
        "recipe": {"name": "reader", "networks": [asdict(lessons) for _, lessons in networks]},
        "seed": seed,
        "version": __version__,
    }
    first, *others = (one.shortened() for one in trained)  # as they are kept
    reader = replace(first, origin=origin, beside=tuple(others))
    reader = replace(reader, calibration=calibrate_reader(reader, held_out))
    reader.save(folder, short=True)
    metrics = {
        "model": reader.network.name,
        "recipe": "reader",
        "data": "cheques",
        "seed": seed,
        "parameters": sum(one.network.parameters for one in reader.members),
        "steps": [lessons.steps for _, lessons in networks],
        "validation_strings": share_read(reader, held_out),
        "train_seconds": seconds,
    }
    write_json(folder / METRICS, metrics)
    click.echo(
        f"{metrics['validation_strings']:.1%} of {len(held_out)} held-out numbers read; "
        f"results in {shown(folder)}"
    )


def _news(
    begins: str, steps: int, held_out: "list[Number]", started: float, quiet: bool
) -> "Callable[[int, float, Callable[[], Artifact]], None]":
    """Return what says, every 500 steps, how far a network is."""
    from lenet.training.reader import share_read

    losses: list[float] = []

    def news(step: int, loss: float, artifact: "Callable[[], Artifact]") -> None:
        losses.append(loss)
        if step % _BETWEEN_NEWS == 0 and not quiet:
            mean = sum(losses[-_BETWEEN_NEWS:]) / len(losses[-_BETWEEN_NEWS:])
            click.echo(
                f"{begins}{step:,}/{steps:,}  penalty {mean:.3f}  "
                f"held out: {share_read(artifact(), held_out):.1%} of numbers read  "
                f"{time.monotonic() - started:,.0f} s"
            )

    return news
