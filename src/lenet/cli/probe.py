"""``lenet probe``: measure and draw what a trained network has learned."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from lenet import weights
from lenet.cli import completion
from lenet.cli.loading import load_classifier, pixels_option
from lenet.cli.output.answer_lines import json_line
from lenet.cli.output.console import DataProgress, echo, safe_console, shown
from lenet.cli.output.tables import compact_table
from lenet.errors import LenetError
from lenet.files import write_json
from lenet.pictures.pixel_range import PixelRange
from lenet.visible import visible

if TYPE_CHECKING:  # at run time they are imported when needed, so that --help is quick
    from lenet.evaluation.probe.probe import Probe

RESULTS = "probe.json"
_QUICK = 2000
_MOST_IMAGES = 12
_TABLE_SHIFTS = (1, 2, 4)  # the table has room for these of the measured shifts


def _numbers(ctx: click.Context, param: click.Parameter, value: str | None) -> list[int] | None:
    if value is None:
        return None
    words = value.split(",")
    if not all(word.strip().isdecimal() for word in words) or len(words) > _MOST_IMAGES:
        raise click.BadParameter(
            f"{value!r} is not 1 to {_MOST_IMAGES} numbers of test images, as in 0,7,12.",
            ctx,
            param,
        )
    return [int(word) for word in words]


@click.command("probe")
@click.argument("run", shell_complete=completion.trained)
@click.argument("data", required=False, shell_complete=completion.data)
@click.option(
    "--images",
    callback=_numbers,
    metavar="N,N,...",
    help="Draw the feature maps of these test images, numbered from 0.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the results to DIR.  [default: RUN/probe, or probe-RUN]",
)
@pixels_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--quick", is_flag=True, help=f"Measure robustness on the first {_QUICK:,} test images only."
)
def command(
    run: str,
    data: str | None,
    images: list[int] | None,
    out: Path | None,
    pixels: PixelRange,
    as_json: bool,
    quick: bool,
) -> None:
    """Measure and draw what the network RUN has learned, on the labelled images of DATA.

    RUN is a run folder, or the name of a network that comes with lenet, such as 'digits'. DATA is
    what 'lenet evaluate' takes; by default the data that the network was trained on.

    The command measures the accuracy on shifted, rotated, scaled, noisy and partly covered images,
    compared with a fully connected network (MLP) of about the same size. It trains the MLP like the
    network, or uses one that it trained before. It measures whether feature maps move with the
    image, and which pixels each unit sees. It draws all this, the filters and the feature maps.
    """
    from lenet.data import load_data
    from lenet.evaluation.images_for import images_for, source_of, trained_on
    from lenet.evaluation.probe.mlp import comparable_mlp
    from lenet.evaluation.probe.probe import check, chosen_images, probe

    artifact = load_classifier(run)
    source = source_of(artifact, run, data)
    own = artifact.origin.get("data")
    folder = out or (Path(run) / "probe" if run not in weights.names() else Path(f"probe-{run}"))
    with DataProgress(quiet=as_json) as callbacks:
        test = images_for(artifact, source, callbacks, pixels)
        check(artifact, test)
        numbers = images if images is not None else chosen_images(test)
        if max(numbers) >= len(test):
            raise LenetError(
                f"{source} has {len(test):,} test images, numbered from 0; "
                f"there is no image {max(numbers)}"
            )
        origin, size = artifact.origin, artifact.network.input_shape[1:]
        if not isinstance(own, str) or trained_on(artifact, source):
            own = source
        else:
            pixels = origin.get("pixels", "auto")
        learned = load_data(own, (size[0], size[1]), origin.get("seed", 0), callbacks, pixels)
        folder.mkdir(parents=True, exist_ok=True)
        mlp, how = comparable_mlp(artifact, learned, folder / "mlp", callbacks)
        callbacks.on_message(how)
        result = probe(artifact, mlp, test, numbers, _QUICK if quick else None, callbacks)

    from lenet.report.probe import write_pictures

    pictures = write_pictures(folder, artifact, mlp, test, result)
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
        click.echo(json_line(table))
    else:
        _print(result)
        echo(f"pictures and {RESULTS} are in {shown(folder)}")


def _print(result: "Probe") -> None:
    units = sum(len(layer.units) for layer in result.fields)
    same = sum(layer.equal for layer in result.fields)
    console = safe_console()
    for part in (
        _robustness_table(result),
        _layers_table(result),
        f"field: width of the receptive field in pixels, the same by gradient for {same:,} of "
        f"{units:,} units\n"
        "stride: pixels from the field of one unit to the field of the next\n"
        "moved 1: difference between the maps of an image shifted by 1 pixel, and the maps\n"
        "  of the image itself, also shifted (0: equivariant)\n"
        "fixed 1: the same without shifting the maps (0: invariant; 1: as for constant maps)",
    ):
        console.print(part, soft_wrap=isinstance(part, str))
        console.print()


def _robustness_table(result: "Probe") -> Table:
    most = max(len(change.levels) for change in result.robustness)
    title = f"accuracy on {result.images:,} changed test images"
    table = compact_table(title, [""] * (1 + most))
    table.show_header = False
    for change in result.robustness:
        levels = [f"{level:g}" for level in change.levels]
        table.add_row(change.name, *levels, style="bold")
        for name, accuracy in change.accuracy.items():
            table.add_row(f"  {name}", *(f"{value:.0%}" for value in accuracy))
    return table


def _layers_table(result: "Probe") -> Table:
    fields = {layer.layer: layer for layer in result.fields}
    shifts = [f"{word}\n{d}" for word in ("moved", "fixed") for d in _TABLE_SHIFTS]
    title = f"layers, with {result.shifted_images} shifted images"
    table = compact_table(title, ["layer", "field", "stride", *shifts])
    for layer in result.equivariance:
        place = fields[layer.layer].geometry
        table.add_row(
            visible(layer.layer),
            str(place.size) if place else "all",
            str(place.jump) if place else "–",
            *_at(result.shifts, layer.equivariance),
            *_at(result.shifts, layer.invariance),
        )
    return table


def _at(shifts: Sequence[int], values: Sequence[float | None]) -> list[str]:
    found = [values[shifts.index(d)] for d in _TABLE_SHIFTS]
    return ["–" if value is None else f"{value:.2f}" for value in found]
