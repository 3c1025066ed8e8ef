"""A network's name with a slip is noticed, and the default network does not answer in its place."""

from pathlib import Path

import pytest
from PIL import Image
from tests.cli.command import lenet

NOTHING = "there is no run, no picture and no folder called "


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs/modern-mnist").mkdir(parents=True)
    Path("runs/begun/checkpoint").mkdir(parents=True)
    Image.new("L", (28, 28), 255).save("img.png")
    Image.new("L", (28, 28), 255).save("scan", "PNG")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("runs/typo", f"{NOTHING}runs/typo, nor"),
        ("runs/typo/", f"{NOTHING}runs/typo/, nor"),
        ("runs/moder-mnist", "Did you mean 'runs/modern-mnist'?"),
        ("./typo", f"{NOTHING}./typo, nor"),
        ("/no/where", f"{NOTHING}/no/where, nor"),
        ("my-run", f"{NOTHING}my-run, nor"),
        ("runs/lr0.5", f"{NOTHING}runs/lr0.5, nor"),
        ("digitz", "Did you mean 'digits'?"),
        ("runs/begun", "runs/begun is a run without a trained network; continue it: lenet train"),
    ],
)
def test_a_mistyped_network_answers_nothing(word: str, message: str) -> None:
    for more in (["img.png"], []):
        done = lenet("predict", word, *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert message in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("no.png", "no.png: "),
        ("scans/no.JPEG", "scans/no.JPEG: "),
        ("letter.pdf", "letter.pdf: "),
        ("no*", "no*: no file matches this pattern"),
    ],
)
def test_a_missing_picture_is_named_and_the_others_are_answered(word: str, message: str) -> None:
    done = lenet("predict", word, "img.png")
    assert done.returncode == 2
    assert f"lenet: {message}" in done.stderr
    assert done.stdout.startswith("img.png: ")


def test_after_a_network_every_word_is_a_picture() -> None:
    done = lenet("predict", "digits", "missing", "img.png")
    assert (done.returncode, done.stdout[:9]) == (2, "img.png: ")
    assert done.stderr.startswith("lenet: missing: ")


def test_a_picture_needs_no_suffix() -> None:
    assert lenet("predict", "scan").returncode == 0
