"""What is left where the service refuses: without its key, and where it cannot train."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from tests.page.conftest import watched
from tests.page.hands import SEVEN, part, shows, write
from tests.serving.service import Service, serving

from lenet.data.sources import SYSTEM_FOLDER

KEY = "clé 9"


@pytest.fixture(scope="module")
def locked() -> Iterator[Service]:
    with serving("--api-key", KEY) as running:
        yield running


@pytest.fixture
def stranger(context: BrowserContext, locked: Service) -> Iterator[Page]:
    """A page that is asked for the key."""
    for page in watched(context.new_page(), refusal=401):
        page.goto(f"{locked.url}/#/draw")
        expect(question(page)).to_be_visible()
        yield page


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="This service needs an API key")


def test_a_wrong_key_is_refused_and_the_right_one_is_kept(stranger: Page) -> None:
    refused = question(stranger).get_by_text("This key is wrong. Please try again.")
    expect(refused).to_be_hidden()
    part(stranger, "key").fill("wrong")
    stranger.keyboard.press("Enter")
    expect(refused).to_be_visible()
    part(stranger, "key").fill(KEY)
    question(stranger).get_by_role("button", name="OK").click()
    expect(question(stranger)).to_have_count(0)
    expect(stranger.get_by_role("alert")).to_be_hidden()
    shows(stranger, "answer", "Draw a digit")
    write(stranger, SEVEN)
    shows(stranger, "answer", "7")
    part(stranger, "tab-read").click()
    write(stranger, SEVEN)
    shows(stranger, "text", "7")
    stranger.reload()
    shows(stranger, "text", "7")
    expect(question(stranger)).to_have_count(0)


@pytest.mark.parametrize("how", ["Escape", "Cancel"])
def test_without_the_key_one_draws_on_a_network_of_ones_own(
    stranger: Page, run: Path, how: str
) -> None:
    if how == "Escape":
        stranger.keyboard.press("Escape")
    else:
        question(stranger).get_by_role("button", name="Cancel").click()
    expect(stranger.get_by_role("alert")).to_contain_text("without its key")
    write(stranger, SEVEN)
    stranger.wait_for_url(re.compile("ink="))
    part(stranger, "tab-networks").click()
    files = [run / name for name in ("config.json", "model.safetensors")]
    part(stranger, "files").set_input_files(files)
    part(stranger, "draw-on-it").click()
    shows(stranger, "answer", "7")
    expect(question(stranger)).to_have_count(0)  # asked once is enough


@pytest.mark.skipif((SYSTEM_FOLDER / "mnist").exists(), reason="the system has MNIST")
def test_where_the_data_cannot_be_had_the_page_says_why(
    context: BrowserContext, tmp_path: Path
) -> None:
    nowhere = "http://127.0.0.1:9"
    with serving(
        XDG_CACHE_HOME=str(tmp_path), PATH=str(tmp_path), HTTPS_PROXY=nowhere, https_proxy=nowhere
    ) as alone:
        for page in watched(context.new_page()):
            page.goto(f"{alone.url}/#/train")
            part(page, "data").select_option("mnist")
            part(page, "start").click()
            remark = part(page, "remark")
            expect(remark).to_contain_text(
                "The training failed: no source has all the files of mnist"
            )
            expect(remark).to_contain_text("set LENET_DATA_DIR")
            expect(part(page, "run")).to_contain_text("failed")
            expect(part(page, "start")).to_be_enabled()
