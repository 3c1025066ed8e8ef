"""``lenet evaluate``: a run's results, computed again from its artifact alone."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from lenet.artifact import load
from lenet.cli.output.console import DataNews
from lenet.cli.output.error_rate import ErrorShare
from lenet.data import load_data
from lenet.errors import LenetError
from lenet.evaluation import Evaluation, evaluate
from lenet.evaluation.accepted_errors import Accepted, accepted


@click.command("evaluate")
@click.argument("run")
@click.argument("data", required=False)
@click.option(
    "--reject-error",
    type=ErrorShare(),
    metavar="SHARE",
    help="Reject what the network is not sure of, for this share of wrong answers among the rest: "
    "0.5%, for instance.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write pictures and report.html there."
)
def command(
    run: str, data: str | None, reject_error: float | None, as_json: bool, out: Path | None
) -> None:
    """Measure the network RUN on the test images of DATA.

    RUN is a run folder, or a network that ships with the package, such as 'digits'.

    DATA is what 'lenet train' takes; by default, what the network was trained on.
    """
    artifact = load(run)
    if reject_error is not None:
        artifact.calibration.threshold(reject_error)  # where there is none, say so before the work
    source = data or artifact.origin.get("data")
    if not isinstance(source, str):
        raise LenetError(f"{run} does not say what it was trained on; name the data")
    seed = artifact.origin.get("seed", 0)
    with DataNews(quiet=as_json) as news:
        size = artifact.network.input_shape[1:]
        test = load_data(source, (size[0], size[1]), seed, news).test
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
            click.echo(_accepted_line(kept))


def _as_json(source: str, result: Evaluation, kept: Accepted | None) -> dict[str, object]:
    asked = (
        {
            "rejected": kept.rejected,
            "accepted_error": kept.error,
            "accepted_error_interval": kept.interval,
        }
        if kept is not None
        else {}
    )
    return {
        "data": source,
        "images": len(result.labels),
        "accuracy": result.accuracy,
        "calibration_error": result.calibration_error,
        "rejected_at_half_percent": result.rejected_at_half_percent,
        **asked,
        "classes": [
            {
                "name": row.name,
                "images": row.images,
                "precision": row.precision,
                "recall": row.recall,
            }
            for row in result.per_class
        ],
        "confusion": result.confusion.tolist(),
    }


def _print(source: str, result: Evaluation) -> None:
    console = Console(highlight=False)
    table = Table()
    table.add_column("class")
    for heading in ("images", "precision", "recall"):
        table.add_column(heading, justify="right")
    for row in result.per_class:
        table.add_row(row.name, f"{row.images:,}", _share(row.precision), _share(row.recall))
    console.print(table)
    console.print(
        f"test accuracy {result.accuracy:.2%} of {len(result.labels):,} images of {source}"
    )
    console.print(
        f"calibration error {result.calibration_error:.2%}, the mean distance of confidence from "
        "accuracy"
    )
    share = result.rejected_at_half_percent
    console.print(
        "no threshold leaves 0.5% error"
        if share is None
        else f"0.5% error is left when the least sure {share:.1%} are rejected"
    )


def _accepted_line(kept: Accepted) -> str:
    error, interval = kept.error, kept.interval
    if error is None or interval is None:
        return "the network's own threshold rejects all of them"
    return (
        f"the network's own threshold rejects {kept.rejected:.1%} and leaves {error:.2%} error, "
        f"{kept.wrong:,} of {kept.accepted:,} (95% interval "
        f"{100 * interval[0]:.2f}–{interval[1]:.2%})"
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
