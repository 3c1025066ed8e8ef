"""The page of a run in a real Chromium: opened as a file, as its reader opens it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, Request, sync_playwright
from tests.browser import ARGUMENTS, AXE, AXE_MISSING, CHROMIUM, MISSING, PATIENCE
from tests.report.untrained import Case

from lenet.report import PAGE, write_report
from lenet.training.progress import Epoch

HISTORY = [Epoch(1, 2.3, 0.1, 0.1, 1.0), Epoch(2, 1.1, 0.55, 0.6, 1.0)]
METRICS = {"train_seconds": 2.0, "examples_per_second": 60.0, "device": "cpu"}
NAMES = ("zero", "one <b>", "two & a half", "three")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason=MISSING)]


def in_chromium(scenario: Callable[[Browser], None]) -> None:
    """Play a scenario in a thread of its own.

    Playwright runs once a thread, and other tests may have theirs open.
    """

    def play() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            scenario(browser)
            browser.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(play).result()


def opened(browser: Browser, path: Path, hash: str = "", **options: Any) -> tuple[Page, list[str]]:
    """Open a report; the list fills with what goes wrong, and with what it asks of others."""
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(PATIENCE)
    trouble: list[str] = []

    def listen(request: Request) -> None:
        if not request.url.startswith(("file:", "data:")):
            trouble.append(request.url)

    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", listen)
    page.goto(f"{(path / PAGE).as_uri()}{hash}")
    return page, trouble


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(folder, *Case(NAMES, images=80).made(), HISTORY, METRICS)
    return folder


@pytest.fixture(scope="module")
def wide_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many classes with long names, colour, no history, no mistakes."""
    folder = tmp_path_factory.mktemp("wide")
    names = tuple(f"a name as long as some folders have {k}" for k in range(30))
    write_report(folder, *Case(names, images=60, right=1, shape=(28, 28, 3)).made())
    return folder


@pytest.mark.skipif(not AXE.is_file(), reason=AXE_MISSING)
def test_axe_finds_nothing_on_any_screen(report: Path, wide_report: Path) -> None:
    found: dict[str, list[str]] = {}
    screens = [
        (report, "light", 1280),
        (report, "dark", 1280),
        (report, "light", 375),
        (report, "dark", 375),
        (wide_report, "light", 1280),
        (wide_report, "dark", 375),
    ]

    def scenario(browser: Browser) -> None:
        for folder, scheme, width in screens:
            size = {"width": width, "height": 800}
            page, trouble = opened(browser, folder, color_scheme=scheme, viewport=size)
            for one in page.locator("details > summary").all():
                one.click()
            across = page.evaluate("document.documentElement.scrollWidth")
            page.add_script_tag(path=AXE)
            wrong = [f"the page is {across} wide"] if across > width else []
            wrong += violations(page)
            page.locator(".matrix button").first.click()
            wrong += violations(page)
            found[f"{folder.name} {scheme} {width}"] = wrong + trouble

    in_chromium(scenario)
    assert len(found) == len(screens)
    assert not {screen: wrong for screen, wrong in found.items() if wrong}


def violations(page: Page) -> list[str]:
    result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


def test_a_cell_opens_its_images(report: Path) -> None:
    _, test, evaluation = Case(NAMES, images=80).made()
    wrong = np.flatnonzero(~evaluation.correct)
    worst = int(wrong[evaluation.confidence[wrong].argmax()])
    truth, answer = int(evaluation.labels[worst]), int(evaluation.predictions[worst])
    count = int(evaluation.confusion[truth, answer])

    def scenario(browser: Browser) -> None:
        page, trouble = opened(browser, report, device_scale_factor=1)
        dialog = page.locator("dialog")
        assert not dialog.is_visible()
        page.locator(f'.matrix [data-cell="{truth}-{answer}"] button').click()
        assert dialog.is_visible()
        title = dialog.locator("h2").inner_text()
        assert title.startswith(f"{count} image")
        assert title.endswith(f" of {NAMES[truth]}, answered {NAMES[answer]}")
        tiles = dialog.locator(".tile")
        assert tiles.count() == count
        label = tiles.first.get_attribute("aria-label")
        probability = 100 * float(evaluation.confidence[worst])
        assert label == f"test image {worst}, answer {NAMES[answer]}, {probability:.1f}%"
        # It shows the very pixels, each as a square; the corners are rounded.
        with Image.open(BytesIO(tiles.first.screenshot())) as picture:
            shown = np.asarray(picture.convert("L"))
        zoom = shown.shape[0] // 28
        np.testing.assert_array_equal(
            shown[zoom // 2 :: zoom, zoom // 2 :: zoom][2:-2, 2:-2], test.images[worst][2:-2, 2:-2]
        )
        assert page.url.endswith(f"#cell-{truth}-{answer}")
        dialog.get_by_role("button", name="Close").click()
        assert not dialog.is_visible()
        assert "#" not in page.url
        # The address of a cell opens it; beside the window closes it.
        page, more = opened(browser, report, f"#cell-{truth}-{answer}")
        assert page.locator("dialog").is_visible()
        page.mouse.click(5, 5)
        assert not page.locator("dialog").is_visible()
        page, none = opened(browser, report, "#cell-9-9")
        assert not page.locator("dialog").is_visible()
        assert trouble + more + none == []

    in_chromium(scenario)


STEPS = {"Right": (0, 1), "Down": (1, 0), "Left": (0, -1), "Up": (-1, 0)}


def beside(
    table: NDArray[np.int64], cell: tuple[int, int], step: tuple[int, int]
) -> tuple[int, int]:
    """The next cell in a direction that has images; the same one where there is none."""
    row, column = cell[0] + step[0], cell[1] + step[1]
    while 0 <= row < len(table) and 0 <= column < len(table):
        if table[row, column]:
            return row, column
        row, column = row + step[0], column + step[1]
    return cell


def test_the_keyboard_is_enough(report: Path) -> None:
    *_, evaluation = Case(NAMES, images=80).made()

    def scenario(browser: Browser) -> None:
        page, trouble = opened(browser, report)
        focused = "document.activeElement.closest('td')?.dataset.cell ?? null"
        buttons = page.locator(".matrix button")
        stops = [buttons.nth(k).get_attribute("tabindex") for k in range(buttons.count())]
        assert stops == ["0"] + ["-1"] * (len(stops) - 1)
        page.get_by_role("region", name="Confusion matrix").focus()
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == "0-0"
        cell = (0, 0)
        for key in ("Right", "Down", "Down", "Left", "Up", "Left", "Left", "Left", "Right"):
            page.keyboard.press(f"Arrow{key}")
            cell = beside(evaluation.confusion, cell, STEPS[key])
            assert page.evaluate(focused) == f"{cell[0]}-{cell[1]}"
        assert cell != (0, 0)
        page.keyboard.press("Enter")
        assert page.locator("dialog").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator("dialog").is_visible()
        assert page.evaluate(focused) == f"{cell[0]}-{cell[1]}"  # where one came from
        page.keyboard.press("Tab")  # the whole matrix is one stop
        assert not page.evaluate("document.activeElement.closest('.matrix') !== null")
        assert trouble == []

    in_chromium(scenario)


def test_without_its_script_all_but_the_opening_is_there(report: Path) -> None:
    def scenario(browser: Browser) -> None:
        page, trouble = opened(browser, report, java_script_enabled=False)
        assert page.locator(".matrix").is_visible()
        assert page.locator("main .gallery .tile").count() > 20
        assert page.locator("td button").count() == 0
        assert not page.locator("dialog").is_visible()
        page.emulate_media(media="print")
        assert page.locator(".matrix").is_visible()
        assert not page.get_by_role("navigation").is_visible()
        assert trouble == []

    in_chromium(scenario)
