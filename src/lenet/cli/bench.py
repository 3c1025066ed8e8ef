"""``lenet bench``: compare the speed of lenet, PyTorch and ONNX Runtime on this machine."""

import json
import os
from typing import Any

import click
from rich.console import Console

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
    in each round, so that other work on the machine slows all of them. The tables show medians.
    """
    from lenet.evaluation.speed import measure

    results = measure(threads, rounds)
    if as_json:
        click.echo(json.dumps(results, indent=1))
    else:
        _print(results)


def _print(results: dict[str, Any]) -> None:
    console = Console(highlight=False)
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    console.print(f"{results['machine']}; {results['threads']} threads; {versions}", soft_wrap=True)
    for task in results["tasks"]:
        ours = task["seconds"].get("lenet")
        headings = ("library", "median time", "images/s", "time (lenet = 1)")
        table = compact_table(task["name"], headings)
        for name, seconds in task["seconds"].items():
            ratio = f"{seconds / ours:.1f}" if ours else ""
            table.add_row(name, _time(seconds), f"{task['images'] / seconds:,.0f}", ratio)
        console.print(table, "")
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


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"
