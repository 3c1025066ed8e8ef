"""``lenet train``: train a network by a recipe, and write a run folder with its report."""

import os
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lenet.cli import completion
from lenet.cli.loading import pixels_option
from lenet.cli.main import STARTED
from lenet.cli.output.console import DataProgress, echo, shown
from lenet.cli.seeds import seeds_of, train_each
from lenet.interactive.stopping import stop_on_signals
from lenet.networks import network_name
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Pictures

if TYPE_CHECKING:  # at run time they are imported when needed, so that --help is quick
    from lenet.interactive.run import Run
    from lenet.training.training import Training

RUNS = Path("runs")
_LARGEST_FLOAT32 = 3.4e38


def _check_rate(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < _LARGEST_FLOAT32:
        raise click.BadParameter(
            f"{value} is not a number between 0 and {_LARGEST_FLOAT32:g}.", ctx, param
        )
    return value


@click.command("train")
@click.argument("data", required=False, shell_complete=completion.data_to_train)
@click.option(
    "--recipe",
    metavar="NAME",
    shell_complete=completion.recipe,
    help="The recipe.  [default: chapter for fashion-mnist, own for other data]",
)
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=completion.definition,
    help="The network, instead of the recipe's.",
)
@click.option(
    "--from",
    "weights_from",
    metavar="RUN",
    shell_complete=completion.trained,
    help="Go on from the weights of a run folder, or of a network that comes with lenet.",
)
@click.option(
    "--pictures",
    type=click.Choice(["digits", "clothing", "plain"]),
    help="What the images are.  [default: what the data set says, or plain]",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the training images.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Images per step.")
@click.option("--lr", type=float, callback=_check_rate, help="Learning rate.")
@click.option(
    "--validation",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Share of the training images to hold out for calibration, such as 0.1.",
)
@click.option(
    "--best-epoch",
    is_flag=True,
    help="Keep the epoch with the most correct held-out images, not the last.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**32 - 1),
    help="Seed of the random numbers.  [default: 0]",
)
@click.option(
    "--seeds",
    metavar="LIST",
    callback=seeds_of,
    help="Train several seeds, such as 0-9 or 0,3,5; print mean and standard deviation.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    help="Where to train.  [default: cpu; with --engine torch the GPU, if there is one]",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "native", "torch", "numpy"]),
    default="auto",
    help="The software that trains.  [default: native, if it can]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the run to DIR.  [default: runs/RECIPE-DATA]",
)
@click.option(
    "--resume", type=click.Path(path_type=Path), metavar="RUN", help="Continue the run folder RUN."
)
@click.option(
    "--cheques",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Labelled cheques for `lenet train reader`.  [default: download them]",
)
@pixels_option
@click.option("--quiet", is_flag=True, help="Print the last line only: where the results are.")
def command(
    data: str | None,
    recipe: str | None,
    model: str | None,
    weights_from: str | None,
    pictures: Pictures | None,
    epochs: int | None,
    batch_size: int | None,
    lr: float | None,
    validation: float | None,
    best_epoch: bool,
    seed: int | None,
    seeds: list[int] | None,
    device: str,
    engine: str,
    out: Path | None,
    resume: Path | None,
    cheques: Path | None,
    pixels: PixelRange,
    quiet: bool,
) -> None:
    """Train a network on DATA.

    DATA is the name of a data set, a folder with one folder per class, a folder of IDX files, an
    .npz file, or a CSV file of pixels or of paths. 'lenet train reader' trains the networks of
    'lenet read', on cheques and MNIST.

    Without arguments, it does what the textbook's chapter does: LeNet on Fashion-MNIST. Other data
    is learned by the recipe 'own', which suits few images as well as many. --resume
    can be combined with --epochs, to train for more epochs, or for a reader with --cheques.
    """
    fixed = {
        "DATA": data,
        "--recipe": recipe,
        "--model": model,
        "--from": weights_from,
        "--pictures": pictures,
        "--batch-size": batch_size,
        "--lr": lr,
        "--validation": validation,
        "--best-epoch": best_epoch or None,
        "--seed": seed,
        "--seeds": seeds,
        "--out": out,
        "--device": None if device == "auto" else device,
        "--engine": None if engine == "auto" else engine,
        "--pixels": None if pixels == "auto" else pixels,
    }
    given = [name for name, value in fixed.items() if value is not None]
    reader = data == "reader"
    if resume is not None:
        if given:
            raise click.UsageError(f"--resume keeps the run's settings; leave out {given[0]}.")
        from lenet.training.checkpoint import is_reader

        reader = is_reader(resume)
    if reader:
        others = [name for name in given if name not in ("DATA", "--seed", "--out")]
        if others or epochs is not None:
            wrong = (others or ["--epochs"])[0]
            raise click.UsageError(f"a reader has its own recipe; leave out {wrong}.")
        from lenet.cli.train_reader import train_reader_into

        train_reader_into(out, resume, seed or 0, cheques, quiet)
        return
    if cheques is not None:
        raise click.UsageError("--cheques is for `lenet train reader`.")
    if resume is not None:
        _resume(resume, epochs, quiet)
        return

    if seeds is not None and seed is not None:
        raise click.UsageError("--seeds names all seeds; leave out --seed.")
    from lenet.data.catalog import CATALOG
    from lenet.training.recipes import OWN, RECIPES, recipe_for, recipe_named

    if recipe is None and data in RECIPES and data not in CATALOG and not Path(data).exists():
        raise click.UsageError(f"{data} is a recipe, not data: lenet train --recipe {data}")
    if weights_from is not None and model is not None:
        raise click.UsageError("--from keeps the network of RUN; leave out --model.")
    if recipe is not None:
        chosen = recipe_named(recipe)
    else:  # the chapter's learning rate is too high for weights that are trained already
        chosen = recipe_for(data) if weights_from is None else OWN
    changes: dict[str, Any] = {
        "network": model and network_name(model),
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": lr,
        "validation": validation,
        "best_epoch": best_epoch or None,
    }
    chosen = replace(chosen, **{key: value for key, value in changes.items() if value is not None})
    from lenet.training.run import new_folder
    from lenet.training.start import start

    def begin(number: int) -> "Training":
        with DataProgress(quiet) as callbacks:
            return start(
                chosen,
                data or chosen.data,
                number,
                device,
                engine,
                callbacks=callbacks,
                pixels=pixels,
                pictures=pictures,
                weights_from=weights_from,
            )

    training = begin(seeds[0] if seeds else seed or 0)
    name = f"{chosen.name}-{training.data.name}"
    if seeds is None:
        with new_folder(out, RUNS, name) as folder:
            _run(training, folder, quiet)
        return
    waiting = {seeds[0]: training}  # the first one has been begun, for the name of its data

    def one(number: int, into: Path) -> "Run":
        begun = waiting.pop(number, None) or begin(number)
        with new_folder(into, RUNS, name) as folder:
            return _run(begun, folder, quiet)

    with new_folder(out, RUNS, f"{name}-seeds") as folder:
        train_each(seeds, folder, one)


def _resume(folder: Path, epochs: int | None, quiet: bool) -> None:
    from lenet.training.run import resumed_folder

    with resumed_folder(folder):
        _resume_locked(folder, epochs, quiet)


def _resume_locked(folder: Path, epochs: int | None, quiet: bool) -> None:
    from lenet.training import checkpoint
    from lenet.training.run import is_complete
    from lenet.training.start import resume

    state = checkpoint.load(folder)
    wanted = epochs or state.settings.recipe.epochs
    if wanted == state.progress.epoch and is_complete(folder):
        echo(f"{shown(folder)} is complete with {wanted} epochs; for more, add --epochs N")
        return
    with DataProgress(quiet) as callbacks:
        training = resume(state, folder, wanted, callbacks=callbacks)
    _run(training, folder, quiet)


def _run(training: "Training", folder: Path, quiet: bool) -> "Run":
    from lenet.cli.output.live import TrainingProgress
    from lenet.interactive.finish import finish
    from lenet.interactive.run import Run
    from lenet.report import PAGE
    from lenet.training.checkpoint import has_checkpoint
    from lenet.training.device import describe
    from lenet.training.loop import Interrupted
    from lenet.training.run import learn, trained

    settings, data, progress = training.settings, training.data, training.progress
    with TrainingProgress(settings.recipe.epochs, progress.history, quiet) as callbacks:
        callbacks.on_message(
            f"{data.name}: {len(data.train):,} training and {len(data.test):,} test images, "
            f"{len(data.classes)} classes"
        )
        callbacks.on_message(
            f"{training.network.name}, {training.network.parameters:,} parameters, recipe "
            f"{settings.recipe.name}, seed {settings.seed}, on {describe(settings)}"
        )
        if progress.epoch or progress.step:
            callbacks.on_message(f"continuing after epoch {progress.epoch}, step {progress.step}")
        try:
            with stop_on_signals() as stop:
                learn(training, folder, callbacks, stop)
                if stop():  # it came after the last step
                    raise Interrupted
            callbacks.stop()
            result = trained(training, folder)
            total = finish(result, data.test, _seconds_since_process_start)
        # A signal after the last step, or a second one, comes as KeyboardInterrupt.
        except (Interrupted, KeyboardInterrupt):
            callbacks.stop()
            if not has_checkpoint(folder):
                raise KeyboardInterrupt from None
            again = f"lenet train --resume {shown(folder)}"
            echo(f"lenet: interrupted; continue with: {again}", err=True)
            raise click.exceptions.Exit(130) from None
    if hint := training.hint():
        echo(f"lenet: {hint}", err=True)
    echo(
        f"test accuracy {result.metrics['test_accuracy']:.1%}, "
        f"{result.metrics['train_seconds']:.1f} s of training, {total:.1f} s in total; "
        f"results in {shown(folder)}, report in {shown(folder / PAGE)}"
    )
    history = [asdict(epoch) for epoch in result.history]
    return Run(result.artifact, result.metrics, history, folder, data)


def _seconds_since_process_start() -> float:
    """Return the age of this process; without ``/proc``, the time since lenet was imported."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        return uptime - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.perf_counter() - STARTED
