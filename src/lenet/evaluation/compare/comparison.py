"""What a comparison of classifiers measured: one record a classifier, and on what.

Raw results are these records as JSON; tables and pictures are made from them alone.
"""

from dataclasses import asdict, dataclass
from typing import Any

from lenet.calibration.interval import wilson_interval
from lenet.data.catalog import CATALOG

REJECT_ERROR = 0.005
"""The error rate among the accepted that the paper's Figure 10 asks for."""


@dataclass(frozen=True)
class Result:
    """What was measured of one classifier.

    Parameters
    ----------
    wrong, images
        Test images answered wrong, and all of them.
    parameters, multiply_accumulates, comparisons
        See `lenet.evaluation.compare.classifiers.Cost`.
    epochs
        Passes over the training images; None for what is no network.
    train_seconds
        Of training alone.
    prediction_seconds
        For one image, in one pass over all test images, from their bytes to scores.
    rejected
        Least share of the test images to reject for `REJECT_ERROR` among the others; None if no
        share is enough.
    computed_by
        What trained it, and what answered if that was something else.
    """

    name: str
    wrong: int
    images: int
    parameters: int
    multiply_accumulates: int | None
    comparisons: float | None
    epochs: int | None
    train_seconds: float
    prediction_seconds: float
    rejected: float | None
    computed_by: str

    @property
    def error(self) -> float:
        """Share of the test images answered wrong."""
        return self.wrong / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval of `error`."""
        return wilson_interval(self.wrong, self.images)


@dataclass(frozen=True)
class Comparison:
    """What was measured, and on what: `data` and `source` as `lenet.data.Dataset` has them."""

    data: str
    source: str
    train_images: int
    test_images: int
    seed: int
    machine: str
    threads: int
    versions: dict[str, str]
    results: tuple[Result, ...] = ()

    @property
    def title(self) -> str:
        """The data set's name for people."""
        return CATALOG[self.source].title if self.source in CATALOG else self.data

    @property
    def like_the_paper(self) -> bool:
        """Whether the 1998 paper has figures for these test images."""
        return self.source == "mnist"

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back, with error and interval for others."""
        rows = [
            {**asdict(one), "error": one.error, "error_interval": list(one.interval)}
            for one in self.results
        ]
        return {**asdict(self), "reject_error": REJECT_ERROR, "results": rows}

    @classmethod
    def from_json(cls, table: dict[str, Any]) -> "Comparison":
        """Build from what `to_json` returned."""
        derived = ("error", "error_interval")
        rows = [{k: v for k, v in row.items() if k not in derived} for row in table["results"]]
        own = {k: v for k, v in table.items() if k not in ("reject_error", "results")}
        return cls(**own, results=tuple(Result(**row) for row in rows))
