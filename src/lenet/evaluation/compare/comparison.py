"""Holds the results of a comparison of classifiers.

The results are stored as JSON. All tables and pictures are made from them alone.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lenet.calibration.interval import wilson_interval
from lenet.data.catalog import CATALOG
from lenet.evaluation.reject import REJECT_ERROR

if TYPE_CHECKING:
    from lenet.evaluation.compare.contestants import Contestant


@dataclass(frozen=True)
class Result:
    """The measurements of one classifier.

    Parameters
    ----------
    wrong, images
        The numbers of test images answered wrong, and of all test images.
    parameters, multiply_accumulates, comparisons
        As in `lenet.evaluation.compare.classifiers.Cost`.
    epochs
        Passes over the training images; None if the classifier is not a network.
    train_seconds
        The time of training alone.
    prediction_seconds
        Per image, in one pass over all test images, from their bytes to scores.
    rejected
        The smallest share of test images to reject for the error rate `REJECT_ERROR` among the
        others; None if no share is enough.
    computed_by
        The software that trained it, and the software that answered if that is another.
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
        """The error rate on the test images."""
        return self.wrong / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval of `error`."""
        return wilson_interval(self.wrong, self.images)


@dataclass(frozen=True)
class Comparison:
    """All results of a comparison, and its conditions.

    `data` is the data set's name, and `source` what it was loaded from (`lenet.data.Dataset`).
    """

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
        """The data set's name as people write it."""
        return CATALOG[self.source].title if self.source in CATALOG else self.data

    @property
    def like_the_paper(self) -> bool:
        """Whether the 1998 paper has figures for these test images."""
        return self.source == "mnist"

    def to_json(self) -> dict[str, Any]:
        """Return plain values for `from_json`, with the error rates and their intervals added."""
        rows = [
            {**asdict(one), "error": one.error, "error_interval": list(one.interval)}
            for one in self.results
        ]
        return {**asdict(self), "reject_error": REJECT_ERROR, "results": rows}

    @classmethod
    def from_json(cls, table: dict[str, Any]) -> "Comparison":
        """Build a comparison from the values that `to_json` returns."""
        derived = ("error", "error_interval")
        rows = [{k: v for k, v in row.items() if k not in derived} for row in table["results"]]
        own = {k: v for k, v in table.items() if k not in ("reject_error", "results")}
        return cls(**own, results=tuple(Result(**row) for row in rows))


class ComparisonCallbacks:
    """Receives the start and the result of each classifier.

    This class ignores them; a subclass overrides the methods it needs.
    """

    def on_start(self, contestant: "Contestant") -> None:
        """Handle the start of a classifier's training."""

    def on_result(self, comparison: Comparison) -> None:
        """Handle a new result, the last one of `comparison`."""
