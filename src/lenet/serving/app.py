"""The service, put together: routes within, guards around them."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from lenet.serving.api.inference_protocol import inference_router
from lenet.serving.api.models import models_router
from lenet.serving.api.predict import predict_router
from lenet.serving.api.read import read_router
from lenet.serving.api.registry import Served
from lenet.serving.api.runs import runs_router
from lenet.serving.api.schemas import PROBLEMS
from lenet.serving.http.admission import Gate
from lenet.serving.http.docs_page import docs_page
from lenet.serving.http.limits import DEFAULT, Limits
from lenet.serving.http.metrics import Measured, Metrics
from lenet.serving.http.page_files import add_page
from lenet.serving.http.responses import add_error_handlers, problem
from lenet.serving.http.security import ApiKey, HostCheck, SecurityHeaders
from lenet.serving.http.workers import Workers
from lenet.serving.training.room import training_router
from lenet.version import __version__

_DESCRIPTION = (
    "LeNet behind HTTP: names digits and clothing, reads handwritten numbers, and says when it is "
    "not sure. Pictures are sent as files or as pixels; networks answer under /v2 to clients of "
    "the Open Inference Protocol too."
)


def create_app(
    served: Served,
    limits: Limits = DEFAULT,
    key: str | None = None,
    hosts: Iterable[str] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> ASGIApp:
    """Return the service as an ASGI application.

    Parameters
    ----------
    served
        The networks.
    limits
        What requests may take.
    key
        Whoever asks must know it, if there is one.
    hosts
        The names under which the service is reached; None: any. See `HostCheck`.
    stopping
        Tells that the server has been asked to stop: answers that go on end then.
    """
    metrics = Metrics()
    app: ASGIApp = Gate(_routes(served, limits, metrics, stopping), limits)
    if key:
        app = ApiKey(app, key)
    return Measured(SecurityHeaders(HostCheck(app, hosts)), metrics)


def _routes(
    served: Served, limits: Limits, metrics: Metrics, stopping: Callable[[], bool]
) -> FastAPI:
    workers = Workers()

    @asynccontextmanager
    async def alive(app: FastAPI) -> AsyncGenerator[None]:
        workers.open()
        served.warm()
        app.state.ready = True
        yield
        workers.close()

    app = FastAPI(
        title="lenet",
        version=__version__,
        description=_DESCRIPTION,
        responses=PROBLEMS,
        docs_url=None,
        redoc_url=None,
        lifespan=alive,
        # A path that is nearly right is an error, not a redirect to wherever Host says.
        redirect_slashes=False,
    )
    app.state.ready = False
    add_error_handlers(app)
    app.include_router(models_router(served))
    app.include_router(predict_router(served, limits, workers, metrics))
    app.include_router(read_router(served, limits, workers, metrics))
    app.include_router(inference_router(served, limits, workers))
    app.include_router(runs_router(served))
    app.include_router(training_router(stopping))
    _add_operations(app, metrics)
    add_page(app)
    return app


def _add_operations(app: FastAPI, metrics: Metrics) -> None:
    """Add what those who run the service ask."""

    @app.get("/healthz", tags=["operation"])
    async def healthz() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Say that the process lives."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operation"], response_model=dict[str, str])
    async def readyz() -> Response | dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        """Say whether every network is loaded and has answered once."""
        if not app.state.ready:
            return problem(503, "the networks are still being loaded")
        return {"status": "ready"}

    @app.get("/metrics", tags=["operation"], response_class=PlainTextResponse)
    async def figures() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Return figures for Prometheus."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        return HTMLResponse(docs_page(app.openapi()))
