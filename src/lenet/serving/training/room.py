"""Train and watch: the endpoints under ``/v1/training``, where one training at a time goes on."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Response
from fastapi.responses import StreamingResponse

from lenet.artifact import CONFIG
from lenet.data.catalog import CATALOG
from lenet.errors import did_you_mean
from lenet.serving.http.errors import Refusal
from lenet.serving.training.events import MOST_FOLLOWERS
from lenet.serving.training.job import Training, TrainingSettings, start_process


class TrainingRoom:
    """Where one training at a time goes on; the last one can be looked at until the next begins."""

    def __init__(self) -> None:
        self._training: Training | None = None
        self._count = 0
        self._busy = asyncio.Lock()

    async def start(self, settings: TrainingSettings) -> Training:
        """Start a training.

        Raises
        ------
        Refusal
            409: one is going on. 422: unknown data. 501: PyTorch is missing. 507: no folder can be
            made, on a full disk for instance.
        """
        if settings.data not in CATALOG:
            raise Refusal(
                422,
                f"no data set is called {settings.data[:80]!r}; known are {', '.join(CATALOG)}."
                + did_you_mean(settings.data[:80], CATALOG),
            )
        lack = missing()
        if lack is not None:
            raise Refusal(501, lack)
        async with self._busy:
            last = self._training
            if last is not None and not last.history.ended:
                raise Refusal(
                    409,
                    f"training {last.number} is still going on: stop it (DELETE /v1/training) or "
                    "wait until it is done",
                )
            if last is not None:
                await last.remove()
            try:
                folder = Path(await asyncio.to_thread(mkdtemp, prefix="lenet-training-"))
            except OSError as error:
                sentence = f"this machine has no place for a training: {error}"
                raise Refusal(507, sentence) from error
            self._count += 1
            self._training = Training(
                self._count, settings, folder, await start_process(settings, folder)
            )
            return self._training

    def latest(self, number: int | None = None) -> Training:
        """Return the last training, which must be `number` if one is given; `Refusal` (404)."""
        last = self._training
        if last is None:
            raise Refusal(404, "nothing has been trained here yet: POST /v1/training starts it")
        if number is not None and number != last.number:
            raise Refusal(404, f"there is no training {number} here; the last one is {last.number}")
        return last

    def state(self) -> dict[str, Any]:
        """Return whether training is possible here, and what was trained last."""
        last = self._training
        return {
            "missing": missing(),
            "training": None
            if last is None
            else {
                "id": last.number,
                "settings": last.settings.model_dump(),
                "running": not last.history.ended,
            },
        }

    async def close(self) -> None:
        """End what goes on and remove all files."""
        async with self._busy:
            if self._training is not None:
                await self._training.remove()


def missing() -> str | None:
    """Say what to install for training, if anything."""
    if find_spec("torch") is not None:
        return None
    return "training needs PyTorch; install it with: pip install 'lenet[train]'"


def training_router(stopping: Callable[[], bool] = lambda: False) -> APIRouter:
    """Return the endpoints under ``/v1/training``; they end their process when the app ends.

    Parameters
    ----------
    stopping
        Tells that the service is to stop: event streams, which could go on for long, then end.
    """
    room = TrainingRoom()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        await room.close()

    router = APIRouter(prefix="/v1/training", tags=["training"], lifespan=lifespan)

    @router.post("", status_code=202)
    async def start(settings: TrainingSettings) -> dict[str, int]:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Start a training; one at a time goes on."""
        return {"id": (await room.start(settings)).number}

    @router.get("")
    async def state() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """Return what is missing for training, if anything, and the last training, if any."""
        return room.state()

    @router.delete("", status_code=204)
    async def stop() -> None:  # pyright: ignore[reportUnusedFunction]
        """Stop the training that goes on."""
        await room.latest().stop()

    @router.get("/events")
    async def events(number: Annotated[int | None, Query(alias="id")] = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Follow a training as Server-Sent Events, from its beginning to its end.

        `loading`, `started`, `step` (ten a second), `epoch`, `weights` (newer ones can be had),
        and at last `done`, `stopped` or `failed`.
        """
        history = room.latest(number).history
        if history.followers >= MOST_FOLLOWERS:
            raise Refusal(503, f"{history.followers} follow this training, which is all that may")
        return StreamingResponse(
            history.follow(stopping),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @router.get("/{file}")
    async def weights(file: Literal["config.json", "model.safetensors"]) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Return the network as it is now: a file of its artifact."""
        path = room.latest().folder / file
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise Refusal(404, "the training has no weights yet: it is only beginning") from None
        kind = "application/json" if file == CONFIG else "application/octet-stream"
        return Response(content, media_type=kind, headers={"Cache-Control": "no-store"})

    return router
