"""``lenet summary``: print a network's layers with their shapes and counts."""

from pathlib import Path

import click
from rich.table import Table

from lenet import weights
from lenet.cli.output.tables import compact_table, print_table
from lenet.errors import LenetError
from lenet.networks import NETWORKS, TITLES, Network, network_named
from lenet.networks.checks import Shape


@click.command("summary")
@click.argument("model", default="lenet")
def command(model: str) -> None:
    """Print the layers of MODEL, from the input to the output.

    MODEL is the name of a network, such as 'lenet5', or of a trained network that comes with lenet,
    such as 'digits', or a run folder. The members of an ensemble are printed one after another.

    A shape is channels × height × width, or the number of units. Connections are counted as in the
    papers: each weight at each place where it is used, and each unit's bias.
    """
    networks = _networks(model)
    for number, network in enumerate(networks, start=1):
        title = TITLES.get(network.name)
        if len(networks) > 1:  # a member's layers may differ from those of the network of its name
            title = f"Member {number} of {len(networks)}"
        print_table(_table(network, title))


def _table(network: Network, title: str | None) -> Table:
    words = (title, f"network {network.name}", f"input {_shape(network.input_shape)}")
    table = compact_table(", ".join(filter(None, words)))
    table.add_column("layer", no_wrap=True)
    table.add_column("what it does")
    for heading in ("output shape", "parameters", "connections", "multiply-\naccumulates"):
        table.add_column(heading, justify="right", no_wrap=True)
    for stage in network.stages():
        counts = (stage.parameters, stage.connections, stage.multiply_accumulates)
        table.add_row(
            stage.layer.name,
            stage.layer.label,
            _shape(stage.output_shape),
            *(f"{count:,}" if count else "–" for count in counts),
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
        raise LenetError(f"{error} There is no run folder of that name either.") from error


def _shape(shape: Shape) -> str:
    return " × ".join(map(str, shape))
