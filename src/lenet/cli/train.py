"""``lenet train``: from a recipe and data to a run folder."""

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lenet.cli.main import STARTED
from lenet.cli.output.console import DataNews, shown
from lenet.cli.stopping import stop_on_signals
from lenet.errors import LenetError

if TYPE_CHECKING:  # at run time they are imported when needed: torch takes a second
    from lenet.data import Dataset
    from lenet.training.checkpoint import Checkpoint, Settings
    from lenet.training.recipe import Recipe

RUNS = Path("runs")
_LARGEST_FLOAT = 3.4e38  # that 32 bits hold


def _check_rate(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < _LARGEST_FLOAT:
        raise click.BadParameter(
            f"{value} is not a number between 0 and {_LARGEST_FLOAT:g}.", ctx, param
        )
    return value


@click.command("train")
@click.argument("data", required=False)
@click.option("--recipe", help="How to train.  [default: chapter]")
@click.option("--model", help="Which network, if not the recipe's.")
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the training images.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Images a step.")
@click.option("--lr", type=float, callback=_check_rate, help="Learning rate.")
@click.option(
    "--validation",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Training images to hold out, to fit how sure the network may be; 0.1, for instance.",
)
@click.option("--seed", type=click.IntRange(min=0, max=2**32 - 1), help="[default: 0]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
@click.option("--engine", type=click.Choice(["auto", "native", "torch", "numpy"]), default="auto")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Go on with a run.")
@click.option(
    "--cheques",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Labelled cheques, for `lenet train reader`, if they are not to be fetched.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but where the results are.")
def command(
    data: str | None,
    recipe: str | None,
    model: str | None,
    epochs: int | None,
    batch_size: int | None,
    lr: float | None,
    validation: float | None,
    seed: int | None,
    device: str,
    engine: str,
    out: Path | None,
    resume: Path | None,
    cheques: Path | None,
    quiet: bool,
) -> None:
    """Train on DATA: a data set's name, a folder of class folders or of IDX files, or an .npz.

    DATA `reader` trains the network that reads numbers (`lenet read`), on cheques and MNIST.

    Without arguments this is the textbook chapter: LeNet on Fashion-MNIST. With --resume, only
    --epochs may be given beside it, to train further, or a reader's --cheques.
    """
    fixed = {
        "DATA": data, "--recipe": recipe, "--model": model, "--batch-size": batch_size,
        "--lr": lr, "--validation": validation, "--seed": seed, "--out": out,
        "--device": None if device == "auto" else device,
        "--engine": None if engine == "auto" else engine,
    }  # fmt: skip
    given = [name for name, value in fixed.items() if value is not None]
    if resume is not None and given:
        raise click.UsageError(f"--resume goes on as the run was begun; leave out {given[0]}.")

    if data == "reader":
        others = [name for name in given if name not in ("DATA", "--seed", "--out")]
        if epochs is not None or others:
            raise click.UsageError(
                f"a reader has its own recipe; leave out {(others or ['--epochs'])[0]}."
            )
        from lenet.cli.train_reader import train

        train(seed or 0, cheques, out, RUNS, quiet)
        return
    if resume is not None:
        from lenet.training.reader import is_reader

        if is_reader(resume):
            if epochs is not None:
                raise click.UsageError("a reader has its own recipe; leave out --epochs.")
            from lenet.cli.train_reader import go_on

            go_on(resume, cheques, quiet)
            return
    if cheques is not None:
        raise click.UsageError("--cheques is for `lenet train reader`.")

    from lenet.networks import network_named
    from lenet.training.recipe import recipe_named

    chosen = recipe_named(recipe or "chapter")
    changes: dict[str, Any] = {
        "network": model, "epochs": epochs, "batch_size": batch_size, "learning_rate": lr,
        "validation": validation,
    }  # fmt: skip
    chosen = replace(chosen, **{key: value for key, value in changes.items() if value is not None})
    network_named(chosen.network)  # an unknown name is told before anything slow begins

    if resume is not None:
        _resume(resume, epochs, quiet)
    else:
        _train(chosen, data or chosen.data, seed or 0, device, engine, out, quiet)


def _train(
    recipe: "Recipe",
    source: str,
    seed: int,
    device: str,
    engine: str,
    out: Path | None,
    quiet: bool,
) -> None:
    from lenet.data import load_data
    from lenet.data.cheque_source import find_cheques
    from lenet.data.split import hold_out
    from lenet.engine import native
    from lenet.training.checkpoint import FOLDER, Settings
    from lenet.training.device import resolve_device, resolve_engine
    from lenet.training.run import create_folder, input_size, network_for

    with DataNews(quiet) as news:
        data = load_data(source, input_size(recipe), seed, news)
        network = network_for(recipe, data)
        if recipe.cut_out:
            find_cheques(listener=news)  # fetched now, where its progress can be told
            news.line("digits are cut out of real cheques first; that takes most of a minute")
        if recipe.validation:
            data = hold_out(data, recipe.validation, seed)
        if engine == "auto" and not native.available():
            news.line(native.missing())
    device = resolve_device(device, recipe)
    engine = resolve_engine(engine, device, network, recipe)
    settings = Settings(recipe, data.source, seed, device, engine)
    folder = create_folder(out, RUNS, f"{settings.recipe.name}-{data.name}")
    try:
        _run(settings, data, folder, quiet, None)
    finally:
        # Where not even the first checkpoint could be written, leave no empty folders.
        for path in (folder / FOLDER, folder):
            with suppress(OSError):
                path.rmdir()


def _resume(folder: Path, epochs: int | None, quiet: bool) -> None:
    from lenet.data import load_data
    from lenet.data.split import hold_out
    from lenet.training import checkpoint
    from lenet.training.device import resolve_device, resolve_engine
    from lenet.training.run import METRICS, input_size, network_for

    state = checkpoint.load(folder)
    settings = state.settings
    wanted = epochs or settings.recipe.epochs
    if wanted < state.progress.epoch:
        raise LenetError(f"{folder} has {state.progress.epoch} epochs already, more than {wanted}")
    if wanted == state.progress.epoch and (folder / METRICS).is_file():
        click.echo(f"{folder} is complete with {wanted} epochs; --epochs N trains it further")
        return
    if wanted > settings.recipe.epochs and settings.recipe.schedule == "cosine":
        raise LenetError(
            f"recipe {settings.recipe.name} ends at a learning rate of zero and cannot be trained "
            "further; start it again with more --epochs"
        )
    settings = replace(settings, recipe=replace(settings.recipe, epochs=wanted))
    recipe = settings.recipe
    resolve_device(settings.device, recipe)
    with DataNews(quiet) as news:
        data = load_data(settings.data, input_size(recipe), settings.seed, news)
    if recipe.validation:
        data = hold_out(data, recipe.validation, settings.seed)
    resolve_engine(settings.engine, settings.device, network_for(recipe, data), recipe)
    _run(settings, data, folder, quiet, state)


def _run(
    settings: "Settings",
    data: "Dataset",
    folder: Path,
    quiet: bool,
    resumed: "Checkpoint | None",
) -> None:
    from lenet.cli.output.live import TrainingNews
    from lenet.evaluation import evaluate
    from lenet.report import PAGE, write_report
    from lenet.training.device import describe
    from lenet.training.loop import Interrupted
    from lenet.training.run import network_for, run

    network = network_for(settings.recipe, data)
    with TrainingNews(settings.recipe.epochs, len(data.train), quiet) as news:
        news.line(
            f"{data.name}: {len(data.train):,} training and {len(data.test):,} test images, "
            f"{len(data.classes)} classes"
        )
        news.line(
            f"{network.name}, {network.parameters:,} parameters, recipe {settings.recipe.name}, "
            f"seed {settings.seed}, on {describe(settings)}"
        )
        if resumed is not None:
            news.history.extend(resumed.progress.history)
            done = resumed.progress
            news.line(f"going on after epoch {done.epoch}, step {done.step}")
        try:
            with stop_on_signals() as stop:
                result = run(settings, data, folder, news, stop, resumed)
        except Interrupted:
            news.__exit__(None, None, None)
            click.echo(
                f"lenet: interrupted; go on with: lenet train --resume {shown(folder)}", err=True
            )
            raise click.exceptions.Exit(130) from None
    evaluation = evaluate(result.artifact, data.test)
    result.metrics["calibration_error"] = evaluation.calibration_error
    result.metrics["rejected_at_half_percent"] = evaluation.rejected_at_half_percent
    write_report(folder, result.artifact, data.test, evaluation, result.history, result.metrics)
    total = _seconds_since_process_start()
    result.save_metrics(total)
    click.echo(
        f"test accuracy {result.metrics['test_accuracy']:.1%}, "
        f"{result.metrics['train_seconds']:.1f} s of training, {total:.1f} s in all; "
        f"results in {shown(folder)}, to look at: {shown(folder / PAGE)}"
    )


def _seconds_since_process_start() -> float:
    """Wall time since this process began, as the operating system knows it.

    Where it does not tell (no ``/proc``), the time since the command line was imported.
    """
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        return uptime - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.perf_counter() - STARTED
