"""``lenet bench``: how fast this machine is, beside what else it has."""

import json
import os
from typing import Any

import click


@click.command("bench")
@click.option(
    "--threads", type=click.IntRange(1, os.cpu_count() or 1), help="[default: all processors]"
)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(threads: int | None, rounds: int, as_json: bool) -> None:
    """Measure training and inference of the chapter's LeNet, side by side, on the same threads.

    Everything is measured in turn, round by round, and the medians are shown: what else the
    machine does disturbs all alike.
    """
    from lenet.evaluation.speed import measure

    results = measure(threads, rounds)
    if as_json:
        click.echo(json.dumps(results, indent=1))
    else:
        _print(results)


def _print(results: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    console.print(f"{results['machine']}; {results['threads']} threads; {versions}", soft_wrap=True)
    for task in results["tasks"]:
        table = Table(title=task["name"], title_justify="left")
        for heading in ("with", "median", "images/s", "lenet is faster by"):
            table.add_column(heading, justify="left" if heading == "with" else "right")
        ours = task["seconds"].get("lenet")
        for name, seconds in task["seconds"].items():
            ratio = f"{seconds / ours:.1f}×" if ours and name != "lenet" else ""
            table.add_row(name, _time(seconds), f"{task['images'] / seconds:,.0f}", ratio)
        console.print(table)
    peak = results.get("peak")
    if peak:
        table = Table(title="Where a training step goes, on one thread", title_justify="left")
        headings = ("part", "multiply-accumulates", "time an image", "share of FMA peak")
        for heading in headings:
            table.add_column(heading, justify="left" if heading == "part" else "right")
        for part in peak["parts"]:
            table.add_row(
                part["name"],
                f"{part['multiply_accumulates']:,}",
                f"{part['microseconds']:.2f} µs",
                f"{part['share']:.0%}",
            )
        console.print(table)
        console.print(
            f"FMA peak measured: {2 * peak['multiply_accumulates_per_second'] / 1e9:,.0f} "
            f"GFLOP/s ({peak['variant']}); a training step reaches {peak['share']:.0%} of it"
        )


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"
