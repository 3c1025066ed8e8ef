"""Terminals of other alphabets: a letter that the encoding lacks becomes "?", and nothing stops."""

import io
import os
import sys
from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from lenet.cli import main

COMMANDS = [
    *([name, "--help"] for name in (
        "train", "evaluate", "predict", "read", "summary", "compare", "probe", "data", "bench"
    )),
    ["--help"],
    ["summary"],
    ["summary", "lenet5"],
    ["data", "list"],
    ["predict", "--demo"],
    ["predict", "--demo", "--json"],
    ["predict", "--demo", "--csv"],
    ["predict", "digits", "größe–数字.png"],
    ["predict", "missing–数字.png"],
    ["predict", "digitß", "x.png"],
    ["train", "mnißt"],
    ["read", "--demo"],
    ["read", "--demo", "--json"],
    ["read", "--pattern", "数", "größe–数字.png"],
    ["evaluate", "数字"],
]  # fmt: skip


def output(encoding: str, words: list[str]) -> tuple[object, bytes, bytes]:
    """Call ``lenet WORDS`` with streams of an encoding that cannot print every letter."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, write_through=True) for _ in range(2))
    with (
        mock.patch.multiple(sys, stdout=out, stderr=err, argv=["lenet", *words]),
        mock.patch.dict(os.environ),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    texts = [stream.buffer.getvalue() for stream in (out, err)]  # pyright: ignore[reportAttributeAccessIssue] a BytesIO
    return ended.value.code, texts[0], texts[1]


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_every_command_prints_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    Image.new("L", (28, 28), 255).save(tmp_path / "größe–数字.png")
    for words in COMMANDS:
        code, out, err = output(encoding, words)
        # click takes ASCII for a system that says nothing, and writes UTF-8 there.
        text = (out + err).decode("utf-8" if encoding == "ascii" else encoding)
        assert code in (0, 2), (words, text)
        assert text.strip(), words
        assert "Traceback" not in text, (words, text)
        assert code == 0 or text.count("\n") == 1, (words, text)
