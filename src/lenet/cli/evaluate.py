"""``lenet evaluate``: measure accuracy and calibration of a trained network on test images."""

import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import click

from lenet.cli import completion
from lenet.cli.loading import load_classifier, pixels_option
from lenet.cli.output.console import DataProgress, echo, safe_console
from lenet.cli.output.error_rate import ErrorRate
from lenet.cli.output.tables import compact_table
from lenet.evaluation import Evaluation, evaluate
from lenet.evaluation.accepted_errors import Accepted, accepted
from lenet.evaluation.images_for import images_for, source_of
from lenet.pictures.pixel_range import PixelRange
from lenet.visible import visible


@click.command("evaluate")
@click.argument("run", shell_complete=completion.trained)
@click.argument("data", required=False, shell_complete=completion.data)
@click.option(
    "--reject-error",
    type=ErrorRate(),
    help="Also apply the network's threshold for this error rate, such as 0.5%.",
)
@pixels_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write report.html and its pictures into DIR.",
)
def command(
    run: str,
    data: str | None,
    reject_error: float | None,
    pixels: PixelRange,
    as_json: bool,
    out: Path | None,
) -> None:
    """Measure the network RUN on the labelled images of DATA.

    RUN is a run folder, or the name of a network that comes with lenet, such as 'digits'.

    DATA is what 'lenet train' takes; by default the data that the network was trained on, of which
    the test images are used. Other data is used whole, unless it has test images of its own, and
    its pictures are prepared as by 'lenet predict'. Classes are matched by name; some may
    be missing.
    """
    if out is not None:  # imported first: what is missing is said before the work
        import_module("lenet.report")
    artifact = load_classifier(run)
    if reject_error is not None:
        artifact.calibration.threshold(reject_error)  # raises before any data is read
    source = source_of(artifact, run, data)
    with DataProgress(quiet=as_json) as callbacks:
        test = images_for(artifact, source, callbacks, pixels)
    result = evaluate(artifact, test)
    kept = None if reject_error is None else accepted(result, artifact.calibration, reject_error)
    if out is not None:
        from lenet.report import write_report

        out.mkdir(parents=True, exist_ok=True)
        write_report(out, artifact, test, result, data=source)
    if as_json:
        click.echo(json.dumps(_as_json(source, result, kept)))
    else:
        _print(source, result)
        if kept is not None:
            echo(_accepted_line(kept))


def _as_json(source: str, result: Evaluation, kept: Accepted | None) -> dict[str, object]:
    table: dict[str, object] = {
        "data": source,
        "images": len(result.labels),
        "accuracy": result.accuracy,
        "calibration_error": result.calibration_error,
        "rejected_at_half_percent": result.rejected_at_half_percent,
    }
    if kept is not None:
        table["rejected"] = kept.rejected
        table["accepted_error"] = kept.error
        table["accepted_error_interval"] = kept.interval
    table["classes"] = [asdict(row) for row in result.per_class]
    table["confusion"] = result.confusion.tolist()
    return table


def _print(source: str, result: Evaluation) -> None:
    console = safe_console()
    table = compact_table(headings=("class", "images", "precision", "recall"))
    for row in result.per_class:
        shares = ("–" if x is None else f"{x:.3f}" for x in (row.precision, row.recall))
        table.add_row(visible(row.name), f"{row.images:,}", *shares)
    console.print(table)
    console.print(
        f"\ntest accuracy {result.accuracy:.2%} on {len(result.labels):,} images of "
        f"{visible(source)}\n"
        f"expected calibration error {result.calibration_error:.2%} "
        "(mean distance of confidence from accuracy)"
    )
    share = result.rejected_at_half_percent
    if share is None:
        console.print("error rate 0.5% not reached at any threshold")
    elif share == 0:
        console.print("error rate 0.5% reached without rejecting any image")
    else:
        console.print(f"error rate 0.5% reached by rejecting the {share:.1%} least confident")


def _accepted_line(kept: Accepted) -> str:
    error, interval = kept.error, kept.interval
    if error is None or interval is None:
        return "the network's threshold rejects all images"
    return (
        f"the network's threshold rejects {kept.rejected:.1%}; error rate {error:.2%} among the "
        f"accepted, {kept.wrong:,} of {kept.accepted:,} "
        f"(95% interval {100 * interval[0]:.2f}–{interval[1]:.2%})"
    )
