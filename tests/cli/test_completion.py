"""What the shell offers after the tab key: commands, and names of networks, data and recipes."""

import os
import shutil
from unittest import mock

import pytest
from tests.cli.command import lenet

from lenet import weights
from lenet.data.catalog import CATALOG
from lenet.networks import NETWORKS
from lenet.training.recipes import RECIPES


def offered(line: str, shell: str = "fish") -> tuple[list[str], set[str]]:
    """Return the words that complete a line, and the kinds of paths the shell shall complete."""
    words = line.split(" ")
    environment = {
        "_LENET_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
    }
    with mock.patch.dict(os.environ, environment):
        done = lenet()
    assert (done.returncode, done.stderr) == (0, "")
    rows = [row.partition("\t")[0].split(",", 1) for row in done.stdout.split("\n") if row]
    if shell == "bash":  # what it gets for paths empties the list, so it must come first
        kinds = [kind for kind, _ in rows]
        assert "plain" not in kinds[: sum(kind != "plain" for kind in kinds)]
    names = [value for kind, value in rows if kind == "plain"]
    return names, {kind for kind, _ in rows if kind != "plain"}


@pytest.mark.parametrize(
    ("line", "names", "paths"),
    [
        ("lenet s", ["summary", "serve"], set[str]()),
        ("lenet summary di", ["digits", "digits-record"], {"dir"}),
        ("lenet summary lenet", [n for n in (*NETWORKS, "lenet5", "lenet-5") if "lenet" in n],
         {"dir"}),
        ("lenet evaluate fash", ["fashion"], {"dir"}),
        ("lenet evaluate fashion fash", ["fashion-mnist"], {"file"}),
        ("lenet probe d2", ["d2l"], {"dir"}),
        ("lenet predict ch", ["chapter"], {"file"}),
        ("lenet predict chapter ch", [], {"file"}),
        ("lenet read --reader re", ["reader"], {"dir"}),
        ("lenet train ", [*CATALOG, "reader"], {"file"}),
        ("lenet train mnist --recipe ch", [n for n in RECIPES if n.startswith("ch")], set[str]()),
        ("lenet train --model lenet5", ["lenet5"], set[str]()),
        ("lenet train --from digits-", ["digits-record"], {"dir"}),
        ("lenet train --engine na", ["native"], set[str]()),
        ("lenet compare kmn", ["kmnist"], {"file"}),
        ("lenet data fetch qm", ["qmnist"], set[str]()),
        ("lenet data fetch nothing", [], set[str]()),
    ],
)  # fmt: skip
def test_names_are_completed(line: str, names: list[str], paths: set[str]) -> None:
    assert offered(line) == (names, paths)
    assert offered(line, "bash") == (names, paths)


def test_every_command_and_shipped_network_is_offered() -> None:
    from lenet.cli.main import (
        _COMMANDS,  # pyright: ignore[reportPrivateUsage] the list under test
    )

    assert offered("lenet ")[0] == list(_COMMANDS)
    assert set(weights.names()) <= set(offered("lenet evaluate ")[0])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_of_the_guide_prints_a_script_for_the_shell(shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")
    with mock.patch.dict(os.environ, {"_LENET_COMPLETE": f"{shell}_source"}):
        done = lenet()
    assert done.returncode == 0
    assert f"_LENET_COMPLETE={shell}_complete" in done.stdout
