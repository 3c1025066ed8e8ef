"""Hands for a page: they write with a mouse, a finger or the keyboard, and find what tests name."""

import base64
from collections.abc import Sequence
from itertools import pairwise

from playwright.sync_api import BrowserContext, Locator, Page, expect

Line = Sequence[tuple[float, float]]
"""Corners of a stroke, as shares of a canvas's width and height."""

SEVEN: list[Line] = [[(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]]
FORTY_SEVEN: list[Line] = [
    [(0.2, 0.3), (0.12, 0.55), (0.42, 0.55)],
    [(0.34, 0.32), (0.32, 0.78)],
    [(0.58, 0.3), (0.88, 0.3), (0.7, 0.78)],
]


def part(page: Page, name: str) -> Locator:
    """Return what a view calls by that name, for tests."""
    return page.locator(f'[data-test="{name}"]')


def points(canvas: Locator, line: Line) -> list[tuple[float, float]]:
    """Return places between the corners, in pixels of the window."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    steps = 8
    found = [line[0]]
    for (x0, y0), (x1, y1) in pairwise(line):
        found += [
            (x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps) for k in range(1, steps + 1)
        ]
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in found]


def write(page: Page, strokes: Sequence[Line]) -> None:
    """Draw with the mouse."""
    canvas = part(page, "drawing")
    for line in strokes:
        (x, y), *rest = points(canvas, line)
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y)
        page.mouse.up()


def touch(context: BrowserContext, page: Page, strokes: Sequence[Line]) -> None:
    """Draw with a finger, as the browser's own input events."""
    session = context.new_cdp_session(page)
    for line in strokes:
        first, *rest = points(part(page, "drawing"), line)
        for kind, places in (
            ("touchStart", [first]),
            *(("touchMove", [place]) for place in rest),
            ("touchEnd", []),
        ):
            session.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]},
            )


def give(page: Page, event: str, picture: bytes) -> None:
    """Paste a picture into the page, or drop it there: ``paste`` or ``drop``."""
    page.evaluate(
        """([event, content]) => {
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0))
            const data = new DataTransfer()
            data.items.add(new File([bytes], 'picture.png', { type: 'image/png' }))
            const made = event === 'paste'
                ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true })
                : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            document.body.dispatchEvent(made)
        }""",
        [event, base64.b64encode(picture).decode()],
    )


def shows(page: Page, name: str, text: str) -> None:
    """Wait until a part says a text, and nothing else."""
    expect(part(page, name)).to_have_text(text)
