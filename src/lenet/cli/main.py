"""Finds the subcommand and runs it; turns errors into one line and an exit code.

Exit codes: 0 done; 2 wrong usage or bad input; 130 interrupted.
"""

import io
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from lenet.ending.signals import end_by_exception
from lenet.ending.temporary import sweep
from lenet.errors import LenetError, did_you_mean, not_enough
from lenet.machine import install_command
from lenet.version import __version__
from lenet.visible import visible

STARTED = time.perf_counter()

# Each subcommand with its line in `lenet --help`, which imports none of their modules.
_COMMANDS = {
    "train": "Train a network; without arguments, LeNet on Fashion-MNIST.",
    "evaluate": "Measure the accuracy of a trained network.",
    "predict": "Classify pictures with a trained network.",
    "read": "Read the handwritten numbers in pictures.",
    "summary": "Print a network's layers, shapes and parameters.",
    "compare": "Compare LeNet with other classifiers on the same data.",
    "probe": "Measure robustness; draw filters and feature maps.",
    "data": "List data sets and download them.",
    "serve": "Open a page to draw on; answer requests over HTTP.",
    "bench": "Measure the speed of lenet, PyTorch and ONNX Runtime.",
}

# These commands multiply small matrices in several threads or processes. Threads of NumPy's own
# would mostly wait for each other: a service on a busy machine reads a sixth of the numbers with
# them (docs/serve.md).
_ONE_NUMPY_THREAD = ("read", "serve")

# These commands make temporary folders; they remove those that killed ones have left.
_SWEEPING = ("train", "evaluate", "compare", "probe", "data", "serve")

# Packages that are not always installed, with the extra of lenet that brings each.
_EXTRAS = {
    "torch": ("torch",),
    "compare": ("sklearn", "scipy", "joblib", "threadpoolctl"),
    "serve": (
        *("fastapi", "starlette", "pydantic", "anyio", "uvicorn", "h11", "prometheus_client"),
        *("python_multipart", "multipart"),
    ),
    "pdf": ("pypdfium2",),
    "onnx": ("onnx", "onnxruntime"),
}


def _missing(module: str) -> str:
    """Return the sentence about a package that is not installed, with the command to install it."""
    extra = next((one for one, modules in _EXTRAS.items() if module in modules), None)
    command = install_command(f"lenet[{extra}]" if extra else "lenet")
    return f"this needs {module}, which is not installed; install it with: {command}"


class _ReaderLeft(Exception):
    """The program that reads our output has closed the pipe."""


@contextmanager
def _reader_may_leave() -> Generator[None, None, None]:
    try:
        yield
    except BrokenPipeError as error:  # which click would turn into exit code 1
        raise _ReaderLeft from error


class _LazyGroup(click.Group):
    """Imports ``lenet.cli.NAME`` for its function ``command`` when NAME is called."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        with _reader_may_leave():  # --help prints here
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _reader_may_leave():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        if cmd_name in _ONE_NUMPY_THREAD:  # NumPy reads this when it is first imported
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        if cmd_name in _SWEEPING:
            sweep()
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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        # click would import every command, also those whose extra is not installed.
        return [
            *(
                CompletionItem(name, help=text)
                for name, text in _COMMANDS.items()
                if name.startswith(incomplete)
            ),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lenet")
def _lenet() -> None:
    """Train LeNet in seconds, look inside it, and classify pictures with it."""


def main() -> NoReturn:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        # A letter that the terminal's encoding lacks is printed as "?" instead of stopping.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        with end_by_exception() as was_stopped:
            try:
                code = _run()
            except Exception:
                if not was_stopped():
                    raise
                _complain("interrupted")
                code = 130
    except KeyboardInterrupt:  # while the last message was printed
        code = 130
    sys.exit(code)


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
        _complain(visible(f"{error.format_message()} (see '{path} --help')"))
    except LenetError as error:
        _complain(str(error))
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted")
        return 130
    except _ReaderLeft:
        # Nothing is left to be flushed into the pipe when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as error:
        return _code_of(error)
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "lenet"):  # a defect of this package
            raise
        _complain(_missing(name))
    except MemoryError as error:
        _complain(str(not_enough(error)))
    except OSError as error:
        _complain(visible(f"{error.filename or 'writing'}: {error.strerror or error}"))
    return 2


def _code_of(error: SystemExit) -> int:
    """Return the exit code, as Python itself would."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code
    _complain(str(error.code))
    return 1


def _complain(text: str) -> None:
    click.echo(visible(f"lenet: {text}", lines=True), err=True)
