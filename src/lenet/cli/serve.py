"""``lenet serve``: the page and the HTTP service."""

import signal
import warnings
from pathlib import Path

import click

from lenet.serving.http.limits import DEFAULT, Limits


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
    type=click.Path(file_okay=False, path_type=Path),
    help="Also serve the network in this run folder; may be given more than once.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--api-key",
    metavar="KEY",
    envvar="LENET_API_KEY",
    show_envvar=True,
    help="Answer under /v1 and /v2 only to those who send it.",
)
@click.option(
    "--allow-host",
    "allowed",
    metavar="NAME",
    multiple=True,
    help="A further name under which the service is reached, as that of a proxy before it.",
)
@click.option(
    "--max-body",
    type=click.IntRange(min=1),
    metavar="BYTES",
    default=DEFAULT.body,
    show_default=True,
    help="Bytes of a request.",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(min=1),
    metavar="N",
    default=DEFAULT.pixels,
    show_default=True,
    help="Pixels of a picture.",
)
@click.option(
    "--max-images",
    type=click.IntRange(min=1),
    metavar="N",
    default=DEFAULT.images,
    show_default=True,
    help="Pictures in a request.",
)
@click.option(
    "--max-concurrent",
    type=click.IntRange(min=1),
    metavar="N",
    default=DEFAULT.concurrent,
    show_default=True,
    help="Requests that are worked on at once.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    metavar="SECONDS",
    default=int(DEFAULT.seconds),
    show_default=True,
    help="Time from a request to its answer.",
)
def command(
    host: str, port: int, runs: tuple[Path, ...], open_page: bool, api_key: str | None,
    allowed: tuple[str, ...], max_body: int, max_pixels: int, max_images: int,
    max_concurrent: int, timeout: int,
) -> None:  # fmt: skip
    """Serve a page to draw on, and the networks behind it over HTTP.

    The networks are those that come with lenet and the runs that are given. Only this machine is
    answered, unless --host says otherwise. SIGTERM and Ctrl-C finish what is in flight.
    """
    # A client must not be able to write into our log, as a doubtful picture's warning would. Once
    # and for all: `catch_warnings`, which libraries use, does not work in threads.
    warnings.simplefilter("ignore")
    from lenet.serving.api.registry import Served
    from lenet.serving.app import create_app
    from lenet.serving.http.server import Server, bind, names_of, url_of

    limits = Limits(max_body, max_pixels, max_images, max_concurrent, timeout)
    with bind(host, port) as taken:
        served = Served(runs)
        url = url_of(host, taken)

        def started() -> None:
            click.echo(f"lenet serves on {url}  (Ctrl-C stops it)")
            if open_page:
                click.launch(url)

        names = names_of(host, allowed)
        server = Server(
            lambda stopping: create_app(served, limits, api_key, names, stopping), limits, started
        )
        # uvicorn stops for these signals and then raises them again, as if they had only now come;
        # but they have had what they asked for.
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
