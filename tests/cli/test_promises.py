"""What is promised of --reject-error stands next to what was measured, and the figures are true."""

import json
from pathlib import Path

from tests.cli.command import lenet

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"


def help_of(command: str) -> str:
    return " ".join(lenet(command, "--help").stdout.split())


def digits_at_one_percent() -> str:
    (found,) = (
        one["error_found"]
        for one in json.loads((RESULTS / "weights.json").read_text())["digits"]["asked"]
        if one["error"] == 0.01
    )
    return f"{found:.2%}"


def reader_at_one_percent() -> str:
    measured = json.loads((RESULTS / "reading.json").read_text())["cheques"]["test"]
    (found,) = (one for one in measured["lenet read"]["own"] if one["error"] == 0.01)
    return f"{found['wrong'] / (found['wrong'] + found['correct']):.1%}"


def test_help_and_readme_say_what_was_measured_at_one_percent() -> None:
    digits, reader = digits_at_one_percent(), reader_at_one_percent()
    assert f"on MNIST's test images, {digits} are wrong" in help_of("predict")
    assert f"kept for testing, {reader} are wrong" in help_of("read")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"MNIST's test images | 1% | {digits} |" in readme
    assert f"test part | 1% | **{reader}**" in readme


def test_the_cards_say_it_too() -> None:
    weights = ROOT / "src" / "lenet" / "weights"
    for name, figure in (("digits", digits_at_one_percent()), ("reader", reader_at_one_percent())):
        card = (weights / name / "CARD.md").read_text(encoding="utf-8")
        (line,) = (line for line in card.splitlines() if "`--reject-error 1.0%`" in line)
        assert f"{figure} of the others wrong" in line
