"""Draws digits and numbers with straight strokes, on plain, lined, squared and boxed paper.

The picture may be cut close to its ink, so that strokes are as long as printed lines.

    python benchmarks/strokes.py

Raw results: ``benchmarks/results/strokes.json``; the table: ``docs/predict.md``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import lenet
from readme import ROOT, replace_table

Pixels = NDArray[np.uint8]
Random = np.random.Generator
Points = list[tuple[float, float]]
Paper = Literal["plain", "lined", "squared", "boxed"]
PAPERS: tuple[Paper, ...] = ("plain", "lined", "squared", "boxed")

RESULTS = Path(__file__).parent / "results" / "strokes.json"
HEIGHTS, WIDTHS = (30, 60, 100, 300), (0.02, 0.04, 0.08)

_FINER = 4  # drawn so many times larger, then averaged


@dataclass(frozen=True)
class Pen:
    """How a number is drawn.

    Parameters
    ----------
    height
        Of the digits, in pixels.
    width
        Of the strokes, in pixels.
    slant
        Of the digits, in degrees.
    margin
        Between the ink and the border of the picture, in pixels.
    """

    height: int
    width: float
    slant: float = 0.0
    margin: int = 6


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Return points of an ellipse, from one angle to another, in degrees; 90 is down."""
    angles = np.deg2rad(np.linspace(start, end, 40))
    return [(cx + rx * float(np.cos(a)), cy + ry * float(np.sin(a))) for a in angles]


_FORMS: dict[str, list[list[Points]]] = {
    "0": [[_arc(0.28, 0.5, 0.28, 0.5, 0, 360)]],
    "1": [
        [[(0.0, 0.0), (0.0, 1.0)]],
        [[(0.0, 0.25), (0.22, 0.0), (0.22, 1.0)]],
    ],
    "2": [
        [[*_arc(0.28, 0.28, 0.28, 0.28, 190, 390), (0.0, 1.0), (0.56, 1.0)]],
        [[*_arc(0.27, 0.25, 0.27, 0.25, 200, 400), (0.02, 1.0), (0.58, 0.98)]],
    ],
    "3": [
        [[*_arc(0.27, 0.25, 0.25, 0.25, 200, 450), *_arc(0.27, 0.74, 0.29, 0.26, 270, 510)]],
        [[(0.02, 0.0), (0.52, 0.0), (0.24, 0.4), *_arc(0.26, 0.7, 0.3, 0.3, 275, 510)]],
    ],
    "4": [
        [[(0.12, 0.0), (0.0, 0.62), (0.6, 0.62)], [(0.46, 0.0), (0.46, 1.0)]],
        [[(0.4, 1.0), (0.4, 0.0), (0.0, 0.66), (0.58, 0.66)]],
    ],
    "5": [
        [[(0.5, 0.0), (0.06, 0.0), (0.03, 0.45), *_arc(0.25, 0.69, 0.29, 0.31, 230, 510)]],
        [
            [(0.06, 0.02), (0.03, 0.45), *_arc(0.25, 0.69, 0.29, 0.31, 230, 510)],
            [(0.06, 0.02), (0.52, 0.0)],
        ],
    ],
    "6": [
        [[(0.42, 0.0), (0.05, 0.55), *_arc(0.28, 0.72, 0.27, 0.28, 200, 560)]],
        [[*_arc(0.6, 0.72, 0.6, 0.72, 260, 180), *_arc(0.27, 0.72, 0.27, 0.28, 180, 540)]],
    ],
    "7": [
        [[(0.0, 0.0), (0.55, 0.0), (0.16, 1.0)]],
        [[(0.0, 0.0), (0.55, 0.0), (0.16, 1.0)], [(0.14, 0.5), (0.52, 0.5)]],
        [[(0.0, 0.0), (0.5, 0.0), (0.3, 1.0)]],
    ],
    "8": [[_arc(0.28, 0.25, 0.23, 0.25, 90, 450), _arc(0.28, 0.75, 0.28, 0.25, -90, 270)]],
    "9": [
        [_arc(0.27, 0.29, 0.27, 0.29, 0, 360), [(0.54, 0.08), (0.54, 1.0)]],
        [[*_arc(0.27, 0.28, 0.27, 0.28, 0, 360), (0.54, 0.28), (0.34, 1.0)]],
    ],
}
"""For each digit, the ways to write it: lists of strokes, x to the right, y from 0 down to 1."""


def strokes_of(text: str, slant: float, random: Random) -> list[Points]:
    """Return the strokes of a number; the height of a digit is 1."""
    lean = float(np.tan(np.deg2rad(slant)))
    left = 0.0
    result: list[Points] = []
    for sign in text:
        forms = _FORMS[sign]
        form = forms[random.integers(len(forms))]
        stretch = random.uniform(0.9, 1.15)
        drawn = [[(x * stretch, y) for x, y in stroke] for stroke in form]
        result += [[(left + x + lean * (1 - y), y) for x, y in stroke] for stroke in drawn]
        left += max(x for stroke in drawn for x, _ in stroke) + random.uniform(0.25, 0.4)
    return result


def ink_of(text: str, pen: Pen, random: Random) -> NDArray[np.float32]:
    """Draw a number with its margin: the share of each pixel that ink covers, float32."""
    strokes = strokes_of(text, pen.slant, random)
    xs = [x for stroke in strokes for x, _ in stroke]
    side = pen.margin + pen.width / 2
    long = pen.height - pen.width  # from the middle of a stroke to the middle of another
    width = round((max(xs) - min(xs)) * long + 2 * side)
    size = (width * _FINER, (pen.height + 2 * pen.margin) * _FINER)
    image = Image.new("L", size, 0)
    draw = ImageDraw.Draw(image)
    thick = max(round(pen.width * _FINER), 1)
    for stroke in strokes:
        points = [
            (((x - min(xs)) * long + side) * _FINER, (y * long + side) * _FINER) for x, y in stroke
        ]
        draw.line(points, 255, thick, "curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), 255)
    small = image.resize((size[0] // _FINER, size[1] // _FINER), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)


def printed(shape: tuple[int, int], paper: Paper, pen: Pen, random: Random) -> NDArray[np.float32]:
    """Draw what is printed on the paper: the share of light that it takes, float32 ``[H, W]``."""
    height, width = shape
    lines = np.zeros(shape, np.float32)
    thick = max(1, round(pen.height / random.uniform(40, 90)))
    tone = float(random.uniform(0.15, 0.6))
    if paper == "boxed":
        # The box is apart from the digits; perhaps the picture is cut along it.
        most = int(max(pen.margin - max(0.08 * pen.height, 2 * thick), 0))
        at = int(random.integers(most + 1)) if random.random() < 0.7 else 0
        for edge in (
            np.s_[at : at + thick, at : width - at],
            np.s_[height - at - thick : height - at, at : width - at],
        ):
            lines[edge] = 0.7
        for edge in (
            np.s_[at : height - at, at : at + thick],
            np.s_[at : height - at, width - at - thick : width - at],
        ):
            lines[edge] = 0.7
        return lines
    if paper == "plain":
        return lines
    step = pen.height * (
        random.uniform(1.15, 1.8) if paper == "lined" else random.uniform(0.4, 0.9)
    )
    turn = float(random.uniform(-0.03, 0.03))
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    start = float(random.uniform(0, step))
    if paper == "lined":  # one line below or through the feet of the digits
        start = height - pen.margin - thick / 2 + random.uniform(-0.02, 0.1) * pen.height
    level = np.mod(down + turn * across - start, step) < thick
    lines[level] = tone
    if paper == "squared":
        upright = np.mod(across - turn * down - random.uniform(0, step), step) < thick
        lines[upright] = tone
    return lines


def drawn(text: str, pen: Pen, paper: Paper, random: Random) -> Pixels:
    """Return a picture of a number: uint8 ``[H, W]``, dark ink on light paper."""
    ink = ink_of(text, pen, random)
    page = random.uniform(225, 250) * (1 - printed(ink.shape, paper, pen, random))
    page = page * (1 - ink) + random.uniform(15, 60) * ink
    return np.clip(np.round(page + random.normal(0, 2, ink.shape)), 0, 255).astype(np.uint8)


def random_pen(height: int, width: float, paper: Paper, random: Random) -> Pen:
    """Draw a margin and a slant; `width` is a share of the height. Boxes need room around."""
    shares = (0.12, 0.2, 0.3) if paper == "boxed" else (0.0, 0.03, 0.06, 0.12, 0.3)
    margin = round(height * float(random.choice(shares)))
    return Pen(height, max(1.0, width * height), float(random.uniform(-12, 12)), margin)


def single_digits(
    paper: Paper, height: int, width: float, count: int
) -> tuple[list[Pixels], list[str]]:
    """Return pictures of digits, and the digits."""
    random = np.random.default_rng([PAPERS.index(paper), height, round(1000 * width)])
    digits = [str(number % 10) for number in range(count)]
    pens = [random_pen(height, width, paper, random) for _ in digits]
    return [
        drawn(digit, pen, paper, random) for digit, pen in zip(digits, pens, strict=True)
    ], digits


def numbers_twice(
    paper: Paper, height: int, width: float, count: int
) -> tuple[list[Pixels], list[Pixels]]:
    """Return pictures of numbers of 1 to 5 digits on plain paper, and the same ink on `paper`."""
    random = np.random.default_rng([9, PAPERS.index(paper), height, round(1000 * width)])
    pictures: tuple[list[Pixels], list[Pixels]] = [], []
    for seed in range(count):
        text = "".join(map(str, random.integers(0, 10, random.integers(1, 6)).tolist()))
        pen = random_pen(height, width, paper, random)
        for result, sheet in zip(pictures, ("plain", paper), strict=True):
            result.append(drawn(text, pen, sheet, np.random.default_rng([seed, height])))
    return pictures


def measure(count: int) -> dict[str, Any]:
    """Measure `digits` on single digits, and whether `reader` minds what is printed."""
    network = lenet.load("digits")
    results: dict[str, Any] = {"single": {}, "numbers": {}}
    for paper in PAPERS:
        for height in HEIGHTS:
            for width in WIDTHS:
                pictures, digits = single_digits(paper, height, width, count)
                found = network.predict(pictures)
                right = [one.label == digit for one, digit in zip(found, digits, strict=True)]
                kept = [yes for yes, one in zip(right, found, strict=True) if not one.rejected]
                row = {"pictures": count, "correct": sum(right), "accepted": len(kept)}
                row["wrong accepted"] = len(kept) - sum(kept)
                results["single"][f"{paper}, {height}, {width}"] = row
                print(paper, height, width, row, flush=True)
    for paper in PAPERS[1:3]:
        for height in HEIGHTS:
            for width in WIDTHS:
                plain, printed = numbers_twice(paper, height, width, count)
                pairs = zip(lenet.read(plain), lenet.read(printed), strict=True)
                row = {"pictures": count, "same": sum(one.text == two.text for one, two in pairs)}
                results["numbers"][f"{paper}, {height}, {width}"] = row
                print("number", paper, height, width, row, flush=True)
    return results


def table(results: dict[str, Any]) -> str:
    """Write a row for each paper and pen."""
    lines = [
        "| paper, pen (share of the digit's height) | pictures | correct | not sure "
        "| wrong among the accepted | numbers: read as on plain paper |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for paper in PAPERS:
        for width in WIDTHS:
            keys = [f"{paper}, {height}, {width}" for height in HEIGHTS]
            rows = [results["single"][key] for key in keys]
            count, right, kept, wrong = (
                sum(row[name] for row in rows)
                for name in ("pictures", "correct", "accepted", "wrong accepted")
            )
            numbers = [results["numbers"][key] for key in keys if key in results["numbers"]]
            same = sum(row["same"] / row["pictures"] for row in numbers) / len(keys)
            lines.append(
                f"| {paper}, {width:.0%} | {count:,} | {right / count:.1%} "
                f"| {1 - kept / count:.1%} | {wrong / kept:.1%} "
                f"| {f'{same:.1%}' if numbers else '–'} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure, store the raw results and write the table of the guide."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=500, help="pictures of each kind")
    results = measure(parser.parse_args().count)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    replace_table("strokes", table(results), ROOT / "docs" / "predict.md")


if __name__ == "__main__":
    main()
