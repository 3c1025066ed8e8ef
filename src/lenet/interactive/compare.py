"""Compares classifiers from Python: `lenet.compare` does what the command of the same name does."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lenet import drawing
from lenet.data import Dataset, load_data
from lenet.data.load import DataLike
from lenet.evaluation.compare.comparison import Comparison, ComparisonCallbacks
from lenet.files import write_json, write_text
from lenet.pictures.pixel_range import PixelRange

if TYPE_CHECKING:
    from lenet.report.shown_figure import ShownFigure

RUNS = Path("runs")
RESULTS, TABLE, PICTURE = "compare.json", "compare.md", "compare.png"


@dataclass(frozen=True, eq=False)
class Compared:
    """Classifiers that were trained and measured on the same data; `lenet.compare` returns it.

    Parameters
    ----------
    comparison
        All results and their conditions.
    folder
        The folder with ``compare.json``, ``compare.md`` and ``compare.png``.
    """

    comparison: Comparison
    folder: Path

    @property
    def table(self) -> list[dict[str, Any]]:
        """The results, one dictionary a classifier; ``pandas.DataFrame`` makes a table of them."""
        return list(self.comparison.to_json()["results"])

    def plot(self) -> "ShownFigure":
        """Return the picture of the comparison as a matplotlib figure."""
        from lenet.report.compare import picture

        return picture(self.comparison)

    def __repr__(self) -> str:
        from lenet.report.compare_table import conditions, short_cells

        return (
            drawing.text_table(*short_cells(self.comparison)) + "\n" + conditions(self.comparison)
        )

    def _repr_html_(self) -> str:
        from lenet.report.compare_table import conditions, short_cells

        table = drawing.html_table(*short_cells(self.comparison))
        return table + drawing.html_line(conditions(self.comparison))


def compare(
    data: DataLike = "fashion-mnist",
    only: Sequence[str] | None = None,
    seed: int = 0,
    quick: bool = False,
    folder: str | Path | None = None,
    pixels: PixelRange = "auto",
    quiet: bool = False,
) -> Compared:
    """Train LeNet and other classifiers on the same data; compare error, size, work and time.

    Parameters
    ----------
    data
        What `lenet.load_data` takes, or a `Dataset`.
    only
        Names of classifiers, such as ``["lenet", "logistic"]``; by default all, which takes an hour
        on 60,000 images.
    seed
        Seed of the random numbers.
    quick
        Train on 10,000 images.
    folder
        Where to write the results; by default ``runs/compare-DATA``.
    pixels
        The range of the pixels of arrays.
    quiet
        True prints nothing.

    Raises
    ------
    LenetError
        The data cannot be loaded, or a classifier's name is unknown or does not fit the data.
    ModuleNotFoundError
        scikit-learn is needed and not installed.

    Examples
    --------
    >>> import lenet
    >>> lenet.compare("mnist", only=["lenet", "logistic"], quick=True)  # doctest: +SKIP
    >>> lenet.compare("mnist", only=["lnet"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lenet.errors.LenetError: no classifier is called 'lnet'; ... Did you mean 'lenet'?
    """
    from lenet.evaluation.compare.compare import QUICK_IMAGES
    from lenet.evaluation.compare.compare import compare as run
    from lenet.evaluation.compare.contestants import CONTESTANTS, contestants_named
    from lenet.training.run import create_folder

    chosen = CONTESTANTS if only is None else contestants_named(list(only))
    dataset = data if isinstance(data, Dataset) else load_data(data, seed=seed, pixels=pixels)
    name = f"compare-{dataset.name}{'-quick' if quick else ''}"
    into = create_folder(None if folder is None else Path(folder), RUNS, name)
    try:
        comparison = run(
            dataset, chosen, seed, _Saving(into, quiet), QUICK_IMAGES if quick else None
        )
    finally:
        with suppress(OSError):
            into.rmdir()  # succeeds only if the folder has no results
    write_results(into, comparison)
    return Compared(comparison, into)


def write_results(folder: Path, comparison: Comparison) -> None:
    """Write the table and the picture of a comparison into its folder."""
    from lenet.report.compare import write_picture
    from lenet.report.compare_table import markdown

    write_text(folder / TABLE, markdown(comparison) + "\n")
    write_picture(folder / PICTURE, comparison)


class _Saving(ComparisonCallbacks):
    """Saves each result at once, and prints a line for it."""

    def __init__(self, folder: Path, quiet: bool) -> None:
        self._folder = folder
        self._quiet = quiet

    def on_result(self, comparison: Comparison) -> None:
        write_json(self._folder / RESULTS, comparison.to_json())
        last = comparison.results[-1]
        if not self._quiet:
            print(f"{last.name}: {last.error:.2%} of {last.images:,} test images wrong")
