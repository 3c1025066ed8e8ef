"""``lenet compare``: train and compare LeNet and other classifiers on the same data."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.box import SIMPLE_HEAD
from rich.status import Status
from rich.table import Table

from lenet.cli import completion
from lenet.cli.loading import pixels_option
from lenet.cli.output.console import DataProgress, echo, safe_console, shown
from lenet.evaluation.compare.comparison import Comparison, ComparisonCallbacks
from lenet.files import write_json
from lenet.interactive.compare import PICTURE, RESULTS, RUNS, write_results
from lenet.pictures.pixel_range import PixelRange

if TYPE_CHECKING:  # at run time it is imported when needed
    from lenet.evaluation.compare.contestants import Contestant


@click.command("compare")
@click.argument("data", required=False, default="fashion-mnist", shell_complete=completion.data)
@click.option("--quick", is_flag=True, help="Train on 10,000 images: minutes instead of an hour.")
@click.option("--only", metavar="NAME,...", help="Compare only these classifiers.")
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**32 - 1),
    default=0,
    show_default=True,
    help="Seed of the random numbers.",
)
@pixels_option
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write results to DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    data: str,
    quick: bool,
    only: str | None,
    seed: int,
    pixels: PixelRange,
    out: Path | None,
    as_json: bool,
) -> None:
    """Train LeNet and other classifiers on DATA; compare error, size, computation and time.

    DATA is what 'lenet train' takes. The classifiers are lenet, modern, lecun1998, mlp-77, mlp-524,
    svm-rbf, svm-poly4, knn, logistic and forest. Each result is saved at once, so that an
    interruption loses only the current one.
    """
    from lenet.data import load_data
    from lenet.evaluation.compare.compare import QUICK_IMAGES, compare
    from lenet.evaluation.compare.contestants import CONTESTANTS, contestants_named

    chosen = CONTESTANTS
    if only is not None:
        chosen = contestants_named([name.strip() for name in only.split(",")])

    from lenet.training.run import create_folder

    with DataProgress(quiet=as_json) as callbacks:
        dataset = load_data(data, seed=seed, callbacks=callbacks, pixels=pixels)
    folder = create_folder(out, RUNS, f"compare-{dataset.name}{'-quick' if quick else ''}")
    try:
        with _Progress(folder, quiet=as_json) as progress:
            comparison = compare(dataset, chosen, seed, progress, QUICK_IMAGES if quick else None)
    except KeyboardInterrupt:
        if (folder / RESULTS).is_file():
            echo(f"lenet: the results so far are in {shown(folder / RESULTS)}", err=True)
        raise
    finally:
        with suppress(OSError):
            folder.rmdir()  # succeeds only if the folder has no results
    write_results(folder, comparison)
    if as_json:
        click.echo(json.dumps(comparison.to_json()))
    else:
        _print(comparison)
        echo(f"results in {shown(folder)}, picture in {shown(folder / PICTURE)}")


class _Progress(ComparisonCallbacks):
    """Saves each result and prints one line for it. It is a context manager."""

    def __init__(self, folder: Path, quiet: bool) -> None:
        self._folder = folder
        self._console = safe_console(stderr=True, quiet=quiet)
        self._status = Status("", console=self._console)
        self._title = ""
        self._started = 0.0

    def __enter__(self) -> "_Progress":
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._status.stop()

    def on_start(self, contestant: "Contestant") -> None:
        """Show which classifier is being trained."""
        self._title = contestant.title
        self._started = time.perf_counter()
        self._status.update(f"{contestant.title} …")

    def on_result(self, comparison: Comparison) -> None:
        """Save the results so far, and print the last one."""
        write_json(self._folder / RESULTS, comparison.to_json())
        last = comparison.results[-1]
        self._console.print(
            f"{self._title}: {last.error:.2%} of {last.images:,} test images wrong, "
            f"{last.train_seconds:,.1f} s of training, "
            f"{time.perf_counter() - self._started:,.1f} s in total",
            soft_wrap=True,
        )


def _print(comparison: Comparison) -> None:
    from lenet.report.compare_table import LEGEND, conditions, short_cells

    headings, rows = short_cells(comparison)
    table = Table(box=SIMPLE_HEAD, padding=0, collapse_padding=True, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = safe_console()
    console.print(table)
    console.print(LEGEND, conditions(comparison), sep="\n", soft_wrap=True)
