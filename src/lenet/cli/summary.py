"""``lenet summary``: print a network's layers with their shapes and counts."""

import click

from lenet.cli import completion
from lenet.cli.output.tables import print_table
from lenet.interactive.summary import summary


@click.command("summary")
@click.argument("model", default="lenet", shell_complete=completion.model)
def command(model: str) -> None:
    """Print the layers of MODEL, from the input to the output.

    MODEL is the name of a network, such as 'lenet5', or of a trained network that comes with lenet,
    such as 'digits', or a run folder. The members of an ensemble are printed one after another.

    A shape is channels × height × width, or the number of units. Connections are counted as in the
    papers: each weight at each place where it is used, and each unit's bias.
    """
    for table in summary(model).tables():
        print_table(table)
