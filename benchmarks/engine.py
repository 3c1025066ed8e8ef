"""The engine's speed: what ``lenet bench`` measures, and ten epochs beside the chapter's own loop.

    python benchmarks/engine.py            measures, writes the raw results and the tables
    python benchmarks/engine.py --table    only writes the tables again

Raw results: ``results/engine.json`` (this script), ``results/ten_epochs.json`` and
``results/peers.json`` (``peers/run.sh``).
"""

import argparse
import json
from pathlib import Path
from statistics import median
from typing import Any

from lenet.evaluation.speed import measure
from readme import ENGINE, replace_table

RESULTS = Path(__file__).parent / "results"


def speed_table(results: dict[str, Any]) -> str:
    lines = ["| | lenet | PyTorch | torch.compile | ONNX Runtime |", "|---|--:|--:|--:|--:|"]
    for task in results["tasks"]:
        seconds = task["seconds"]
        cells = [f"**{_time(seconds['lenet'])}**"]
        for name in ("PyTorch", "PyTorch, torch.compile", "ONNX Runtime"):
            if name in seconds:
                cells.append(f"{_time(seconds[name])} ({seconds[name] / seconds['lenet']:.1f}×)")
            else:
                cells.append("")
        lines.append(f"| {task['name']} | " + " | ".join(cells) + " |")
    peak = results["peak"]
    lines += [
        "",
        f"Medians of {results['rounds']} rounds, measured in turn in one run; "
        f"{results['machine']}, {results['threads']} threads, "
        f"PyTorch {results['versions']['torch']}, "
        f"ONNX Runtime {results['versions']['onnxruntime']}, "
        f"Python {results['versions']['python']}. The training step reaches {peak['share']:.0%} of "
        f"the {2 * peak['multiply_accumulates_per_second'] / 1e9:,.0f} GFLOP/s that the same "
        f"threads reach with nothing but FMA instructions ({peak['variant']}).",
    ]
    return "\n".join(lines)


def parts_table(results: dict[str, Any]) -> str:
    lines = [
        "| part | multiply-accumulates an image | time an image | share of FMA peak |",
        "|---|--:|--:|--:|",
    ]
    for part in results["peak"]["parts"]:
        share = f"{part['share']:.0%}" if part["multiply_accumulates"] else ""
        lines.append(
            f"| {part['name']} | {part['multiply_accumulates']:,} "
            f"| {part['microseconds']:.2f} µs | {share} |"
        )
    return "\n".join(lines)


def total_table(name: str) -> str:
    """Wall time from process start to the end, median over the runs."""
    runs = json.loads((RESULTS / name).read_text())
    peers: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        peers.setdefault(run["peer"], []).append(run)
    own = next(key for key in peers if key.startswith("lenet"))
    ours = median(run["total_seconds"] for run in peers[own])
    lines = [
        f"| {runs[0]['epochs']} epochs, process start to end | n | median | least, greatest | |",
        "|---|--:|--:|--:|--:|",
    ]
    for peer, measured in peers.items():
        totals = [run["total_seconds"] for run in measured]
        ratio = "" if peer == own else f"{median(totals) / ours:.1f}×"
        lines.append(
            f"| {peer} | {len(totals)} | {median(totals):.1f} s "
            f"| {min(totals):.1f} s, {max(totals):.1f} s | {ratio} |"
        )
    return "\n".join(lines)


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:,.0f} µs"
    return f"{seconds * 1e3:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description="The engine's speed.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--table", action="store_true", help="only write the tables again")
    arguments = parser.parse_args()
    path = RESULTS / "engine.json"
    if not arguments.table:
        path.write_text(json.dumps(measure(None, arguments.rounds), indent=1) + "\n")
    results = json.loads(path.read_text())
    replace_table("speed", speed_table(results))
    replace_table("ten epochs", total_table("ten_epochs.json"))
    replace_table("parts", parts_table(results), ENGINE)
    replace_table("peers", total_table("peers.json"), ENGINE)


if __name__ == "__main__":
    main()
