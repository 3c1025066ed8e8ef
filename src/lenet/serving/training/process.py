"""A training in a process of its own: ``python -m lenet.serving.training.process FOLDER``.

The service starts it, so that the service itself never imports PyTorch and nothing that happens
here can harm it. It reads settings as one line of JSON from standard input, and ends when that is
closed: when the service stops it, or is no more. It writes events as lines of JSON to standard
output and, now and then, the network as it is into FOLDER.
"""

import json
import math
import os
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

from lenet.artifact import Artifact
from lenet.data import load_data
from lenet.errors import LenetError
from lenet.networks.lenet import lenet_network
from lenet.training.assembly import accuracy_of, new_model, new_trainer, parameters_of
from lenet.training.checkpoint import Settings
from lenet.training.device import resolve_engine
from lenet.training.loop import Diverged, train
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import CHAPTER, Recipe

_SECONDS_BETWEEN_WEIGHTS = 0.25
_SECONDS_BETWEEN_NEWS = 0.5
_POOLING = {"avg": "average", "max": "max"}


class Events:
    """Writes events to `stream`, a line of JSON each."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __call__(self, event: str, **data: Any) -> None:
        """Write one event."""
        print(json.dumps({"event": event, **data}, allow_nan=False), file=self._stream, flush=True)


class DataNews:
    """Tells how data is fetched, as ``loading`` events; where it is at hand there are none."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._told = -math.inf

    def line(self, text: str) -> None:
        """See `lenet.data.callbacks.Listener`."""
        self._events("loading", text=text)

    def progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """See `lenet.data.callbacks.Listener`."""
        if time.monotonic() - self._told >= _SECONDS_BETWEEN_NEWS:
            self._told = time.monotonic()
            whole = "" if total is None else f" of {total:,}"
            self._events("loading", text=f"{label}: {done:,}{whole} {unit}")


class TrainingNews:
    """Tells how training goes, and keeps the network in `folder` up to date.

    Loss and accuracy of a ``step`` event are of the images since the event before: they show what
    the network does now, where an epoch's means show what it did.

    Parameters
    ----------
    artifact
        Its parameters are those that training moves.
    images, steps
        In an epoch.
    """

    def __init__(
        self, events: Events, artifact: Artifact, folder: Path, images: int, steps: int
    ) -> None:
        self._events = events
        self._artifact = artifact
        self._folder = folder
        self._images = images
        self._steps = steps
        self._version = 0
        self._begin_epoch(0.0)
        self.save()

    def _begin_epoch(self, seconds: float) -> None:
        self._loss_sum, self._correct, self._seen = 0.0, 0, 0
        self._seconds_before = seconds

    def save(self) -> None:
        """Write the network as it is now."""
        self._artifact.save(self._folder)
        self._saved = time.monotonic()
        self._version += 1
        self._events("weights", version=self._version)

    def step(self, progress: Progress, seen: int) -> None:
        """See `lenet.training.progress.TrainingListener`."""
        images = seen - self._seen
        self._events(
            "step",
            step=progress.epoch * self._steps + progress.step,
            epoch=progress.epoch + seen / self._images,
            loss=(progress.loss_sum - self._loss_sum) / images,
            accuracy=(progress.correct - self._correct) / images,
            seconds=self._seconds_before + progress.seconds,
        )
        self._loss_sum, self._correct, self._seen = progress.loss_sum, progress.correct, seen
        if time.monotonic() - self._saved >= _SECONDS_BETWEEN_WEIGHTS:
            self.save()

    def epoch(self, line: Epoch) -> None:
        """See `lenet.training.progress.TrainingListener`."""
        self._begin_epoch(self._seconds_before + line.seconds)
        self._events("epoch", **asdict(line))

    def line(self, text: str) -> None:
        """Leave it out: the page sees for itself when nothing is learnt yet."""


def recipe_of(asked: dict[str, Any]) -> Recipe:
    """Return the chapter's recipe with what was asked for; He's weights for ReLU."""
    return replace(
        CHAPTER,
        name="live",
        data=asked["data"],
        epochs=asked["epochs"],
        batch_size=asked["batch_size"],
        learning_rate=asked["learning_rate"],
        initialization="he" if asked["activation"] == "relu" else "xavier",
    )


def run(asked: dict[str, Any], folder: Path, events: Events) -> None:
    """Train as asked and tell of it.

    Raises
    ------
    LenetError
        The data cannot be had, or training cannot be done with it.
    OSError
        The folder cannot be written.
    """
    recipe = recipe_of(asked)
    data = load_data(recipe.data, seed=asked["seed"], listener=DataNews(events))
    network = lenet_network(
        asked["activation"],
        _POOLING[asked["pooling"]],  # pyright: ignore[reportArgumentType] the service has checked it
        classes=data.classes,
        in_channels=data.train.channels,
    )
    engine = resolve_engine("auto", "cpu", network, recipe)
    settings = Settings(recipe, data.source, asked["seed"], "cpu", engine)
    model = new_model(network, settings)
    trainer = new_trainer(settings, network, model, data.train)
    artifact = Artifact(
        network,
        parameters_of(network, model),
        data.classes,
        recipe.normalization,
        {"data": data.source, "recipe": asdict(recipe), "seed": settings.seed},
        data.pictures,
    )
    steps = math.ceil(trainer.images / trainer.images_a_call)
    events(
        "started",
        settings=asked,
        steps_per_epoch=steps,
        images=trainer.images,
        parameters=network.parameters,
        classes=list(data.classes),
    )
    news = TrainingNews(events, artifact, folder, trainer.images, steps)
    accuracy = accuracy_of(settings, network, model, data.test)
    try:
        train(
            recipe, settings.seed, data, trainer, accuracy, Progress(), news,
            save=lambda: None, should_stop=lambda: False,
        )  # fmt: skip
        if not all(bool(value.isfinite().all()) for value in model.parameters()):
            raise Diverged
    except Diverged:
        raise LenetError(
            "the loss became infinite or no number: the steps are too large; try a learning rate "
            f"of {recipe.learning_rate / 10:g}"
        ) from None
    news.save()
    events("done")


def _end_with_the_service(stream: IO[str]) -> None:
    # Nothing here needs an orderly end: the service removes the folder, half-written files too.
    while stream.read(1):
        pass
    os._exit(0)


def main() -> None:
    """Read settings, train, and leave with 0 if that ended well, else with 1."""
    settings = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_service, args=(sys.stdin,), daemon=True).start()
    events = Events(sys.stdout)
    sys.stdout = sys.stderr  # whatever else prints is no event
    try:
        run(settings, Path(sys.argv[1]), events)
    except LenetError as error:
        events("failed", error=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
