"""Holds the runs of several seeds, and their statistics."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lenet import drawing
from lenet.files import write_json
from lenet.interactive.run import Run

SEEDS = "seeds.json"
_MEASURED = ("train_loss", "train_accuracy", "test_accuracy", "train_seconds")


@dataclass(frozen=True)
class Statistics:
    """The mean, standard deviation (of a sample; None for one value), least and greatest value.

    Examples
    --------
    >>> statistics_of([0.7, 0.8, 0.9])
    Statistics(mean=0.8, sd=0.1, least=0.7, greatest=0.9)
    """

    mean: float
    sd: float | None
    least: float
    greatest: float


def statistics_of(values: Sequence[float]) -> Statistics:
    """Return the statistics of at least one value, rounded to twelve digits."""
    sd = round(statistics.stdev(values), 12) if len(values) > 1 else None
    return Statistics(round(statistics.fmean(values), 12), sd, min(values), max(values))


@dataclass(frozen=True, eq=False)
class Runs:
    """The runs of several seeds; ``lenet.train(..., seeds=...)`` returns it.

    Parameters
    ----------
    runs
        One run for each seed that was trained, in the order given.
    folder
        The folder that holds ``seeds.json`` and a run folder for each seed.

    Examples
    --------
    >>> import lenet, numpy, tempfile
    >>> images = numpy.random.default_rng(0).integers(0, 256, (40, 28, 28), numpy.uint8)
    >>> data, folder = (images, numpy.arange(40) % 2), tempfile.mkdtemp()
    >>> runs = lenet.train(data, seeds=range(2), epochs=1, quiet=True, folder=folder)
    >>> len(runs), runs[1].metrics["seed"], sorted(runs.statistics)[0]
    (2, 1, 'test_accuracy')
    """

    runs: tuple[Run, ...]
    folder: Path

    def __len__(self) -> int:
        return len(self.runs)

    def __getitem__(self, place: int) -> Run:
        return self.runs[place]

    def __iter__(self) -> Iterator[Run]:
        return iter(self.runs)

    @property
    def metrics(self) -> list[Mapping[str, Any]]:
        """The metrics of each run; ``pandas.DataFrame(runs.metrics)`` makes a table of them."""
        return [run.metrics for run in self.runs]

    @property
    def statistics(self) -> dict[str, Statistics]:
        """Mean, standard deviation, least and greatest of each measured value."""
        return {name: statistics_of([row[name] for row in self.metrics]) for name in _MEASURED}

    def save(self) -> None:
        """Write ``seeds.json`` into the folder."""
        table = {
            "seeds": [row["seed"] for row in self.metrics],
            "statistics": {name: asdict(one) for name, one in self.statistics.items()},
            "runs": [{**run.metrics, "folder": run.folder.name} for run in self.runs],
        }
        write_json(self.folder / SEEDS, table)

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return headings and rows: a measured value, mean ± sd, least, greatest."""
        seeds = f"n = {len(self)}"
        rows = [
            [
                name.replace("_", " "),
                f"{one.mean:.4f}" + ("" if one.sd is None else f" ± {one.sd:.4f}"),
                f"{one.least:.4f}",
                f"{one.greatest:.4f}",
            ]
            for name, one in self.statistics.items()
        ]
        return [seeds, "mean ± sd", "least", "greatest"], rows

    def __repr__(self) -> str:
        return drawing.text_table(*self.table()) + f"\nin {self.folder}"

    def _repr_html_(self) -> str:
        return drawing.html_table(*self.table()) + drawing.html_line(f"in {self.folder}")
