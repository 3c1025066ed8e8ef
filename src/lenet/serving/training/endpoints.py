"""Defines the endpoints under ``/v1/training``: start a training, follow it, fetch its network."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from lenet.artifact import CONFIG
from lenet.serving.training.job import Trainings, TrainingSettings


def training_router(stopping: Callable[[], bool] = lambda: False) -> APIRouter:
    """Return the endpoints under ``/v1/training``; a training ends with the application.

    Parameters
    ----------
    stopping
        Says whether the service is stopping. Event streams end then.
    """
    trainings = Trainings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        await trainings.close()

    router = APIRouter(prefix="/v1/training", tags=["training"], lifespan=lifespan)

    @router.post("", status_code=202)
    async def start(settings: TrainingSettings) -> dict[str, int]:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Start a training; only one can run at a time."""
        return {"id": (await trainings.start(settings)).number}

    @router.get("")
    async def state() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """Return the last training, if any."""
        return trainings.state()

    @router.delete("", status_code=204)
    async def stop() -> None:  # pyright: ignore[reportUnusedFunction]
        """Stop the running training."""
        await trainings.last().stop()

    @router.get("/events")
    async def events(  # pyright: ignore[reportUnusedFunction]
        request: Request, number: Annotated[int | None, Query(alias="id")] = None
    ) -> Response:
        """Follow a training as Server-Sent Events, from its beginning to its end.

        The events are `loading`, `started`, `step` (ten a second), `epoch`, `weights` (new weights
        can be fetched), and at last `done`, `stopped` or `failed`. `done` has a `hint`, what to do,
        if the network learned nothing.
        """
        history = trainings.last(number).history
        address = request.client.host if request.client else ""
        return StreamingResponse(
            history.follow(stopping, address),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @router.get("/{file}")
    async def weights(file: Literal["config.json", "model.safetensors"]) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Return a file of the network in its current state."""
        path = trainings.last().folder / file
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise HTTPException(404, "the training has no weights yet; try again") from None
        kind = "application/json" if file == CONFIG else "application/octet-stream"
        return Response(content, media_type=kind, headers={"Cache-Control": "no-store"})

    return router
