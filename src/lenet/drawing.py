"""Draws tables, curves and pictures as text, SVG or HTML, without matplotlib or Pillow.

Objects show themselves with it: one line or a small table in a console, HTML in a notebook. All
texts are escaped. Lines and texts take the colour of the page's own text, so that they can be seen
on a light page and on a dark one.
"""

import struct
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `lenet summary` has a table without any array
    from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

BLUE, ORANGE, GREEN, RED = "#3b82c4", "#d97706", "#3a9d68", "#d64545"
_MOST_PIXELS = 480  # of a picture's longer side; a photo in full size would fill the notebook
_FONT = "font-family:system-ui,sans-serif"


def text_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as lines of text: the first column flush left, the others flush right.

    Examples
    --------
    >>> print(text_table(("class", "images"), [("cat", "5"), ("horse", "12")]))
    class  images
    cat         5
    horse      12
    """
    table = [list(headings), *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines: list[str] = []
    for first, *others in table:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def html_table(headings: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return a table as HTML: the first `left` columns flush left, the others flush right."""

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(
            f'<{tag} style="text-align:{"right" if place >= left else "left"};padding:1px 8px;'
            f'white-space:nowrap">'
            f"{escape(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    return (
        f'<table style="border-collapse:collapse;{_FONT};font-size:13px">'
        f"<thead><tr>{line(headings, 'th')}</tr></thead><tbody>{body}</tbody></table>"
    )


def html_line(text: str) -> str:
    """Return a line of text as HTML."""
    return f'<div style="{_FONT};font-size:13px;margin:4px 0">{escape(text)}</div>'


def curves(history: Sequence[Mapping[str, Any]]) -> str:
    """Return train loss, train accuracy and test accuracy by epoch, as one SVG.

    Parameters
    ----------
    history
        Epochs with the values ``epoch``, ``train_loss``, ``train_accuracy``, ``test_accuracy``.
    """
    if not history:
        return ""
    names = ("train_loss", "train_accuracy", "test_accuracy")
    top = max(1.0, *(float(epoch[name]) for epoch in history for name in names))
    first, last = int(history[0]["epoch"]), int(history[-1]["epoch"])
    left, right, high, low = 38, 350, 12, 190

    def x(epoch: float) -> float:
        return left + (right - left) * (epoch - first) / max(last - first, 1)

    def y(value: float) -> float:
        return low - (low - high) * value / top

    parts: list[str] = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        value = share * top
        parts.append(
            f'<path d="M{left} {y(value):.1f}H{right}" stroke="currentColor" opacity=".2"/>'
            f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.2f}</text>'
        )
    for epoch in sorted({first, (first + last) // 2, last}):
        parts.append(f'<text x="{x(epoch):.1f}" y="{low + 16}" text-anchor="middle">{epoch}</text>')
    for place, (name, colour, dashes) in enumerate(
        zip(names, (BLUE, ORANGE, GREEN), ("", "5 3", "7 3 2 3"), strict=True)
    ):
        line = [f"{x(int(one['epoch'])):.1f},{y(float(one[name])):.1f}" for one in history]
        parts.append(
            f'<polyline points="{" ".join(line)}" fill="none" stroke="{colour}" '
            f'stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        parts += (
            f'<circle cx="{one.split(",")[0]}" cy="{one.split(",")[1]}" r="2.5" fill="{colour}"/>'
            for one in (line if len(line) < 40 else ())
        )
        height = 100 + 18 * place
        parts.append(
            f'<path d="M362 {height - 4}h22" stroke="{colour}" stroke-width="2" '
            f'stroke-dasharray="{dashes}"/>'
            f'<text x="390" y="{height}">{name.replace("_", " ")}</text>'
        )
    label = "Train loss, train accuracy and test accuracy by epoch"
    body = f'<text x="{(left + right) / 2}" y="{low + 32}" text-anchor="middle">epoch</text>'
    return _svg(490, 228, "".join(parts) + body, label)


def bars(rows: Sequence[tuple[str, float]]) -> str:
    """Return names with their probabilities, 0 to 1, as one SVG of horizontal bars."""
    parts: list[str] = []
    for place, (name, value) in enumerate(rows):
        y = 4 + 20 * place
        shown = name if len(name) <= 16 else name[:15] + "…"
        parts.append(
            f'<text x="112" y="{y + 12}" text-anchor="end">{escape(shown)}</text>'
            f'<rect x="120" y="{y}" width="{180 * min(max(value, 0), 1):.1f}" height="15" '
            f'fill="{BLUE}"/><text x="{126 + 180 * value:.1f}" y="{y + 12}">{value:.1%}</text>'
        )
    label = ", ".join(f"{name} {value:.1%}" for name, value in rows)
    return _svg(360, 8 + 20 * len(rows), "".join(parts), label)


def picture(pixels: "NDArray[Any]", boxes: Sequence[tuple[Box, str]] = (), label: str = "") -> str:
    """Return a picture as one SVG, with a frame around each box, and its text above the picture.

    Parameters
    ----------
    pixels
        uint8 ``[height, width]`` or ``[height, width, 3]``. A large picture is thinned out.
    boxes
        x, y, width and height in pixels of the picture, and a text.
    label
        The text for screen readers.
    """
    step = -(-max(pixels.shape[:2]) // _MOST_PIXELS)
    shown = pixels[::step, ::step]
    high, wide = shown.shape[:2]
    top = 16 if boxes else 0
    parts = [_image(shown, (0, top), (wide, high))]
    for box, text in boxes:
        x, y, width, height = (side / step for side in box)
        parts.append(
            f'<rect x="{x:.1f}" y="{y + top:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="none" stroke="{RED}" stroke-width="1.5"/>'
            f'<text x="{x + width / 2:.1f}" y="12" text-anchor="middle">{escape(text)}</text>'
        )
    return _svg(wide, high + top + 2, "".join(parts), label)


def filters(weights: "NDArray[Any]") -> str:
    """Return the filters of a layer as one SVG, each stretched from black to white.

    Parameters
    ----------
    weights
        float ``[N, 1, height, width]``, or ``[N, 3, height, width]`` for colour. At most 32 are
        drawn.
    """
    import numpy as np

    shown = weights[:32].astype(np.float64)
    low = shown.min(axis=(1, 2, 3), keepdims=True)
    extent = shown.max(axis=(1, 2, 3), keepdims=True) - low
    pixels = np.rint(255 * (shown - low) / np.where(extent > 0, extent, 1)).astype(np.uint8)
    side = 6 * max(pixels.shape[2:])
    parts = [
        _image(
            one[0] if len(one) == 1 else np.moveaxis(one, 0, 2),
            (place % 16 * (side + 6), place // 16 * (side + 6)),
            (6 * one.shape[2], 6 * one.shape[1]),
        )
        for place, one in enumerate(pixels)
    ]
    size = (side + 6) * min(len(parts), 16), (side + 6) * -(-len(parts) // 16)
    return _svg(*size, "".join(parts), f"{len(parts)} filters")


def png(pixels: "NDArray[Any]") -> bytes:
    """Return uint8 ``[height, width]`` or ``[height, width, 3]`` as the bytes of a PNG file."""
    high, wide = pixels.shape[:2]
    rows = b"".join(b"\0" + pixels[row].tobytes() for row in range(high))

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", wide, high, 8, 2 if pixels.ndim == 3 else 0, 0, 0, 0)
    content = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def _image(pixels: "NDArray[Any]", at: tuple[int, int], size: tuple[int, int]) -> str:
    return (
        f'<image x="{at[0]}" y="{at[1]}" width="{size[0]}" height="{size[1]}" '
        f'style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{b64encode(png(pixels)).decode()}"/>'
    )


def _svg(width: float, height: float, body: str, label: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}" '
        f'style="{_FONT};font-size:12px;max-width:100%"><g fill="currentColor">{body}</g></svg>'
    )
