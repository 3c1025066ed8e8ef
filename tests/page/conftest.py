"""The page in a real Chromium, before a real ``lenet serve``."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from tests.browser import ARGUMENTS, CHROMIUM, MISSING, PATIENCE
from tests.serving.service import Service, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of each module: while Playwright runs, its thread can run no other event loop."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch on MNIST."""
    folder = tmp_path_factory.mktemp("page") / "my-run"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "lenet",
            "train",
            "mnist",
            "--recipe",
            "modern",
            "--epochs",
            "1",
            "--quiet",
            "--out",
            str(folder),
        ],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="session")
def service(run: Path) -> Iterator[Service]:
    with serving("--run", str(run)) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, service: Service) -> Iterator[Page]:
    """A page that must not have an error on its console when the test is over."""
    opened = context.new_page()
    yield from watched(opened)


def watched(opened: Page, refusal: int | None = None) -> Iterator[Page]:
    """Give a page that must have no error on its console, but for answers of that status."""
    expect.set_options(timeout=PATIENCE)
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and f"status of {refusal} " not in message.text:
            said.append(message.text)

    opened.set_default_timeout(PATIENCE)
    opened.on("console", listen)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    assert not said
