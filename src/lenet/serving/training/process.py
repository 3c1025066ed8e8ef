"""Runs a training in its own process: ``python -m lenet.serving.training.process FOLDER``.

The service starts this process, so that the service never imports PyTorch and no error here can
harm it. The process reads settings as one line of JSON from standard input, and ends when standard
input is closed: the service stops it like this, or has ended itself. It writes events as lines of
JSON to standard output, and saves the network into FOLDER again and again.
"""

import json
import math
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lenet.artifact import Artifact
from lenet.data import load_data
from lenet.data.callbacks import DataCallbacks
from lenet.errors import LenetError
from lenet.serving.training.chosen_recipe import in_the_pages_words, network_of, recipe_of
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.loop import Diverged
from lenet.training.progress import Epoch, Progress
from lenet.training.run_lock import locked
from lenet.training.start import start

_SECONDS_BETWEEN_WEIGHTS = 0.25
_SECONDS_BETWEEN_LOADING = 0.5

Emit = Callable[..., None]
"""Writes an event: ``emit(name, **data)``."""


class DataEvents(DataCallbacks):
    """Emits ``loading`` events while data is fetched; cached data causes none."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._last = -math.inf

    def on_message(self, text: str) -> None:
        """See `DataCallbacks`."""
        self._emit("loading", text=text)

    def on_progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """See `DataCallbacks`."""
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_LOADING:
            self._last = time.monotonic()
            whole = "" if total is None else f" of {total:,}"
            self._emit("loading", text=f"{label}: {done:,}{whole} {unit}")


@dataclass
class TrainingEvents(TrainingCallbacks):
    """Emits events while a network trains, and saves the network into `folder`.

    The loss and accuracy of a ``step`` event are means over the images since the previous event.
    They show the network's current state better than the means of the epoch so far.

    Parameters
    ----------
    artifact
        Shares its parameters with the training.
    images, steps
        Per epoch.
    """

    emit: Emit
    artifact: Artifact
    folder: Path
    images: int
    steps: int

    def __post_init__(self) -> None:
        self._version = 0
        self._begin_epoch(0.0)
        self.save()

    def _begin_epoch(self, seconds: float) -> None:
        self._loss_sum, self._correct, self._seen = 0.0, 0, 0
        self._seconds_before = seconds

    def save(self) -> None:
        """Save the network in its current state."""
        self.artifact.save(self.folder)
        self._saved = time.monotonic()
        self._version += 1
        self.emit("weights", version=self._version)

    def on_step(self, progress: Progress, seen: int) -> None:
        """See `TrainingCallbacks`."""
        images = seen - self._seen
        self.emit(
            "step",
            step=progress.epoch * self.steps + progress.step,
            epoch=progress.epoch + seen / self.images,
            loss=(progress.loss_sum - self._loss_sum) / images,
            accuracy=(progress.correct - self._correct) / images,
            seconds=self._seconds_before + progress.seconds,
        )
        self._loss_sum, self._correct, self._seen = progress.loss_sum, progress.correct, seen
        if time.monotonic() - self._saved >= _SECONDS_BETWEEN_WEIGHTS:
            self.save()

    def on_epoch(self, epoch: Epoch) -> None:
        """See `TrainingCallbacks`."""
        self._begin_epoch(self._seconds_before + epoch.seconds)
        self.emit("epoch", **asdict(epoch))


def run(settings: dict[str, Any], folder: Path, emit: Emit) -> None:
    """Train, and emit events.

    Raises
    ------
    LenetError
        The data cannot be loaded or does not fit, or the training diverged.
    """
    recipe = recipe_of(settings)
    data = load_data(recipe.data, seed=settings["seed"], callbacks=DataEvents(emit))
    network = network_of(settings, recipe, data)
    training = start(recipe, data, settings["seed"], device="cpu", network=network)
    images = training.trainer.images
    steps = math.ceil(images / training.trainer.images_per_call)
    emit(
        "started",
        settings=settings,
        steps_per_epoch=steps,
        images=images,
        parameters=network.parameters,
        classes=list(data.classes),
    )
    callbacks = TrainingEvents(emit, training.snapshot(), folder, images, steps)
    try:
        training.run(callbacks)
    except Diverged:
        raise LenetError(
            "the loss became infinite or NaN: the steps are too large; try a learning rate of "
            f"{recipe.learning_rate / 10:g}"
        ) from None
    callbacks.save()
    hint = training.hint()
    emit("done", **({} if hint is None else {"hint": in_the_pages_words(hint)}))


def _end_with_the_service(stream: IO[str]) -> None:
    while stream.read(1):
        pass
    os._exit(0)  # at once, because the service removes the folder, with files that are half written


def main() -> None:
    """Read the settings, train, and exit with 0, or with 1 after a `LenetError`."""
    settings = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_service, args=(sys.stdin,), daemon=True).start()
    stream, sys.stdout = sys.stdout, sys.stderr  # other output must not mix with the events

    def emit(event: str, **data: Any) -> None:
        print(json.dumps({"event": event, **data}, allow_nan=False), file=stream, flush=True)

    try:
        with locked(Path(sys.argv[1])):
            run(settings, Path(sys.argv[1]), emit)
    except LenetError as error:
        emit("failed", error=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
