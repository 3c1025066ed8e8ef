"""Puts the application together: the endpoints, and the middleware around them."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from lenet.serving.api.inference_protocol import inference_router
from lenet.serving.api.kserve import kserve_router
from lenet.serving.api.models import models_router
from lenet.serving.api.pictures import pictures_router
from lenet.serving.api.registry import Served
from lenet.serving.api.runs import runs_router
from lenet.serving.api.schemas import PROBLEMS
from lenet.serving.http.admission import AdmissionMiddleware
from lenet.serving.http.docs_page import docs_page
from lenet.serving.http.limits import DEFAULT, Limits
from lenet.serving.http.metrics import Metrics, MetricsMiddleware
from lenet.serving.http.page_files import add_page
from lenet.serving.http.responses import add_error_handlers, problem
from lenet.serving.http.security import ApiKey, HostCheck, SecurityHeaders
from lenet.serving.http.workers import Workers
from lenet.serving.training.endpoints import training_router
from lenet.serving.work.children import Children, Jobs
from lenet.version import __version__

_DESCRIPTION = (
    "LeNet over HTTP. It classifies digits and clothing, reads handwritten numbers, and marks "
    "uncertain results as rejected. Send pictures as files or as pixels. Clients of the Open "
    "Inference Protocol can use the networks under /v2."
)


def create_app(
    served: Served,
    limits: Limits = DEFAULT,
    key: str | None = None,
    hosts: Iterable[str] | None = None,
    stopping: Callable[[], bool] = lambda: False,
    jobs: Jobs | None = None,
) -> ASGIApp:
    """Return the service as an ASGI application.

    Parameters
    ----------
    served
        The networks.
    key
        The key that API requests must send; None if none is needed.
    hosts
        The names under which the service is reached (`HostCheck`); None allows all.
    stopping
        Says whether the server is stopping. Event streams end then.
    jobs
        Does whatever may take long; by default in processes (`Children`).
    """
    metrics = Metrics()
    jobs = jobs or Children(limits, lambda name: served.get(name).artifact)
    endpoints = _endpoints(served, limits, jobs, metrics, stopping)
    app: ASGIApp = AdmissionMiddleware(endpoints, limits)
    if key:
        app = ApiKey(app, key)
    return MetricsMiddleware(SecurityHeaders(HostCheck(app, hosts)), metrics)


def _endpoints(
    served: Served,
    limits: Limits,
    jobs: Jobs,
    metrics: Metrics,
    stopping: Callable[[], bool],
) -> FastAPI:
    workers = Workers()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        workers.open()
        jobs.open()
        served.warm_up()
        app.state.ready = True
        yield
        jobs.close()
        workers.close()

    app = FastAPI(
        title="lenet",
        version=__version__,
        description=_DESCRIPTION,
        responses=PROBLEMS,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # A path with a wrong slash is an error; a redirect would trust the Host header.
        redirect_slashes=False,
    )
    app.state.ready = False
    add_error_handlers(app)
    app.include_router(models_router(served))
    app.include_router(pictures_router(served, limits, jobs, workers, metrics))
    app.include_router(kserve_router(served, limits, jobs, workers, metrics))
    app.include_router(inference_router(served, limits, jobs, workers))
    app.include_router(runs_router(served))
    app.include_router(training_router(stopping))
    _add_operations(app, metrics)
    add_page(app)
    return app


def _add_operations(app: FastAPI, metrics: Metrics) -> None:
    """Add the endpoints for monitoring, and the API's description."""

    @app.get("/healthz", tags=["operation"])
    async def healthz() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Say that the process runs."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operation"], response_model=dict[str, str])
    async def readyz() -> Response | dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        """Say whether every network is loaded and has answered once."""
        if not app.state.ready:
            return problem(503, "the networks are still loading")
        return {"status": "ready"}

    @app.get("/metrics", tags=["operation"], response_class=PlainTextResponse)
    async def figures() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Return metrics for Prometheus."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        return HTMLResponse(docs_page(app.openapi()))
