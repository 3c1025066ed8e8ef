"""Keeps the parameters of the epoch with the most correct validation images."""

from collections.abc import Callable, Mapping

from lenet.engine.checks import Floats
from lenet.training.progress import Progress
from lenet.training.weights import Weights


def keeping_best(
    accuracy: Callable[[], float],
    test_accuracy: Callable[[], float],
    progress: Progress,
    weights: Weights,
    keep: Callable[[Mapping[str, Floats]], None],
) -> Callable[[], float]:
    """Return what measures an epoch at its end, and keeps its parameters if it is the best so far.

    Parameters
    ----------
    accuracy, test_accuracy
        Measure the current weights, on the validation and on the test images.
    progress
        Receives the number and the accuracy of the best epoch.
    keep
        Receives a copy of the best parameters.

    Returns
    -------
    A function that returns the accuracy on the test images.
    """

    def measured() -> float:
        if (found := accuracy()) > progress.best_accuracy:
            progress.best_epoch, progress.best_accuracy = progress.epoch + 1, found
            keep({name: value.copy() for name, value in weights.arrays().items()})
        return test_accuracy()

    return measured
