"""What holds in every view: accessible to all, small, narrow, light and dark, and its own only."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser import AXE, AXE_MISSING
from tests.page.conftest import watched
from tests.page.hands import SEVEN, part, write
from tests.serving.service import Service

import lenet

BUILT = Path(lenet.__file__).parent / "page"
VIEWS = ("draw", "inside", "read", "networks", "train")


def settled(page: Page, service: Service, view: str) -> None:
    """Open a view, with something drawn where one draws."""
    page.goto(f"{service.url}/#/{view}")
    if view in ("draw", "inside", "read"):
        write(page, SEVEN)
    else:
        expect(page.locator("#view h2").first).to_be_visible()
    page.wait_for_load_state("networkidle")


@pytest.mark.skipif(not AXE.is_file(), reason=AXE_MISSING)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_violation_and_nothing_is_wider_than_the_window(
    browser: Browser, service: Service, view: str, width: int, scheme: str
) -> None:
    # axe is put into the page from outside, which the page's own policy would forbid.
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    for page in watched(context.new_page()):
        settled(page, service, view)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations: list[str] = page.evaluate(
            """async () => (await axe.run()).violations.map(
                ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120))}`
            )"""
        )
        assert violations == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


PLACES = """[...document.querySelectorAll('#view *')].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect()
    return `${one.tagName} ${one.className} ${[x, y, width, height].map(Math.round)}`
})"""


def places(page: Page, view: str) -> list[str]:
    """Return where everything in a view lies, when it is all there and nothing moves any more."""
    expect(part(page, f"tab-{view}")).to_have_attribute("aria-current", "page")
    expect(page.locator("#view > *").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    if view == "inside":  # its last sum is that of the moved digits
        expect(part(page, "shifts-summary")).not_to_be_empty()
    now: list[str] = []
    still = 0
    while still < 3:  # the inside is worked out bit by bit
        before, now = now, page.evaluate(PLACES)
        still = still + 1 if now == before else 0
        page.wait_for_timeout(200)
    return now


@pytest.mark.parametrize("width", [1280, 360])
def test_a_view_looks_the_same_whatever_was_shown_before(
    browser: Browser, service: Service, width: int
) -> None:
    """The styles of a view, once loaded, stay."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    alone: dict[str, list[str]] = {}
    for view in VIEWS:
        for page in watched(context.new_page()):
            page.goto(f"{service.url}/#/{view}")
            alone[view] = places(page, view)
    for page in watched(context.new_page()):
        for view in (*VIEWS, *VIEWS):
            page.goto(f"{service.url}/#/{view}")
            assert places(page, view) == alone[view]
    context.close()


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_fetched_from_elsewhere(page: Page, service: Service, view: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    settled(page, service, view)
    assert asked
    assert all(url.startswith((service.url, "data:", "blob:")) for url in asked)


def test_the_page_is_small() -> None:
    """Less than 300 KB as it travels, without weights."""
    files = [path for path in BUILT.rglob("*") if path.is_file()]
    assert files
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 300_000


def test_tabs_work_from_the_keyboard(page: Page, service: Service) -> None:
    page.goto(service.url)
    expect(part(page, "tab-draw")).to_have_attribute("aria-current", "page")
    part(page, "tab-read").focus()
    page.keyboard.press("Enter")
    expect(part(page, "tab-read")).to_have_attribute("aria-current", "page")
    expect(page).to_have_title("Read · lenet")
    page.go_back()
    expect(part(page, "tab-draw")).to_have_attribute("aria-current", "page")
