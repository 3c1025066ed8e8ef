"""Counts and times requests for Prometheus: ``GET /metrics``."""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("lenet_requests", "Requests answered.", labels, registry=registry)
        self.seconds = Histogram(
            "lenet_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.running = Gauge("lenet_requests_in_flight", "Requests in progress.", registry=registry)
        text = "Pictures answered, by network, and whether the answer was rejected as not sure."
        self._images = Counter("lenet_images", text, ("model", "rejected"), registry=registry)

    def image(self, model: str, rejected: bool) -> None:
        """Count a picture that the network `model` answered."""
        self._images.labels(model, "true" if rejected else "false").inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class MetricsMiddleware:
    """Counts and times the requests to `app`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        metrics, start = self.metrics, perf_counter()
        metrics.running.inc()
        try:
            await self.app(scope, receive, sending)
        finally:
            metrics.running.dec()
            # Labels are the route's pattern and known methods only, because every new label value
            # takes memory and a client could invent any number of paths.
            route: str = getattr(scope.get("route"), "path", "") or "none"
            method = scope["method"] if scope["method"] in _METHODS else "other"
            metrics.requests.labels(method, route, str(status)).inc()
            metrics.seconds.labels(route).observe(perf_counter() - start)
