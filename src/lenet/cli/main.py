"""The entry point: finds the subcommand, and turns mistakes into one line and an exit code.

Exit codes: 0 done; 2 wrong use or bad input; 130 interrupted.
"""

import io
import os
import sys
import time
from importlib import import_module
from typing import NoReturn

import click

from lenet.errors import LenetError, did_you_mean
from lenet.version import __version__

STARTED = time.perf_counter()

# Subcommand -> (module, what `lenet --help` says). Nothing is imported to print the help.
_COMMANDS = {
    "train": "Train a network; without arguments, LeNet on Fashion-MNIST.",
    "evaluate": "Measure a trained network on test images.",
    "predict": "Say what a trained network calls images.",
    "read": "Read the handwritten numbers in images.",
    "summary": "Print a network's layers, shapes and counts.",
    "compare": "Compare LeNet with support vector machines, MLPs and others on the same data.",
    "probe": "Measure what a network sees: robustness, receptive fields, feature maps.",
    "data": "List and fetch data sets.",
    "serve": "Open a page to draw on and an HTTP service for networks.",
    "bench": "Measure this machine: training and inference beside PyTorch and others.",
}

# They multiply matrices so small, and so many at once, that NumPy's threads wait more than they
# work: with them a service on a busy machine reads a sixth of the numbers (docs/serving.md).
_SMALL_SUMS = ("read", "serve")

# What is installed only on demand, and with which extra.
_EXTRAS = {
    "torch": "train", "matplotlib": "train", "jinja2": "train",
    "sklearn": "compare",
    "fastapi": "serve", "uvicorn": "serve", "prometheus_client": "serve",
    "python_multipart": "serve",
}  # fmt: skip


class _LazyGroup(click.Group):
    """Imports ``lenet.cli.NAME`` for its function ``command`` when NAME is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        if cmd_name in _SMALL_SUMS:  # NumPy looks when it is first imported
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        command: click.Command = import_module(f"lenet.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            raise click.UsageError(
                f"there is no command {args[0]!r}." + did_you_mean(args[0], _COMMANDS), ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lenet")
def _lenet() -> None:
    """LeNet whole: train it in seconds, look into it, let it name images."""


def main() -> NoReturn:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a file name that knows other letters than ours is no reason to stop.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(_run())


def _run() -> int:
    try:
        result = _lenet.main(prog_name="lenet", standalone_mode=False)
        # click returns the code of ctx.exit(), for --help too.
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        return 2
    except click.ClickException as error:
        where = getattr(error, "ctx", None)
        path = where.command_path if where else "lenet"
        _complain(f"{error.format_message()} (see '{path} --help')")
    except LenetError as error:
        _complain(str(error))
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted")
        return 130
    except SystemExit:
        # click's own, and only where whoever read our output has gone: that is no mistake.
        return 0
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in _EXTRAS:
            raise
        _complain(f"this needs {name}; install it with: pip install 'lenet[{_EXTRAS[name]}]'")
    except OSError as error:
        _complain(f"{error.filename or 'writing'}: {error.strerror or error}")
    return 2


def _complain(text: str) -> None:
    click.echo(f"lenet: {text}", err=True)
