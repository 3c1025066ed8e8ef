"""Finishes a run: measures the trained network, and writes the report and ``metrics.json``."""

from collections.abc import Callable

from lenet.data import Split
from lenet.training.run import Run


def finish(result: Run, test: Split, total_seconds: Callable[[], float]) -> float:
    """Measure a trained network on `test`, and complete its run folder.

    Parameters
    ----------
    total_seconds
        Returns the time of the whole work so far; called after the report is written.

    Returns
    -------
    The seconds that `total_seconds` gave.

    Raises
    ------
    LenetError
        The network's scores are infinite or NaN.
    OSError
        The folder cannot be written.
    """
    from lenet.evaluation import evaluate
    from lenet.report import write_report

    evaluation = evaluate(result.artifact, test)
    if result.metrics["test_accuracy"] is None:  # it was stopped within an epoch
        result.metrics["test_accuracy"] = evaluation.accuracy
    result.metrics["calibration_error"] = evaluation.calibration_error
    result.metrics["rejected_at_half_percent"] = evaluation.rejected_at_half_percent
    metrics = result.metrics if result.history else None
    write_report(result.folder, result.artifact, test, evaluation, result.history, metrics)
    total = total_seconds()
    result.save_metrics(total)
    return total
