"""Shows a network's layers with their shapes and counts: what ``lenet summary`` prints."""

from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from lenet import drawing, weights
from lenet.errors import LenetError
from lenet.networks import NETWORKS, TITLES, Network, network_named
from lenet.networks.checks import Shape
from lenet.visible import visible

if TYPE_CHECKING:
    from rich.table import Table

HEADINGS = ("layer", "what it does", "output shape", "parameters", "connections")
_WORK = "multiply-\naccumulates"


@dataclass(frozen=True)
class Summary:
    """The layers of a network, or of the members of an ensemble; printed, it is a table.

    Parameters
    ----------
    networks
        The network; or the members, one after another.

    Examples
    --------
    >>> import lenet
    >>> lenet.summary("lenet5").networks[0].parameters
    60000
    """

    networks: tuple[Network, ...]

    def tables(self) -> "list[Table]":
        """Return one table for each network, for rich."""
        return [
            rich_table(network, self._title(number, network))
            for number, network in enumerate(self.networks, start=1)
        ]

    def _title(self, number: int, network: Network) -> str:
        title = TITLES.get(network.name)
        if len(self.networks) > 1:  # a member's layers may differ from the network of its name
            title = f"Member {number} of {len(self.networks)}"
        words = (title, f"network {visible(network.name)}", f"input {_shape(network.input_shape)}")
        return ", ".join(filter(None, words))

    def __repr__(self) -> str:
        from lenet.interactive.tables import safe_console

        text = StringIO()
        console = safe_console(file=text, width=120, color_system=None)
        for table in self.tables():
            console.print(table)
        return "\n".join(line.rstrip() for line in text.getvalue().rstrip().splitlines())

    def _repr_html_(self) -> str:
        headings = (*HEADINGS, _WORK.replace("-\n", "-"))
        return "".join(
            drawing.html_line(self._title(number, network))
            + drawing.html_table(headings, [*rows(network), total(network)], left=2)
            for number, network in enumerate(self.networks, start=1)
        )


def summary(model: str | Path | Network = "lenet") -> Summary:
    """Return the layers of a network, with their shapes and counts.

    Parameters
    ----------
    model
        The name of a network, such as ``"lenet5"``, or of a trained network that comes with lenet,
        such as ``"digits"``; a run folder; or a `Network`.

    Raises
    ------
    LenetError
        There is no such network and no such folder.

    Examples
    --------
    >>> import lenet
    >>> print(str(lenet.summary("lenet5")).splitlines()[0])
    LeNet-5 (1998), network lecun1998, input 1 × 28 × 28
    """
    if isinstance(model, Network):
        return Summary((model,))
    if isinstance(model, str) and model in NETWORKS:
        return Summary((network_named(model)(),))
    if Path(model).is_dir() or (isinstance(model, str) and model in weights.names()):
        from lenet.artifact import find, load_configs

        return Summary(tuple(config.network for _, config in load_configs(find(model))))
    try:
        return Summary((network_named(str(model))(),))
    except LenetError as error:
        raise LenetError(f"{error} There is no run folder of that name either.") from error


def rich_table(network: Network, title: str) -> "Table":
    """Return a network's layers as a table without frames."""
    from lenet.interactive.tables import compact_table

    table = compact_table(title)
    table.add_column("layer", no_wrap=True)
    table.add_column("what it does")
    for heading in (*HEADINGS[2:], _WORK):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows(network):
        table.add_row(*row)
    table.add_section()
    table.add_row(*total(network))
    return table


def rows(network: Network) -> list[list[str]]:
    """Return the cells of each layer."""
    return [
        [
            visible(stage.layer.name),
            stage.layer.label,
            _shape(stage.output_shape),
            *(
                f"{count:,}" if count else "–"
                for count in (stage.parameters, stage.connections, stage.multiply_accumulates)
            ),
        ]
        for stage in network.stages()
    ]


def total(network: Network) -> list[str]:
    """Return the cells of the last row."""
    totals = (network.parameters, network.connections, network.multiply_accumulates)
    return ["total", "", "", *(f"{count:,}" for count in totals)]


def _shape(shape: Shape) -> str:
    return " × ".join(map(str, shape))
