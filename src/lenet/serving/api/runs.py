"""``GET /v1/runs/NAME``: returns a run's results, and its network's answers to test images."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from starlette.exceptions import HTTPException

from lenet.data import Split
from lenet.errors import LenetError
from lenet.evaluation import Evaluation, evaluate
from lenet.evaluation.images_for import images_for
from lenet.serving.api.paths import sentence_without_paths, without_paths
from lenet.serving.api.registry import Served, ServedNetwork
from lenet.serving.api.run_files import history_of, metrics_of
from lenet.serving.http.limits import RETRY
from lenet.serving.work.readings import base64_png

_MOST_MISTAKES = 100
_MOST_ASKED = 8  # requests at once: they may wait for a download, and others need room


Results = tuple[Split, Evaluation]
"""The test images of the data that a network was trained on, and its answers to them."""


class Runs:
    """The results of the served networks, each computed once, at the first request for it.

    All requests for a network wait for the same computation. If it fails, the next request tries
    again, because the data may have become available.
    """

    def __init__(self, served: Served) -> None:
        self._served = served
        self._results: dict[str, asyncio.Task[Results]] = {}
        self._asked = 0

    @contextmanager
    def place(self) -> Generator[None]:
        """Hold a place among the requests for results; `HTTPException` (503) if there is none."""
        if self._asked >= _MOST_ASKED:
            sentence = f"{self._asked} requests for runs are answered already; try again"
            raise HTTPException(503, sentence, RETRY)
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1

    async def results(self, name: str) -> tuple[ServedNetwork, Results]:
        """Return the network called `name`, and its results.

        `HTTPException`: 404 if there is no such network or it reads numbers, 409 if its test images
        are not available or do not fit it.
        """
        one = self._served.get(name)
        if one.kind != "predict":
            raise HTTPException(404, f"{name} reads numbers; only runs with classes have results")
        task = self._results.get(name)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(results_of, one))
            self._results[name] = task
            task.add_done_callback(lambda done: self._forget_failure(name, done))
        # A client that leaves must not cancel the computation, because others may wait for it.
        return one, await asyncio.shield(task)

    def _forget_failure(self, name: str, task: asyncio.Task[Results]) -> None:
        if task.cancelled() or task.exception() is not None:
            del self._results[name]


def results_of(one: ServedNetwork) -> Results:
    """Compute a network's answers to its test images; errors as for `Runs.results`."""
    artifact = one.artifact
    source = artifact.origin.get("data")
    if not isinstance(source, str):
        raise HTTPException(409, f"the files of {one.name} do not say what it was trained on")
    try:
        test = images_for(artifact, source)
        return test, evaluate(artifact, test)
    except (LenetError, OSError) as error:
        reason = sentence_without_paths(str(error))
        sentence = f"the test images of {one.name} are not available: {reason}"
        raise HTTPException(409, sentence) from error


def chosen(result: Evaluation, truth: int | None, label: int | None) -> list[int]:
    """Return the indices of the images of class `truth` that are classified as `label`.

    None stands for any class; if both are None, only mistakes are returned. Wrong answers come
    first, by falling confidence; then correct ones, by rising confidence.
    """
    wanted = np.ones(len(result.labels), np.bool_)
    if truth is not None:
        wanted &= result.labels == truth
    if label is not None:
        wanted &= result.predictions == label
    if truth is None and label is None:
        wanted = ~result.correct
    indices = np.flatnonzero(wanted)
    signed = result.confidence[indices] * np.where(result.correct[indices], 1, -1)
    return indices[np.argsort(signed, kind="stable")].tolist()


def _answer(result: Evaluation, index: int) -> dict[str, Any]:
    return {
        "index": index,
        "truth": int(result.labels[index]),
        "label": int(result.predictions[index]),
        "probability": float(result.confidence[index]),
    }


def _figures(one: ServedNetwork, result: Evaluation) -> dict[str, Any]:
    mistakes = chosen(result, None, None)[:_MOST_MISTAKES]
    return {
        "metrics": without_paths(metrics_of(one.folder)),
        "history": history_of(one.folder),
        "classes": list(result.classes),
        "confusion": result.confusion.tolist(),
        "per_class": [asdict(row) for row in result.per_class],
        "mistakes": [_answer(result, index) for index in mistakes],
        "accuracy": result.accuracy,
        "calibration_error": result.calibration_error,
    }


def as_data_url(image: NDArray[np.uint8]) -> str:
    """Return an image, uint8 ``[H, W]`` or ``[H, W, C]``, as a URL that holds a PNG."""
    shown = image[..., 0] if image.ndim == 3 and image.shape[2] == 2 else image
    return "data:image/png;base64," + base64_png(shown)


def _images(found: Results, indices: list[int], limit: int) -> dict[str, Any]:
    test, evaluation = found
    images = [
        {**_answer(evaluation, index), "png": as_data_url(test.images[index])}
        for index in indices[:limit]
    ]
    return {"images": images, "count": len(indices)}


ClassNumber = Annotated[int | None, Query(ge=0, description="The number of a class; none: any.")]


def runs_router(served: Served) -> APIRouter:
    """Return the endpoints under ``/v1/runs``."""
    router = APIRouter(prefix="/v1/runs", tags=["runs"])
    runs = Runs(served)

    @router.get("/{name}")
    async def figures(name: str) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Return a run's metrics and history, and the evaluation of its network on the test images.

        `mistakes` has at most 100 images, the highest confidence first.
        """
        with runs.place():
            one, found = await runs.results(name)
            return await asyncio.to_thread(_figures, one, found[1])

    @router.get("/{name}/images")
    async def images(  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        name: str,
        truth: ClassNumber = None,
        label: ClassNumber = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any]:
        """Return test images of class `truth` that were classified as `label`, as PNGs.

        Wrong answers come first, by falling confidence; then correct ones, by rising confidence.
        Without `truth` and `label` it returns all mistakes. `count` includes images beyond `limit`.
        """
        with runs.place():
            one, found = await runs.results(name)
            last = len(one.artifact.classes) - 1
            for number in (truth, label):
                if number is not None and number > last:
                    sentence = f"{name} has classes 0 to {last}; there is no class {number}"
                    raise HTTPException(422, sentence)
            indices = chosen(found[1], truth, label)
            return await asyncio.to_thread(_images, found, indices, limit)

    return router
