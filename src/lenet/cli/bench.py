"""``lenet bench``: compare the speed of lenet, PyTorch and ONNX Runtime on this machine."""

import json
import os
from typing import Any

import click

from lenet.cli.output.tables import compact_table


@click.command("bench")
@click.option(
    "--threads",
    type=click.IntRange(1, os.cpu_count() or 1),
    help="Threads of each library.  [default: all processors]",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="How often each is measured.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(threads: int | None, rounds: int, as_json: bool) -> None:
    """Measure how fast this machine trains and runs the textbook's LeNet.

    lenet, PyTorch and ONNX Runtime are measured side by side, on the same threads. They take turns
    in each round, so that other work on the machine slows all of them. The tables show medians, and
    the least and greatest median of a round. Where the rounds disagree by more than half, there is
    no ratio.
    """
    from lenet.cli.output.console import DataProgress
    from lenet.evaluation.speed import measure

    with DataProgress(quiet=as_json) as callbacks:
        results = measure(threads, rounds, callbacks)
    if as_json:
        click.echo(json.dumps(results, indent=1))
    else:
        _print(results)


def _print(results: dict[str, Any]) -> None:
    from lenet.cli.output.console import safe_console

    console = safe_console()
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    console.print(f"{results['machine']}; {results['threads']} threads; {versions}", soft_wrap=True)
    without = False
    for task in results["tasks"]:
        headings = ("library", "median", "least, greatest", "images/s", "lenet = 1")
        table = compact_table(task["name"], headings)
        for name, seconds in task["seconds"].items():
            of_rounds = task["rounds"][name]
            ends = f"{_time(min(of_rounds))}, {_time(max(of_rounds))}"
            ratio = task["ratios"].get(name)
            without = without or (name in task["ratios"] and ratio is None)
            cell = "–" if ratio is None else f"{ratio:.1f}"
            table.add_row(name, _time(seconds), ends, f"{task['images'] / seconds:,.0f}", cell)
        console.print(table, "")
    if without:
        console.print(_why_no_ratio(results["rounds"]), "", soft_wrap=True)
    peak = results.get("peak")
    if peak:
        table = compact_table(
            "parts of a training step of lenet, on one thread",
            ("part", "multiply-accumulates", "time per image", "share of peak"),
        )
        for part in peak["parts"]:
            table.add_row(
                part["name"],
                f"{part['multiply_accumulates']:,}",
                f"{part['microseconds']:.2f} µs",
                f"{part['share']:.0%}",
            )
        console.print(table, "")
        console.print(
            "The peak is the highest measured rate of fused multiply-adds: "
            f"{2 * peak['multiply_accumulates_per_second'] / 1e9:,.0f} GFLOP/s on all threads "
            f"({peak['variant']}). A training step reaches {peak['share']:.0%} of it."
        )


def _why_no_ratio(rounds: int) -> str:
    from lenet.evaluation.agreement import LEAST_ROUNDS, MOST_DISAGREEMENT

    if rounds < LEAST_ROUNDS:
        return f"– no ratio: it needs at least {LEAST_ROUNDS} rounds; add --rounds {LEAST_ROUNDS}"
    return (
        f"– no ratio: the rounds' ratios differ by more than {MOST_DISAGREEMENT}×; end other work "
        "on the machine, or add --rounds"
    )


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"
