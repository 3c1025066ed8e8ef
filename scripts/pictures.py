#!/usr/bin/env python3
"""Take the README's pictures of a run's report and of the page, with a headless Chromium.

    lenet evaluate fashion --out /tmp/fashion
    .venv/bin/python scripts/pictures.py report /tmp/fashion/report.html
    lenet serve --port 8000 &
    .venv/bin/python scripts/pictures.py page http://127.0.0.1:8000/

They go to docs/images, as report*.png and page-*.png.
"""

import argparse
import os
import shutil
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from math import ceil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES = Path(__file__).parents[1] / "docs/images"
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
MOST_BYTES = 400_000
# The window in pixels of CSS; a picture has twice as many. Most pictures end below an element.
WIDTH, HEIGHT = 1180, 820
MARGIN = 14
SETTLED = 1500  # milliseconds until nothing moves

Stroke = Sequence[tuple[float, float]]
FOUR: list[Stroke] = [
    [(0.42, 0.2), (0.3, 0.52), (0.68, 0.54)],
    [(0.6, 0.32), (0.56, 0.82)],
]
NUMBER: list[Stroke] = [
    [(0.22, 0.18), (0.3, 0.18), (0.24, 0.66)],
    [(0.42, 0.22), (0.47, 0.14), (0.5, 0.27), (0.41, 0.63), (0.51, 0.63)],
    [(0.66, 0.16), (0.62, 0.41), (0.71, 0.41)],
    [(0.7, 0.21), (0.68, 0.66)],
]
# The views of the page: what is drawn in each, and the element that is lowest in its picture.
VIEWS: dict[str, tuple[list[Stroke], str]] = {
    "draw": (FOUR, ".samples"),
    "inside": (FOUR, "[aria-label='Selected unit']"),
    "read": (NUMBER, "[aria-label='How it was read']"),
    "networks": ([], "[aria-label='Confusion matrix']"),
    "train": (FOUR, ".live"),
}
RECIPES = ("Textbook: sigmoid, average", "Modern: ReLU, max")
EPOCHS = 5
TRAINED = 600_000  # milliseconds until a training must be done


def main() -> None:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(description="Take the README's pictures.")
    parser.add_argument("what", choices=["report", "page"])
    parser.add_argument("where", help="the file report.html, or the address of `lenet serve`")
    parser.add_argument("--out", type=Path, default=IMAGES)
    asked = parser.parse_args()
    if CHROMIUM is None:
        parser.error("Chromium is not installed; name one with CHROMIUM=/path/to/chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        if asked.what == "report":
            report(browser, Path(asked.where).resolve(strict=True).as_uri(), asked.out)
        else:
            views(browser, asked.where.rstrip("/"), asked.out)
        browser.close()


def report(browser: Browser, address: str, out: Path) -> None:
    """Take the report from its first confusion on, a cell that is open, and the inside."""
    page = opened(browser, address)
    page.evaluate("document.getElementById('confusion').scrollIntoView()")
    keep(page, out / "report.png", ".matrix")
    cells = page.locator(".matrix td.wrong[data-cell]")
    counts = [int(text.replace(",", "")) for text in cells.all_inner_texts()]
    cells.nth(counts.index(max(counts))).locator("button").click()
    keep(page, out / "report-cell.png")
    page.keyboard.press("Escape")
    page.evaluate("document.getElementById('inside').scrollIntoView()")
    keep(page, out / "report-inside.png", ".layer >> nth=3")  # image, conv1, pool1, conv2


def views(browser: Browser, address: str, out: Path) -> None:
    """Take each of the page's views: with something drawn on its canvas, and two trainings done."""
    for name, (strokes, lowest) in VIEWS.items():
        page = opened(browser, f"{address}/#/{name}")
        if strokes:
            write(page, strokes)
        if name == "train":
            train(page)
        page.evaluate("scrollTo(0, 0)")
        keep(page, out / f"page-{name}.png", lowest)


def opened(browser: Browser, address: str) -> Page:
    """Open a page as it looks on a good screen in daylight."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", device_scale_factor=2
    )
    page = context.new_page()
    page.goto(address)
    return page


def write(page: Page, strokes: Sequence[Stroke]) -> None:
    """Draw on the view's canvas with the mouse; corners are shares of its width and height."""
    canvas = page.locator("canvas.drawing-canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    if box is None:
        raise SystemExit("the view shows no canvas to draw on")
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for _, (x, y) in pairwise(places):
            page.mouse.move(x, y, steps=12)
        page.mouse.up()


def train(page: Page) -> None:
    """Train a network by each recipe on MNIST, one after the other, so that their curves meet."""
    start = page.locator('[data-test="start"]')
    for recipe in RECIPES:
        page.get_by_role("button", name=recipe).click()
        page.get_by_label("Data").select_option("mnist")
        page.get_by_label("Epochs").fill(str(EPOCHS))
        start.click()
        expect(start).to_be_disabled()
        expect(start).to_be_enabled(timeout=TRAINED)
    # The service may remember an earlier one.
    while page.locator('[data-test="run"]').count() > len(RECIPES):
        page.get_by_role("button", name="Remove run 1").click()


def keep(page: Page, path: Path, lowest: str | None = None) -> None:
    """Write what the window shows, down to the element `lowest`.

    All colours are kept if the file is small enough, otherwise 256.
    """
    page.wait_for_timeout(SETTLED)
    if lowest is not None:
        box = page.locator(lowest).first.bounding_box()
        if box is None:
            raise SystemExit(f"the page has no {lowest}")
        height = ceil(box["y"] + box["height"]) + MARGIN
        page.set_viewport_size({"width": WIDTH, "height": height})
        page.wait_for_timeout(SETTLED)
    with Image.open(BytesIO(page.screenshot())) as shot:
        whole = shot.convert("RGB")
    half = whole.resize((whole.width // 2, whole.height // 2), Image.Resampling.LANCZOS)
    few = [one.quantize(256, dither=Image.Dither.NONE) for one in (whole, half)]
    for picture in (whole, *few):
        data = BytesIO()
        picture.save(data, "png", optimize=True)
        if data.tell() <= MOST_BYTES:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.getvalue())
            print(f"{path}: {picture.width}×{picture.height}, {data.tell():,} bytes")
            return
    raise SystemExit(f"{path} would have more than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    main()
