"""The tables of docs/read.md, from what was measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from lenet.calibration.interval import wilson_interval

READER = "lenet read"
PARTS = {
    "test": "from which nothing was learnt or chosen",
    "validation": "by which the reader's temperature and thresholds were fitted",
}


def _share(count: float, of: int) -> str:
    return f"{count / of:.1%}"


def _with_interval(count: int, of: int, interval: Sequence[float] | None = None) -> str:
    low, high = interval or wilson_interval(count, of)
    return f"{count / of:.1%} ({100 * low:.1f}–{100 * high:.1f})"


def cheques_table(scores: Mapping[str, dict[str, Any]], part: str) -> str:
    """Show systems beside each other, then what rejecting leaves of each."""
    lines = [
        "| | whole numbers correct | wrong digits | area under the error-reject curve "
        "| calibration error |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, one in scores.items():
        right = _with_interval(one["right"], one["strings"], one["right_interval"])
        wrong = _with_interval(one["digit_errors"], one["digits"], one["digit_error_interval"])
        lines.append(
            f"| {name} | {right} | {wrong} | {one['area']:.2%} | {one['calibration_error']:.1%} |"
        )
    first = next(iter(scores.values()))
    chance = ", ".join(
        f"{one['calibration_error_by_chance']:.1%} for {name}" for name, one in scores.items()
    )
    lines += [
        "",
        f"The {part} part: {first['strings']} crops, {first['digits']:,} digits, "
        f"{PARTS[part]}. In parentheses 95% intervals (Wilson's; a number's digits fail together, "
        "so that of the digits is a little too narrow). Wrong digits: the edit distance by the "
        "number of digits. Calibration error: expected, over whole numbers, 15 bins; from so few, "
        f"perfect probabilities would show on average {chance}.",
        "",
        "| | asked for | accepted from | correct | wrong | rejected | error among the accepted |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in scores.items():
        for how in ("own", "hindsight"):
            lines += [_rejecting(name, how, row, one["strings"]) for row in one[how]]
    lines += [
        "",
        "Asked for: the share of wrong numbers among the accepted. The thresholds *of its own* "
        "were fixed on the validation part; the others are the best that these crops themselves "
        "would choose, which flatters. No answer without digits is accepted. Peers run with the "
        "settings that read most of the first 100 crops, none of them of the test part; their "
        "confidence is what they give, the mean over the characters.",
    ]
    return "\n".join(lines)


def _rejecting(name: str, how: str, row: Mapping[str, Any], strings: int) -> str:
    of_its_own = ", thresholds of its own" if how == "own" else ""
    least = "–" if row["threshold"] is None else f"{row['threshold']:.4f}"
    accepted = row["correct"] + row["wrong"]
    wrong = f"{row['wrong'] / accepted:.1%}" if accepted else "–"
    shares = " | ".join(_share(row[key], strings) for key in ("correct", "wrong", "rejected"))
    return f"| {name}{of_its_own} | {row['error']:.1%} | {least} | {shares} | {wrong} |"


def lengths_table(scores: Mapping[str, dict[str, Any]]) -> str:
    """Show the share of correct whole numbers for each number of digits."""
    lines = [
        "| digits | numbers | " + " | ".join(scores) + " |",
        "|--:|--:|" + "--:|" * len(scores),
    ]
    for length, first in next(iter(scores.values()))["lengths"].items():
        cells: list[str] = []
        for name, one in scores.items():
            right, count = one["lengths"][length]["right"], one["lengths"][length]["strings"]
            cells.append(_with_interval(right, count) if name == READER else _share(right, count))
        lines.append(f"| {length} | {first['strings']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def drawn_table(cases: Mapping[str, dict[str, int]], photos: Mapping[str, dict[str, int]]) -> str:
    """Show what is read of the cases and of the photos."""
    lines: list[str] = []
    for first, kinds in (("case", cases), ("photo, of one to eight digits", photos)):
        lines += [""] if lines else []
        lines += [
            f"| {first} | pictures | whole numbers correct | rejected | error among the accepted |",
            "|---|--:|--:|--:|--:|",
        ]
        for name, one in kinds.items():
            accepted = one["pictures"] - one["rejected"]
            wrong = f"{one['wrong'] / accepted:.1%}" if accepted else "–"
            lines.append(
                f"| {name} | {one['pictures']} | {_with_interval(one['right'], one['pictures'])} "
                f"| {_share(one['rejected'], one['pictures'])} | {wrong} |"
            )
    return "\n".join(lines)


def nothing_table(kinds: Mapping[str, dict[str, int]]) -> str:
    """Show how much of what is no number is left alone."""
    lines = [
        "| pictures of | pictures | rejected | without digits | with digits, not sure |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, one in kinds.items():
        count, rejected = one["pictures"], one["rejected"]
        lines.append(
            f"| {name} | {count} | {_with_interval(rejected, count)} "
            f"| {_share(one['empty'], count)} | {_share(rejected - one['empty'], count)} |"
        )
    return "\n".join(lines)


def speed_lines(speed: Mapping[str, Any]) -> str:
    """Say how fast it is, and on what."""
    versions = ", ".join(f"{name} {version}" for name, version in speed["versions"].items())
    return (
        f"In one process, {speed['milliseconds']:.1f} ms a crop (median, one after another); "
        f"`lenet read` of {speed['of']:,} crops {speed['images_per_second']:.0f} a second, from "
        "process start to end; `lenet read one.png` takes "
        f"{speed['command_seconds']:.2f} s from process start (median of {speed['runs']}). "
        f"{speed['machine']}; {versions}; {speed['pictures']} crops of cheques."
    )
