"""``lenet serve``: serve the page and the networks over HTTP."""

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lenet.serving.http.limits import DEFAULT, Limits

Command = Callable[..., Any]
_RUN = click.Path(file_okay=False, path_type=Path)


def _limit(option: str, default: float, unit: str, text: str) -> Callable[[Command], Command]:
    """Return an option for a positive whole number."""
    return click.option(
        option,
        type=click.IntRange(1, 3600 if unit == "SECONDS" else None),
        metavar=unit,
        default=int(default),
        show_default=True,
        help=text,
    )


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes any that is free.",
)
@click.option(
    "--run",
    "runs",
    metavar="DIR",
    multiple=True,
    type=_RUN,
    help="Also serve the network in this run folder; may be used more than once.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--api-key",
    metavar="KEY",
    envvar="LENET_API_KEY",
    show_envvar=True,
    help="Answer requests under /v1 and /v2 only if they send this key.",
)
@click.option(
    "--allow-host",
    "allowed",
    metavar="NAME",
    multiple=True,
    help="Another name under which the service is reached, such as that of a proxy.",
)
@_limit("--max-body", DEFAULT.body, "BYTES", "Most bytes of a request.")
@_limit("--max-pixels", DEFAULT.pixels, "N", "Most pixels of a picture.")
@_limit("--max-images", DEFAULT.images, "N", "Most pictures in a request.")
@_limit("--max-concurrent", DEFAULT.concurrent, "N", "Requests answered at the same time.")
@_limit("--timeout", DEFAULT.seconds, "SECONDS", "Longest time from a request to its answer.")
def command(
    host: str,
    port: int,
    runs: tuple[Path, ...],
    open_page: bool,
    api_key: str | None,
    allowed: tuple[str, ...],
    max_body: int,
    max_pixels: int,
    max_images: int,
    max_concurrent: int,
    timeout: int,
) -> None:
    """Serve a page to draw on, and the networks behind it over HTTP.

    It serves the networks that come with lenet, and the runs that you name. Only this machine can
    connect, unless --host says otherwise. SIGTERM and Ctrl-C finish the requests in progress.
    """
    # A picture of a client must not write warnings into our log. Warnings are switched off for the
    # whole process, because `warnings.catch_warnings` does not work in threads.
    warnings.simplefilter("ignore")
    from lenet.serving.api.registry import Served
    from lenet.serving.app import create_app
    from lenet.serving.http.security import checked_key
    from lenet.serving.http.server import Server, bind, is_loopback, names_of, url_of

    # click takes an empty variable for one that is not set.
    key = checked_key(os.environ.get("LENET_API_KEY") if api_key is None else api_key)
    limits = Limits(max_body, max_pixels, max_images, max_concurrent, timeout)
    with bind(host, port) as taken:
        served = Served(runs)
        url = url_of(host, taken)

        def started() -> None:
            if key is None and not is_loopback(host):
                click.echo(
                    "lenet: WARNING: no key is set, so everybody who reaches this machine over the "
                    "network can use this service and train with it: set one with LENET_API_KEY",
                    err=True,
                )
            click.echo(f"lenet serves on {url}  (Ctrl-C stops it)")
            if open_page:
                click.launch(url)

        names = names_of(host, allowed)
        server = Server(
            lambda stopping: create_app(served, limits, key, names, stopping), limits, started
        )
        # After it has stopped for these signals, uvicorn raises them again. They are ignored then.
        before = {
            one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            server.run([taken])
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
    if server.interrupted:
        raise KeyboardInterrupt
