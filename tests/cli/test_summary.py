from click.testing import CliRunner

from lenet.cli.summary import command
from lenet.training.reader_recipe import reader_members


def test_of_a_reader_all_networks_are_shown() -> None:
    shown = CliRunner().invoke(command, ["reader"])
    assert shown.exit_code == 0
    for network, _ in reader_members():
        assert f"{network.parameters:,}" in shown.output
        assert network.layers[0].label[:20] in shown.output
