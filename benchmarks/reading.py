"""Reading numbers: real cheques beside other readers, drawn cases, photos, what is no number.

    python benchmarks/reading.py                        measures all; the cheques are fetched once
    python benchmarks/reading.py --only cases,nothing   measures these; other results stay
    python benchmarks/reading.py --table                only writes the tables again

The test part of the cheques is looked at once; `--part validation` is for all else. What was read
on each crop is kept in ``results/reading.jsonl``; the peers' answers come from
``results/reading_peers.jsonl`` (`reading_peers.py`). All that is counted is in
``results/reading.json``; the tables are in ``docs/read.md``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from statistics import median
from typing import Any

from PIL import Image

from lenet.artifact import Artifact, load
from lenet.data.cheque_source import find_cheques
from lenet.data.cheques import Cheque
from lenet.files import write_json
from lenet.pictures.image import read_image
from lenet.reading.reader import NAME, Reading, picture_reader
from over_segmentation.read import read_over_segmented
from reading_drawn import Read, cases, nothing, photos
from reading_scores import ASKED, Answer, scores
from reading_tables import (
    PARTS,
    READER,
    cheques_table,
    drawn_table,
    lengths_table,
    nothing_table,
    speed_lines,
)
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results"
PAGE = ROOT / "docs" / "read.md"
SECTIONS = ("cheques", "cases", "photos", "nothing", "speed")
SEGMENTED = "over-segmentation, 1998's route"
PEERS = {"rapidocr": "RapidOCR", "tesseract": "Tesseract"}
RUNS = 7  # of the command

Line = dict[str, Any]  # of reading.jsonl


def cheque_lines(part: str, cheques: Sequence[Cheque], read: Read) -> list[Line]:
    """Return what the readers of this package say of each crop."""
    pictures = [read_image(one.path) for one in cheques]
    systems: dict[str, Iterable[Reading]] = {
        READER: map(read, pictures),
        SEGMENTED: read_over_segmented(pictures),
    }
    return [
        {
            "system": name,
            "part": part,
            "file": one.path.name,
            "digits": one.digits,
            "text": reading.text,
            "confidence": reading.confidence,
        }
        for name, readings in systems.items()
        for one, reading in zip(cheques, readings, strict=True)
    ]


def answers(lines: Iterable[Line], peers: Iterable[Line], part: str) -> dict[str, list[Answer]]:
    """Return what each system says of a part's crops.

    Parameters
    ----------
    lines
        Of ``reading.jsonl``.
    peers
        Of ``reading_peers.jsonl``, whose `digits` are what was read.

    Raises
    ------
    ValueError
        A system does not answer to each of the crops once.
    """
    result: dict[str, list[Answer]] = {}
    truth: dict[str, str] = {}
    for one in lines:
        if one["part"] == part:
            truth[one["file"]] = one["digits"]
            answer = Answer(one["file"], one["digits"], one["text"], one["confidence"])
            result.setdefault(one["system"], []).append(answer)
    for one in peers:
        if one["file"] in truth:
            digits, sure = truth[one["file"]], one["confidence"] or 0.0
            answer = Answer(one["file"], digits, one["digits"], sure)
            result.setdefault(PEERS[one["peer"]], []).append(answer)
    for name, given in result.items():
        if sorted(one.file for one in given) != sorted(truth):
            raise ValueError(f"{name} does not answer to each of the {len(truth)} crops once")
    order = [READER, SEGMENTED, *PEERS.values()]
    return {name: result[name] for name in order if name in result}


def fixed_thresholds(reader: Artifact) -> list[tuple[float, float]]:
    """Return the thresholds that the reader has for the errors that are asked for."""
    known = reader.calibration.thresholds
    asked = [error for error in ASKED if any(most <= error for most, _ in known)]
    return [(error, reader.calibration.threshold(error)) for error in asked]


def took(command: Sequence[str]) -> float:
    """Return the seconds from a process's start to its end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def speed(reader: str, crops: Sequence[Cheque], read: Read) -> dict[str, Any]:
    """Measure on crops of the validation part."""
    from lenet.machine import processor  # which brings PyTorch, for this line alone

    pictures = [read_image(one.path) for one in crops if one.part == "validation"]
    read(pictures[0])
    times: list[float] = []
    for picture in pictures:
        start = time.perf_counter()
        read(picture)
        times.append(time.perf_counter() - start)
    base = [sys.executable, "-m", "lenet", "read", "--json", "--reader", reader]
    whole = [str(one.path) for one in crops]
    bulk = [took([*base, *whole]) for _ in range(3)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.png"
        Image.fromarray(pictures[0]).save(path)
        commands = [took([*base, str(path)]) for _ in range(RUNS)]
    packages = {name: version(name) for name in ("lenet", "numpy", "pillow")}
    return {
        "pictures": len(pictures),
        "milliseconds": 1000 * median(times),
        "images_per_second": len(whole) / median(bulk),
        "of": len(whole),
        "command_seconds": median(commands),
        "runs": RUNS,
        "machine": processor(),
        "versions": {**packages, "Python": python_version()},
    }


def read_lines(path: Path) -> list[Line]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def measure(
    sections: Sequence[str], reader: str, folder: Path | None, part: str, results: dict[str, Any]
) -> None:
    """Measure sections; keep the raw answers, and what is counted after each section."""
    artifact = load(reader)
    read = picture_reader(reader=artifact)
    crops = find_cheques(folder) if {"cheques", "speed"} & set(sections) else []
    if "cheques" in sections:
        path = RESULTS / "reading.jsonl"
        kept = [one for one in read_lines(path) if one["part"] != part]
        lines = kept + cheque_lines(part, [one for one in crops if one.part == part], read)
        path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
        results.setdefault("thresholds", {})[part] = fixed_thresholds(artifact)
        keep(results)
    for name, measured in (("cases", cases), ("photos", photos), ("nothing", nothing)):
        if name in sections:
            results[name] = measured(read)
            keep(results)
    if "speed" in sections:
        results["speed"] = speed(reader, crops, read)
        keep(results)


def keep(results: dict[str, Any]) -> None:
    write_json(RESULTS / "reading.json", results)


def count(results: dict[str, Any]) -> None:
    """Count the raw answers again: the peers' may have come later."""
    lines, peers = (read_lines(RESULTS / f"{name}.jsonl") for name in ("reading", "reading_peers"))
    results["cheques"] = {}
    for part in PARTS:
        given = answers(lines, peers, part)
        if not given:
            continue
        own = results.get("thresholds", {}).get(part, [])
        results["cheques"][part] = {
            name: scores(one, own if name == READER else ()) for name, one in given.items()
        }


def write_tables(results: dict[str, Any]) -> None:
    part = next((one for one in PARTS if one in results["cheques"]), None)
    if part is not None:
        table = cheques_table(results["cheques"][part], part)
        if "speed" in results:
            table += "\n\n" + speed_lines(results["speed"])
        replace_table("reading", table, PAGE)
        replace_table("reading-lengths", lengths_table(results["cheques"][part]), PAGE)
    if "cases" in results and "photos" in results:
        replace_table("reading-cases", drawn_table(results["cases"], results["photos"]), PAGE)
    if "nothing" in results:
        replace_table("reading-rejects", nothing_table(results["nothing"]), PAGE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--cheques", type=Path, help="by default they are found or fetched")
    parser.add_argument("--reader", default=NAME, help="a run folder or a shipped network's name")
    parser.add_argument("--part", choices=tuple(PARTS), default="test")
    parser.add_argument("--only", help=f"of {','.join(SECTIONS)}")
    parser.add_argument("--table", action="store_true", help="only write the tables again")
    given = parser.parse_args()
    sections: list[str] = given.only.split(",") if given.only else list(SECTIONS)
    if unknown := set(sections) - set(SECTIONS):
        parser.error(f"--only knows {', '.join(SECTIONS)}, not {min(unknown)}")
    path = RESULTS / "reading.json"
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if not given.table:
        measure(sections, given.reader, given.cheques, given.part, results)
    count(results)
    keep(results)
    write_tables(results)


if __name__ == "__main__":
    main()
