"""What a terminal acts on is written as an escape, wherever a command prints a name."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.artifact import Artifact, load
from lenet.calibration.calibration import UNCALIBRATED
from lenet.errors import LenetError
from lenet.interactive.summary import summary
from lenet.networks import lenet_network
from lenet.visible import visible
from tests.cli.command import lenet
from tests.conftest import bars

# Names that rich, a terminal or matplotlib would act on.
BAD = {
    "markup": "[red]name[/red]",
    "closing markup": "[/bold]",
    "a link": "[link=https://example.com]name[/link]",
    "emoji": ":smile:",
    "a backslash": "\\[red]",
    "escape": "\x1b[2J\x1b]0;title\x07",
    "C1": "\x9b2Jname",
    "direction": "\u202ename\u2066",
    "bell and delete": "\x07\x7f\x08",
    "carriage return": "safe\rname",
    "line end": "one\nlenet: two",
    "separator": "one\u2028two",
    "mathematics": "$\\frac$",
    "percent": "100%s {0} {name}",
}
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def shown(name: str) -> str:
    """Return how a name is printed within one line."""
    return visible(name)


@pytest.mark.parametrize("kind", BAD)
def test_nothing_is_left_to_act_on_and_nothing_vanishes(kind: str) -> None:
    text = visible(BAD[kind])
    assert not ACTS.search(text)
    assert "\n" not in text
    if text != BAD[kind]:
        assert text.encode("ascii", "backslashreplace").decode("unicode_escape") == BAD[kind]


def run_of(name: str, folder: Path) -> Path:
    """Write an untrained network whose classes, layers, data and own name are `name`."""
    network = lenet_network(channels=(2, 2), hidden=(8,), classes=4)
    weights = {key: np.zeros(shape, np.float32) for key, shape in network.parameter_shapes.items()}
    classes = (name, "b", "c", "d")
    folder.mkdir()
    Artifact(network, weights, classes, calibration=UNCALIBRATED).save(folder)
    table = json.loads((folder / "config.json").read_text())
    table["network"]["name"] = name
    table["origin"] = {"data": name, "recipe": {"name": name}}
    (folder / "config.json").write_text(json.dumps(table))
    return folder


@pytest.mark.parametrize("kind", BAD)
def test_every_command_that_prints_a_name(kind: str, tmp_path: Path) -> None:
    name = BAD[kind]
    run = run_of(name, tmp_path / "run")
    split = bars(40, 4)
    labels = np.array([(name if k == 0 else "bcd"[k - 1]) for k in split.labels])
    safe = "\x07" not in name and not ACTS.search(name) and "\n" not in name
    np.savez(tmp_path / "a.npz", images=split.images, labels=labels)
    picture = tmp_path / f"{name.replace('/', '_')}.png"
    Image.fromarray(split.images[0]).save(picture)
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for words in (
        ["summary", run],
        ["predict", run, picture],
        ["predict", run, picture, "--json"],
        ["predict", run, picture.with_name("no" + picture.name)],
        ["evaluate", run],
        ["evaluate", run, "a.npz"],
        ["evaluate", name],
        ["probe", name],
        ["summary", name],
        ["train", name],
        ["train", "--recipe", name],
        ["train", "--model", name],
        ["train", "--resume", name],
        ["compare", "--only", name],
        ["data", "fetch", name],
        [name],
    ):
        done = lenet(*words)
        for text in (done.stdout, done.stderr):
            assert not ACTS.search(text), (words, text)
            assert "Traceback" not in text
    printed = lenet("summary", run).stdout
    assert shown(name) in printed
    if safe:  # other names are refused as names of classes
        printed = lenet("evaluate", run, "a.npz").stdout
        assert name in printed


@pytest.mark.parametrize("kind", BAD)
def test_python_prints_the_same(kind: str, tmp_path: Path) -> None:
    name = BAD[kind]
    artifact = load(run_of(name, tmp_path / "run"))
    for text in (repr(artifact), repr(artifact.network), repr(summary(tmp_path / "run"))):
        assert not ACTS.search(text)
        assert shown(name) in text
    assert not ACTS.search(str(LenetError(f"{name} is wrong")))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["escape", "C1", "direction", "markup"])
def test_a_terminal_gets_only_what_we_send(kind: str, tmp_path: Path) -> None:
    """A real terminal: tables in colour, without the sequences of the name."""
    pty = pytest.importorskip("pty")
    run = run_of(BAD[kind], tmp_path / "run")
    Image.fromarray(bars(4, 4).images[0]).save(tmp_path / "a.png")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "lenet", "predict", str(run), "a.png"],
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
    ) as process:
        process.wait()
    os.close(theirs)
    text = os.read(ours, 1 << 16).decode()
    for part in ("\x1b[2J", "\x1b]0", "\x9b", "\u202e", "\u2066"):
        assert part not in text
