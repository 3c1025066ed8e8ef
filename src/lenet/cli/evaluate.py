"""``lenet evaluate``: a run's results, computed again from its artifact alone."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from lenet.artifact import load
from lenet.cli.console import DataNews
from lenet.data import load_data
from lenet.errors import LenetError
from lenet.evaluation import Evaluation, evaluate


@click.command("evaluate")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write pictures and report.html there."
)
def command(run: Path, data: str | None, as_json: bool, out: Path | None) -> None:
    """Measure the network in the run folder RUN on the test images of DATA.

    DATA is what 'lenet train' takes; by default, what the network was trained on.
    """
    artifact = load(run)
    source = data or artifact.origin.get("data")
    if not isinstance(source, str):
        raise LenetError(f"{run} does not say what it was trained on; name the data")
    seed = artifact.origin.get("seed", 0)
    with DataNews(quiet=as_json) as news:
        size = artifact.network.input_shape[1:]
        test = load_data(source, (size[0], size[1]), seed, news).test
    result = evaluate(artifact, test)
    if out is not None:
        from lenet.report import write_report

        out.mkdir(parents=True, exist_ok=True)
        write_report(out, artifact, test, result)
    if as_json:
        click.echo(json.dumps(_as_json(source, result)))
    else:
        _print(source, result)


def _as_json(source: str, result: Evaluation) -> dict[str, object]:
    return {
        "data": source,
        "images": len(result.labels),
        "accuracy": result.accuracy,
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


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
