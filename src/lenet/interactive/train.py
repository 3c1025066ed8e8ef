"""Trains from Python: `lenet.train` does what the command of the same name does."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from signal import SIGINT
from typing import Any, overload

from lenet.data import Dataset, arrays
from lenet.data.load import DataLike
from lenet.errors import LenetError, enough_memory
from lenet.interactive.finish import finish
from lenet.interactive.progress import Shown
from lenet.interactive.run import Run
from lenet.interactive.runs import Runs
from lenet.interactive.sources import checked_seed, checked_seeds, chosen_recipe
from lenet.interactive.stopping import stop_on_signals
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Pictures
from lenet.training.loop import Interrupted
from lenet.training.progress import Epoch
from lenet.training.recipe import Recipe
from lenet.training.recipes import OWN
from lenet.training.run import new_folder, run, trained
from lenet.training.start import start
from lenet.training.training import Training

RUNS = Path("runs")
_SEEDS = "{}-seeds"

OnEpoch = Callable[[Epoch], object]


@overload
def train(
    data: DataLike | None = None,
    recipe: str | Recipe | None = None,
    seed: int = 0,
    seeds: None = None,
    folder: str | Path | None = None,
    device: str = "auto",
    engine: str = "auto",
    pixels: PixelRange = "auto",
    pictures: Pictures | None = None,
    weights_from: str | Path | None = None,
    on_epoch: OnEpoch | None = None,
    quiet: bool = False,
    **fields: Any,
) -> Run: ...


@overload
def train(
    data: DataLike | None = None,
    recipe: str | Recipe | None = None,
    seed: int = 0,
    *,
    seeds: Iterable[int],
    folder: str | Path | None = None,
    device: str = "auto",
    engine: str = "auto",
    pixels: PixelRange = "auto",
    pictures: Pictures | None = None,
    weights_from: str | Path | None = None,
    on_epoch: OnEpoch | None = None,
    quiet: bool = False,
    **fields: Any,
) -> Runs: ...


def train(
    data: DataLike | None = None,
    recipe: str | Recipe | None = None,
    seed: int = 0,
    seeds: Iterable[int] | None = None,
    folder: str | Path | None = None,
    device: str = "auto",
    engine: str = "auto",
    pixels: PixelRange = "auto",
    pictures: Pictures | None = None,
    weights_from: str | Path | None = None,
    on_epoch: OnEpoch | None = None,
    quiet: bool = False,
    **fields: Any,
) -> Run | Runs:
    """Train a network, and write a run folder with its report, as ``lenet train`` does.

    Ctrl-C, or "interrupt" in a notebook, ends the training between two steps; what is trained so
    far is returned.

    Parameters
    ----------
    data
        What `lenet.load_data` takes: a name such as ``"mnist"``, a folder of class folders, an
        ``.npz`` or ``.csv`` file, a pair of arrays ``(images, labels)``; or a `Dataset`. By default
        the recipe's own data.
    recipe
        The name of a recipe, such as ``"modern"``, or a `Recipe`; by default the chapter's for
        Fashion-MNIST, and ``own`` for other data.
    seed
        Seed of all random numbers, from 0 to 2^32 - 1.
    seeds
        Several seeds, such as ``range(10)``: each is trained, one after the other, instead of
        `seed`.
    folder
        Where to write the run; by default ``runs/RECIPE-DATA``, with a number if that exists.
    device
        ``cpu``, ``cuda`` or ``auto``.
    engine
        ``native``, ``torch``, ``numpy`` or ``auto``.
    pixels
        The range of the pixels of arrays, ``0-1`` or ``0-255``; by default their values decide.
    pictures
        What the images are, ``digits``, ``clothing`` or ``plain``; by default what the data says.
    weights_from
        A run folder, or a network that comes with lenet: training goes on from its weights.
    on_epoch
        Called after each epoch with its results (`lenet.training.progress.Epoch`: ``epoch``,
        ``train_loss``, ``train_accuracy``, ``test_accuracy``, ``seconds``). If it returns True,
        the training stops.
    quiet
        True shows nothing.
    fields
        Fields of the recipe with other values: ``epochs=2``, ``learning_rate=0.1``.

    Returns
    -------
    A `Run`; with `seeds`, the `Runs` of all seeds, which has their mean and standard deviation.

    Raises
    ------
    LenetError
        The data cannot be loaded, there is no such recipe, or it does not fit the data; or the
        training diverged.

    Examples
    --------
    >>> import lenet
    >>> run = lenet.train("mnist", recipe="lenet5", epochs=1)  # doctest: +SKIP
    >>> lenet.train("mnist", epoch=1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lenet.errors.LenetError: a recipe has no field 'epoch'; ... Did you mean 'epochs'?
    """
    if recipe is None and weights_from is not None:
        recipe = OWN
    chosen = chosen_recipe(recipe, fields, data)
    _check_choice("device", device, ("auto", "cpu", "cuda"))
    _check_choice("engine", engine, ("auto", "native", "torch", "numpy"))
    data = chosen.data if data is None else data
    wanted = None if folder is None else Path(folder)

    def one(number: int, into: Path | None) -> Run:
        with enough_memory():
            return begun(number, into)

    def begun(number: int, into: Path | None) -> Run:
        started = time.perf_counter()
        shown = Shown(chosen.epochs, quiet, on_epoch)
        training = start(
            chosen,
            data,
            number,
            device,
            engine,
            callbacks=shown,
            pixels=pixels,
            pictures=pictures,
            weights_from=weights_from,
        )
        shown.epochs = training.settings.recipe.epochs
        with new_folder(into, RUNS, f"{chosen.name}-{training.data.name}") as place:
            return _run(training, place, shown, lambda: time.perf_counter() - started)

    if seeds is None:
        return one(checked_seed(seed), wanted)
    numbers = checked_seeds(seeds)
    name = data.name if isinstance(data, Dataset) else _name_of(data)
    with new_folder(wanted, RUNS, _SEEDS.format(f"{chosen.name}-{name}")) as place:
        return train_seeds(numbers, place, one)


def train_seeds(seeds: Iterable[int], folder: Path, one: Callable[[int, Path], Run]) -> Runs:
    """Train each seed, and keep the statistics in ``seeds.json`` after each.

    Parameters
    ----------
    folder
        An existing folder; seed 3 is trained into its folder ``seed-3``.
    one
        Trains a seed into a folder. If a run was interrupted, no other seed is begun.
    """
    runs = Runs((), folder)
    for seed in seeds:
        runs = Runs((*runs.runs, one(seed, folder / f"seed-{seed}")), folder)
        runs.save()
        if runs[-1].stopped_by_user:
            break
    return runs


def _run(training: Training, folder: Path, shown: Shown, seconds: Callable[[], float]) -> Run:
    settings, progress = training.settings, training.progress
    by_user, calibrated = False, True
    with stop_on_signals((SIGINT,)) as stop:
        try:
            result = run(training, folder, shown, lambda: shown.stopped or stop())
        except Interrupted:
            by_user = stop() or shown.interrupted
            try:
                result = trained(training, folder, should_stop=lambda: shown.interrupted or stop())
            except Interrupted:  # in a second training, which only calibrates
                by_user, calibrated = True, False
                result = trained(training, folder, calibrate=False)
            if message := _stopped(training, calibrated, folder):
                shown.on_message(message)
        finish(result, training.data.test, seconds)
    unfinished = progress.epoch < settings.recipe.epochs or not calibrated
    if not unfinished and (hint := training.hint()):
        shown.on_message(hint)
    return Run(
        result.artifact,
        result.metrics,
        [asdict(epoch) for epoch in result.history],
        folder,
        training.data,
        unfinished,
        by_user,
    )


def _stopped(training: Training, calibrated: bool, folder: Path) -> str | None:
    epochs, progress = training.settings.recipe.epochs, training.progress
    if progress.epoch < epochs:
        place, number = "in" if progress.step else "after", progress.epoch + bool(progress.step)
        text = f"stopped {place} epoch {number} of {epochs}; what is trained so far is kept"
    elif not calibrated:
        text = "stopped before the network was calibrated; it is kept as it is"
    else:
        return None
    # Arrays are in no file from which the command could load them again.
    in_memory = training.data.source == arrays.SOURCE
    return text + ("" if in_memory else f"; to continue: lenet train --resume {folder}")


def _name_of(data: object) -> str:
    return Path(data).resolve().stem if isinstance(data, str | Path) else "arrays"


def _check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise LenetError(f"{name} must be {', '.join(known[:-1])} or {known[-1]}, not {value!r}")
