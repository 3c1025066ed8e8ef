"""Nothing that is sent to clients says where files are on this machine."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.serving.client import client_of

from lenet.artifact import load
from lenet.serving.api.paths import sentence_without_paths, without_paths
from lenet.serving.api.registry import Served


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"data": "/home/ann/my digits"}, {"data": "my digits"}),
        ({"data": "../ann/digits"}, {"data": "digits"}),
        ({"data": "ann/digits.npz"}, {"data": "digits.npz"}),
        ({"data": "C:\\Users\\ann\\digits"}, {"data": "digits"}),
        ({"data": "mnist", "sha": "ab/cd"}, {"data": "mnist", "sha": "ab/cd"}),
        ({"recipe": {"start": "/srv/run", "epochs": 3}}, {"recipe": {"start": "run", "epochs": 3}}),
        ({"from": ["~/a/b", "\\\\server\\c", 1, None]}, {"from": ["b", "c", 1, None]}),
    ],
)
def test_values(value: Any, shown: Any) -> None:
    assert without_paths(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ann/x.csv: no such file", "x.csv: no such file"),
        ("no 'C:\\Users\\ann\\x' here", "no 'x' here"),
        ("see ~/runs/x, or /tmp/y.", "see x, or y."),
        ("3/4 of http://example.org/a/b", "3/4 of http://example.org/a/b"),
        ("GET /", "GET /"),
    ],
)
def test_sentences(text: str, shown: str) -> None:
    assert sentence_without_paths(text) == shown


def test_a_run_gives_out_no_path(tmp_path: Path) -> None:
    run = tmp_path / "mine"
    run.mkdir()
    load("digits").save(run)
    config = json.loads((run / "config.json").read_text())
    config["origin"]["data"] = str(tmp_path / "private" / "digits")
    (run / "config.json").write_text(json.dumps(config))
    (run / "metrics.json").write_text("[")
    with client_of(Served([run])) as client:
        sent = client.get("/v1/models/mine/config.json")
        assert sent.json() == {**config, "origin": {**config["origin"], "data": "digits"}}
        for path in ("/v1/models/mine/config.json", "/v1/models", "/v1/runs/mine"):
            assert str(tmp_path) not in client.get(path).text
        # A file that changes is read again.
        (run / "config.json").write_text(json.dumps({**config, "origin": {}}))
        assert client.get("/v1/models/mine/config.json").json()["origin"] == {}
