"""``lenet summary``: a network's layers in the order data flows."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from lenet import weights
from lenet.errors import LenetError
from lenet.networks import NETWORKS, Network, network_named


@click.command("summary")
@click.argument("model", default="lenet")
def command(model: str) -> None:
    """Print the layers of MODEL: a network's name, a run folder, or a name such as 'digits'.

    Output shapes are (channels, height, width) for one image, after the batch of 1. Connections
    are counted as the papers do: every weight at every place, and every unit's bias. Of a reader
    of numbers all networks are shown that are asked together.
    """
    for network in _networks(model):
        Console(width=None if Console().is_terminal else 110).print(_table(network))


def _table(network: Network) -> Table:
    table = Table(
        title=f"{network.name}: input {_shape(network.input_shape)}", title_justify="left"
    )
    table.add_column("layer")
    table.add_column("what it does")
    table.add_column("output shape")
    table.add_column("parameters", justify="right")
    table.add_column("connections", justify="right")
    table.add_column("multiply-\naccumulates", justify="right")
    for stage in network.stages():
        table.add_row(
            stage.layer.name,
            stage.layer.label,
            _shape(stage.output_shape),
            _count(stage.parameters),
            _count(stage.connections),
            _count(stage.multiply_accumulates),
        )
    table.add_section()
    totals = (network.parameters, network.connections, network.multiply_accumulates)
    table.add_row("total", "", "", *(f"{total:,}" for total in totals))
    return table


def _networks(model: str) -> list[Network]:
    if model in NETWORKS:
        return [network_named(model)()]
    if Path(model).is_dir() or model in weights.names():
        from lenet.artifact import find, load_configs

        return [config.network for _, config in load_configs(find(model))]
    try:
        return [network_named(model)()]
    except LenetError as error:
        raise LenetError(f"{error} A run folder of that name is not here either.") from error


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, (1, *shape)))})"


def _count(number: int) -> str:
    return f"{number:,}" if number else "–"
