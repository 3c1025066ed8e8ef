"""``lenet probe``: what convolution does, measured and drawn on a trained network."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from lenet import weights
from lenet.artifact import load
from lenet.cli.output.console import DataNews, shown
from lenet.data import Dataset, load_data
from lenet.errors import LenetError
from lenet.files import write_json

if TYPE_CHECKING:  # at run time they are imported when needed: torch takes a second
    from lenet.artifact import Artifact
    from lenet.evaluation.probe.probe import Probe

RESULTS = "probe.json"
_QUICK = 2000
_MOST_IMAGES = 12
_PICKED = (1, 2, 4)  # of the shifts, for the table


def _numbers(ctx: click.Context, param: click.Parameter, value: str | None) -> list[int] | None:
    if value is None:
        return None
    words = value.split(",")
    if not all(word.strip().isdecimal() for word in words) or len(words) > _MOST_IMAGES:
        raise click.BadParameter(
            f"{value!r} is not 1 to {_MOST_IMAGES} numbers of test images, as in 0,7,12.",
            ctx, param,
        )  # fmt: skip
    return [int(word) for word in words]


@click.command("probe")
@click.argument("run")
@click.argument("data", required=False)
@click.option(
    "--images", callback=_numbers, metavar="N,N,...",
    help="Test images whose feature maps are drawn, by number from 0.",
)  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to write.  [default: RUN/probe, or probe-RUN]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--quick", is_flag=True, help=f"Measure robustness on the first {_QUICK:,} test images only."
)
def command(
    run: str,
    data: str | None,
    images: list[int] | None,
    out: Path | None,
    as_json: bool,
    quick: bool,
) -> None:
    """Look into the network RUN with the test images of DATA.

    RUN is a run folder, or a network that ships with the package, such as 'digits'. DATA is what
    'lenet train' takes; by default, what the network was trained on. Measures how
    accuracy falls under shift, rotation, scale, noise and occlusion, beside a fully connected
    network of like size; whether feature maps move with the image; and what each unit sees. Draws
    these, the filters and the feature maps.
    """
    from lenet.evaluation.probe.mlp import mlp_beside
    from lenet.evaluation.probe.probe import check, chosen_images, probe

    artifact = load(run)
    own = artifact.origin.get("data")
    source = data or own
    if not isinstance(source, str):
        raise LenetError(f"{run} does not say what it was trained on; name the data")
    folder = out or (Path(run) / "probe" if run not in weights.names() else Path(f"probe-{run}"))
    with DataNews(quiet=as_json) as news:
        dataset = _load(artifact, source, news)
        check(artifact, dataset.test)
        numbers = images if images is not None else chosen_images(dataset.test)
        if max(numbers) >= len(dataset.test):
            raise LenetError(
                f"{source} has {len(dataset.test):,} test images, numbered from 0; "
                f"there is no number {max(numbers)}"
            )
        learned = dataset if own in (None, source) else _load(artifact, own, news)
        folder.mkdir(parents=True, exist_ok=True)
        mlp, how = mlp_beside(artifact, learned, folder / "mlp", news)
        news.line(how)
        result = probe(artifact, mlp, dataset.test, numbers, _QUICK if quick else None, news)

    from lenet.report.probe import write_pictures

    pictures = write_pictures(folder, artifact, mlp, dataset.test, result)
    table = {
        "run": run,
        "data": source,
        "network": artifact.network.name,
        "parameters": artifact.network.parameters,
        "mlp": how,
        **result.to_json(),
        "pictures": [str(path) for path in pictures],
    }
    write_json(folder / RESULTS, table)
    if as_json:
        click.echo(json.dumps(table, ensure_ascii=False))
    else:
        _print(result)
        click.echo(f"pictures and {RESULTS} are in {shown(folder)}")


def _load(artifact: "Artifact", source: str, news: DataNews) -> Dataset:
    size = artifact.network.input_shape[1:]
    return load_data(source, (size[0], size[1]), artifact.origin.get("seed", 0), news)


def _print(result: "Probe") -> None:
    console = Console(highlight=False)
    console.print(_robustness_table(result))
    console.print(_layers_table(result))
    places = sum(len(layer.units) for layer in result.fields)
    console.print(
        "field: pixels a side that a unit sees; the same by gradient for "
        f"{sum(layer.equal for layer in result.fields):,} of {places:,}\n"
        "moves d: difference to the maps moved along with an image shifted by d pixels;\n"
        "stays d: difference to the maps as they were (0: none, 1: as to constant maps)"
    )


def _robustness_table(result: "Probe") -> Table:
    most = max(len(change.levels) for change in result.robustness)
    table = Table(title=f"accuracy on {result.images:,} changed test images", show_header=False)
    table.add_column()
    for _ in range(most):
        table.add_column(justify="right")
    for change in result.robustness:
        levels = [f"{level:g}" for level in change.levels]
        table.add_row(change.name, *levels, style="bold")
        for name, accuracy in change.accuracy.items():
            table.add_row(f"  {name}", *(f"{value:.0%}" for value in accuracy))
        table.add_section()
    return table


def _layers_table(result: "Probe") -> Table:
    fields = {layer.layer: layer for layer in result.fields}
    table = Table(title=f"layers, under shifts of {result.shifted_images} images")
    table.add_column("layer")
    for heading in ("field", "every"):
        table.add_column(heading, justify="right")
    for word in ("moves", "stays"):
        for d in _PICKED:
            table.add_column(f"{word}\n{d}", justify="right")
    for layer in result.equivariance:
        place = fields[layer.layer].geometry
        table.add_row(
            layer.layer,
            str(place.size) if place else "all",
            str(place.jump) if place else "–",
            *_at(result.shifts, layer.equivariance),
            *_at(result.shifts, layer.invariance),
        )
    return table


def _at(shifts: Sequence[int], values: Sequence[float | None]) -> list[str]:
    found = [values[shifts.index(d)] for d in _PICKED]
    return ["–" if value is None else f"{value:.2f}" for value in found]
