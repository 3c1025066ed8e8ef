"""The view Draw."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.page.conftest import watched
from tests.page.hands import FORTY_SEVEN, SEVEN, give, part, shows, touch, write
from tests.serving.service import BLANK, Service, as_file, drawn
from tests.serving.service import SEVEN as SEVEN_FILE


@pytest.fixture
def draw(page: Page, service: Service) -> Page:
    page.goto(f"{service.url}/#/draw?network=digits")
    shows(page, "answer", "Draw a digit")
    return page


def seen(page: Page) -> str:
    """Return the picture of what the network sees."""
    return str(part(page, "input").evaluate("(canvas) => canvas.toDataURL()"))


def test_a_digit_drawn_with_the_mouse_is_named_and_its_input_shown(draw: Page) -> None:
    before = seen(draw)
    write(draw, SEVEN)
    shows(draw, "answer", "7")
    assert seen(draw) != before
    assert part(draw, "input").evaluate("(one) => [one.width, one.height]") == [28, 28]
    bars = part(draw, "bar")
    assert bars.count() == 11  # ten digits, and none of these
    expect(draw.locator('[data-test="bar"][data-class="7"]')).to_contain_text("%")


def says_several(page: Page, detail: str) -> None:
    expect(part(page, detail)).to_contain_text("several digits")
    expect(part(page, detail)).to_contain_text("Read view")


def test_several_digits_drawn_are_not_sure_and_sent_to_the_read_view(draw: Page) -> None:
    write(draw, FORTY_SEVEN)
    shows(draw, "answer", "Not sure")
    says_several(draw, "answer-detail")
    part(draw, "undo").click()  # the 7
    shows(draw, "answer", "4")
    expect(part(draw, "answer-detail")).not_to_contain_text("several")


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_several_digits_given_are_not_sure(draw: Page, how: str) -> None:
    give(draw, how, as_file(drawn("777", (232, 112))))
    shows(draw, "answer", "Not sure")
    says_several(draw, "answer-detail")


def test_several_digits_are_not_sure_inside_a_network_either(draw: Page) -> None:
    write(draw, FORTY_SEVEN)
    shows(draw, "answer", "Not sure")
    draw.get_by_role("link", name="Look inside").click()
    expect(part(draw, "answer")).to_contain_text("Not sure, there are several digits")
    says_several(draw, "answer")


def test_undo_and_clear_leave_nothing_and_guess_nothing(draw: Page) -> None:
    write(draw, [*SEVEN, [(0.3, 0.5), (0.7, 0.5)]])
    shows(draw, "answer", "7")
    part(draw, "undo").click()
    shows(draw, "answer", "7")
    part(draw, "clear").click()
    shows(draw, "answer", "Draw a digit")
    part(draw, "undo").click()
    shows(draw, "answer", "7")


def test_a_finger_draws_and_does_not_scroll(browser: Browser, service: Service) -> None:
    context = browser.new_context(
        viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True
    )
    for page in watched(context.new_page()):
        page.goto(f"{service.url}/#/draw?network=digits")
        shows(page, "answer", "Draw a digit")
        touch(context, page, SEVEN)
        shows(page, "answer", "7")
        assert (
            part(page, "drawing").evaluate("(one) => getComputedStyle(one).touchAction") == "none"
        )
        place = page.evaluate("scrollY")
        touch(context, page, [[(0.5, 0.9), (0.5, 0.1)]])
        assert page.evaluate("scrollY") == place
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_given_is_read(draw: Page, how: str) -> None:
    give(draw, how, SEVEN_FILE)
    shows(draw, "answer", "7")


def test_a_picture_chosen_is_read_and_an_empty_one_is_not_guessed(draw: Page) -> None:
    part(draw, "file").set_input_files(
        {"name": "seven.png", "mimeType": "image/png", "buffer": SEVEN_FILE}
    )
    shows(draw, "answer", "7")
    part(draw, "file").set_input_files(
        {"name": "blank.png", "mimeType": "image/png", "buffer": BLANK}
    )
    expect(part(draw, "answer")).not_to_have_text(re.compile(r"^\d$"))


def test_what_is_no_picture_is_a_sentence(draw: Page) -> None:
    part(draw, "file").set_input_files(
        {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(draw.get_by_role("alert")).to_contain_text("cannot read this picture")


def test_a_link_holds_the_drawing_and_the_network(
    draw: Page, context: BrowserContext, service: Service
) -> None:
    write(draw, SEVEN)
    shows(draw, "answer", "7")
    draw.wait_for_url(re.compile("ink="))
    for other in watched(context.new_page()):
        other.goto(draw.url)
        shows(other, "answer", "7")
        assert other.locator("#network").input_value() == "digits"
        other.goto(f"{service.url}/#/draw?network={quote('no such')}&ink=%%%")
        expect(part(other, "answer")).to_be_visible()  # a broken link is a page all the same


def test_arrow_keys_move_the_drawing_and_the_answer_holds(draw: Page) -> None:
    write(draw, SEVEN)
    shows(draw, "answer", "7")
    part(draw, "drawing").focus()
    before = draw.url
    for _ in range(3):
        draw.keyboard.press("ArrowRight")
    expect(draw).not_to_have_url(before)
    shows(draw, "answer", "7")


def test_the_keyboard_alone_draws(draw: Page) -> None:
    part(draw, "drawing").focus()
    keys = draw.keyboard
    keys.press("p")  # takes the pen, in the middle
    for key, times in (("ArrowUp", 8), ("ArrowLeft", 6)):
        for _ in range(times):
            keys.press(key)
    keys.press(" ")
    for _ in range(12):
        keys.press("ArrowRight")
    for _ in range(16):
        keys.press("ArrowDown")
    keys.press(" ")
    shows(draw, "answer", "7")
    keys.press("Delete")
    shows(draw, "answer", "Draw a digit")


def test_samples_are_named_as_they_are_labelled(draw: Page) -> None:
    for digit in range(10):
        part(draw, f"sample0-{digit}").click()
        shows(draw, "answer", str(digit))


@pytest.mark.parametrize("network", ["chapter", "lecun1998", "my-run", "fashion"])
def test_other_networks_answer_too(page: Page, service: Service, network: str) -> None:
    page.goto(f"{service.url}/#/draw?network={network}")
    write(page, SEVEN)
    expect(part(page, "milliseconds")).to_contain_text("ms")
    if network != "fashion":
        shows(page, "answer", "7")
