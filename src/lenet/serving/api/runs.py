"""What a run is worth: its own figures, and its answers to its test images, one by one."""

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from PIL import Image

from lenet.data import Split, load_data
from lenet.errors import LenetError
from lenet.evaluation import Evaluation, evaluate
from lenet.serving.api.registry import Served, ServedNetwork
from lenet.serving.api.run_files import history_of, metrics_of
from lenet.serving.http.errors import Refusal

_MOST_MISTAKES = 100


@dataclass(frozen=True)
class Results:
    """A network's answers to the test images of what it was trained on."""

    test: Split
    evaluation: Evaluation


class Runs:
    """The results of the served networks, each computed when first asked for, once.

    All requests for the same network wait for the same computation; one that failed is tried
    again by the next request, for data may have come meanwhile.
    """

    def __init__(self, served: Served) -> None:
        self._served = served
        self._results: dict[str, asyncio.Task[Results]] = {}

    async def results(self, name: str) -> tuple[ServedNetwork, Results]:
        """Return the network called `name`, and its results.

        Raises
        ------
        Refusal
            404: there is no such network, or it names no single images. 409: its test images
            cannot be had, or are not for it.
        """
        one = self._served.get(name)
        if one.kind != "predict":
            raise Refusal(404, f"{name} reads numbers: it has no run with classes to look at")
        task = self._results.get(name)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(results_of, one))
            self._results[name] = task
            task.add_done_callback(lambda done: self._forget_failure(name, done))
        # A client that leaves must not end what others wait for.
        return one, await asyncio.shield(task)

    def _forget_failure(self, name: str, task: asyncio.Task[Results]) -> None:
        if task.cancelled() or task.exception() is not None:
            del self._results[name]


def results_of(one: ServedNetwork) -> Results:
    """Let a network answer to the test images of the data it was trained on; `Refusal` (409)."""
    artifact = one.artifact
    source = artifact.origin.get("data")
    if not isinstance(source, str):
        raise Refusal(409, f"{one.name} does not say what it was trained on")
    height, width = artifact.network.input_shape[1:]
    try:
        test = load_data(source, (height, width), artifact.origin.get("seed", 0)).test
        return Results(test, evaluate(artifact, test))
    except (LenetError, OSError) as error:
        raise Refusal(409, f"the test images of {one.name} cannot be had: {error}") from error


def chosen(result: Evaluation, truth: int | None, label: int | None) -> NDArray[np.int64]:
    """Return the numbers of images of class `truth` that were named `label`, most telling first.

    Telling are wrong answers that were certain, and right ones that were not. None stands for
    any class; without either it is all mistakes.
    """
    wanted = np.ones(len(result.labels), np.bool_)
    if truth is not None:
        wanted &= result.labels == truth
    if label is not None:
        wanted &= result.predictions == label
    if truth is None and label is None:
        wanted = ~result.right
    numbers = np.flatnonzero(wanted)
    certainty = result.confidence[numbers] * np.where(result.right[numbers], 1, -1)
    return numbers[np.argsort(certainty, kind="stable")]


def _answer(result: Evaluation, number: int) -> dict[str, Any]:
    return {
        "index": number,
        "truth": int(result.labels[number]),
        "label": int(result.predictions[number]),
        "probability": float(result.confidence[number]),
    }


def _figures(one: ServedNetwork, result: Evaluation) -> dict[str, Any]:
    mistakes: list[int] = chosen(result, None, None)[:_MOST_MISTAKES].tolist()
    return {
        "metrics": metrics_of(one.folder),
        "history": history_of(one.folder),
        "classes": list(result.classes),
        "confusion": result.confusion.tolist(),
        "per_class": [
            {
                "name": row.name,
                "images": row.images,
                "precision": row.precision,
                "recall": row.recall,
            }
            for row in result.per_class
        ],
        "mistakes": [_answer(result, number) for number in mistakes],
        "accuracy": result.accuracy,
        "calibration_error": result.calibration_error,
    }


def as_data_url(image: NDArray[np.uint8]) -> str:
    """Return an image, uint8 ``[H, W]`` or ``[H, W, C]``, as the address of a PNG."""
    buffer = BytesIO()
    shown = image[..., 0] if image.ndim == 3 and image.shape[2] == 2 else image
    Image.fromarray(shown).save(buffer, "PNG")
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode()


def _images(found: Results, numbers: NDArray[np.int64], limit: int) -> dict[str, Any]:
    shown: list[int] = numbers[:limit].tolist()
    return {
        "images": [
            {**_answer(found.evaluation, n), "png": as_data_url(found.test.images[n])}
            for n in shown
        ],
        "count": len(numbers),
    }


ClassNumber = Annotated[int | None, Query(ge=0, description="Number of a class; none: any.")]


def runs_router(served: Served) -> APIRouter:
    """Return the endpoints under ``/v1/runs``."""
    router = APIRouter(prefix="/v1/runs", tags=["runs"])
    runs = Runs(served)

    @router.get("/{name}")
    async def figures(name: str) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Return a run's own figures, and what its network makes of its test images.

        Mistakes are at most 100, the most certain first.
        """
        one, found = await runs.results(name)
        return await asyncio.to_thread(_figures, one, found.evaluation)

    @router.get("/{name}/images")
    async def images(  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        name: str,
        truth: ClassNumber = None,
        label: ClassNumber = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any]:
        """Return test images of class `truth` that were named `label`, as PNGs.

        Wrong answers come with the most certain first, right ones with the least certain first.
        Without `truth` and `label` they are all mistakes. `count` counts those past `limit` too.
        """
        one, found = await runs.results(name)
        for number in (truth, label):
            if number is not None and number >= len(one.artifact.classes):
                last = len(one.artifact.classes) - 1
                raise Refusal(422, f"{name} has classes 0 to {last}; there is no class {number}")
        numbers = chosen(found.evaluation, truth, label)
        return await asyncio.to_thread(_images, found, numbers, limit)

    return router
