"""Holds a finished run: its network, its metrics, its curves and its folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lenet import drawing
from lenet.artifact import Artifact
from lenet.data import Dataset
from lenet.evaluation import Evaluation, evaluate
from lenet.training.progress import Epoch
from lenet.visible import visible

if TYPE_CHECKING:  # matplotlib is imported when something is drawn
    from lenet.report.shown_figure import ShownFigure


@dataclass(frozen=True, eq=False)
class Run:
    """A network that was trained, and how; `lenet.train` returns it.

    Parameters
    ----------
    network
        The trained network.
    metrics
        The values of ``metrics.json``: accuracies from 0 to 1, times in seconds.
    history
        For each epoch ``epoch``, ``train_loss``, ``train_accuracy``, ``test_accuracy`` and
        ``seconds``. ``pandas.DataFrame(run.history)`` makes a table of it.
    folder
        The run folder, for `lenet.load` and the commands.
    data
        The images that it was trained and measured on.
    interrupted
        True if it was stopped before its last epoch.
    stopped_by_user
        True if Ctrl-C stopped it.

    Examples
    --------
    >>> import lenet, numpy, tempfile
    >>> random = numpy.random.default_rng(0)
    >>> images = random.integers(0, 256, (40, 28, 28), numpy.uint8)
    >>> folder = tempfile.mkdtemp()
    >>> run = lenet.train((images, numpy.arange(40) % 2), epochs=1, quiet=True, folder=folder)
    >>> len(run.history), run.network.classes
    (1, ('0', '1'))
    """

    network: Artifact
    metrics: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    folder: Path
    data: Dataset = field(repr=False)
    interrupted: bool = False
    stopped_by_user: bool = False

    @cached_property
    def evaluation(self) -> Evaluation:
        """The network's answers to the test images."""
        return evaluate(self.network, self.data.test)

    def plot(self) -> "ShownFigure":
        """Return the curves of loss and accuracy as a matplotlib figure; a notebook shows it."""
        from lenet.report.figures import curves

        return curves([Epoch(**line) for line in self.history])

    def confusion(self) -> "ShownFigure":
        """Return the confusion matrix as a matplotlib figure; `evaluation` has its counts."""
        from lenet.report.figures import confusion

        return confusion(self.evaluation)

    def __repr__(self) -> str:
        metrics = self.metrics
        epochs = f"{metrics['epochs']} epoch{'' if metrics['epochs'] == 1 else 's'}"
        stopped = ", stopped early" if self.interrupted else ""
        return visible(
            f"Run {metrics['recipe']} on {self.data.name}, seed {metrics['seed']}: test accuracy "
            f"{metrics['test_accuracy']:.2%} after {epochs}, "
            f"{metrics['train_seconds']:.1f} s of training{stopped}; in {self.folder}"
        )

    def _repr_html_(self) -> str:
        return drawing.html_line(repr(self)) + drawing.curves(self.history)
