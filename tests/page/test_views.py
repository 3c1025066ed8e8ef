"""The other views: look inside, read, networks, train."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.page.hands import SEVEN, Line, part, shows, write
from tests.serving.service import Service

# 2, 0, 7 side by side on the wide sheet of Read.
NUMBER: list[Line] = [
    [(0.26, 0.3), (0.29, 0.2), (0.32, 0.22), (0.33, 0.35), (0.26, 0.8), (0.26, 0.8), (0.34, 0.78)],
    [(0.45, 0.2), (0.41, 0.35), (0.41, 0.65), (0.45, 0.8), (0.49, 0.65), (0.49, 0.35), (0.45, 0.2)],
    [(0.56, 0.22), (0.66, 0.22), (0.60, 0.8)],
]


@pytest.fixture
def inside(page: Page, service: Service) -> Page:
    page.goto(f"{service.url}/#/draw?network=digits")
    shows(page, "answer", "Draw a digit")
    write(page, SEVEN)
    shows(page, "answer", "7")
    part(page, "tab-inside").click()
    is_seven(page)
    return page


def is_seven(page: Page) -> None:
    expect(part(page, "answer")).to_have_text(re.compile(r"^7, .*sure"))


def test_the_first_stroke_takes_the_place_of_the_example(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/#/inside?network=digits")
    expect(part(page, "answer")).to_have_text(re.compile(r"^3, .*sure"))
    write(page, SEVEN)
    is_seven(page)


def test_every_layer_is_there_in_its_order(inside: Page) -> None:
    names = [
        "conv1",
        "act1",
        "pool1",
        "conv2",
        "act2",
        "pool2",
        "fc1",
        "act3",
        "fc2",
        "act4",
        "fc3",
    ]
    tops: list[tuple[float, float]] = []
    for name in names:
        layer = part(inside, f"layer-{name}").first
        expect(layer).to_be_visible()
        box = layer.bounding_box()
        assert box is not None
        tops.append((box["x"], box["y"]))
    assert tops == sorted(tops)
    expect(part(inside, "layer-conv1")).to_have_attribute(
        "aria-label", re.compile("6 feature maps of 28")
    )


def test_a_unit_shows_its_products_and_their_sum(inside: Page) -> None:
    part(inside, "layer-conv2").click(position={"x": 12, "y": 12})  # in its first map
    expect(part(inside, "unit-title")).to_contain_text("conv2")
    value = re.search(r"value (−?-?[\d.]+)", part(inside, "unit-where").inner_text())
    assert value is not None
    expect(part(inside, "making")).to_contain_text(value[1])
    panel = part(inside, "unit-panel")
    expect(panel).to_contain_text("− 5")  # the shape arithmetic of a kernel of five
    before = part(inside, "unit-where").inner_text()
    part(inside, "step").click()
    expect(part(inside, "unit-where")).not_to_have_text(before)
    part(inside, "play").click()
    expect(part(inside, "play")).to_have_text("Pause")
    part(inside, "play").click()
    expect(part(inside, "play")).not_to_have_text("Pause")


def test_moved_without_centring_the_maps_move_and_the_answer_holds(inside: Page) -> None:
    part(inside, "centre").uncheck()
    is_seven(inside)
    part(inside, "move-right").click()
    expect(part(inside, "place")).to_contain_text("right")
    is_seven(inside)
    expect(part(inside, "shifts-summary")).to_contain_text(re.compile(r"stays 7 in \d+ of 169"))


def test_the_chapters_network_stands_beside_todays(inside: Page) -> None:
    part(inside, "pair").check()
    expect(part(inside, "flow-digits")).to_be_visible()
    expect(part(inside, "flow-chapter")).to_be_visible()
    expect(part(inside, "compare")).to_contain_text(re.compile("sigmoid", re.IGNORECASE))


def test_a_number_written_across_is_read(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/#/read")
    write(page, NUMBER)
    shows(page, "text", "207")
    expect(part(page, "box")).to_have_count(3)
    expect(part(page, "trellis")).to_be_visible()
    part(page, "length").fill("2")  # what cannot be is not said
    expect(part(page, "text")).not_to_have_text("207")
    part(page, "length").fill("")
    shows(page, "text", "207")
    part(page, "clear").click()
    expect(part(page, "box")).to_have_count(0)


def test_field_and_trellis_lie_over_one_another_and_fit_a_window(
    page: Page, service: Service
) -> None:
    page.goto(f"{service.url}/#/read")
    write(page, NUMBER)
    expect(part(page, "column-words")).to_contain_text("the path takes 2")
    for width in (1180, 360):
        page.set_viewport_size({"width": width, "height": 820})
        # They follow the window a moment later.
        page.wait_for_function(
            """() => {
                const [field, trellis] = ['field', 'trellis'].map((name) =>
                    document.querySelector(`[data-test=${name}]`).getBoundingClientRect())
                return field.x === trellis.x && Math.abs(field.width - trellis.width) < 8
                    && field.height + trellis.height < 400 && trellis.right < innerWidth
            }"""
        )


@pytest.mark.parametrize("network", ["my-run", "fashion"])
def test_ten_classes_fit_a_phone_in_cells_that_a_finger_hits(
    page: Page, service: Service, network: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{service.url}/#/networks?network={network}")
    matrix = part(page, "confusion")
    expect(matrix).to_be_visible()
    room = page.get_by_role("group", name="Confusion matrix")
    assert room.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
    smallest, overflowing = matrix.evaluate(
        """(table) => {
            const cells = [...table.querySelectorAll('button')]
            const sides = cells.flatMap((one) => [one.offsetWidth, one.offsetHeight])
            const over = cells.filter((one) => one.scrollWidth > one.clientWidth)
            return [Math.min(...sides), over.length]
        }"""
    )
    assert smallest >= 24
    assert overflowing == 0
    expect(matrix.get_by_role("rowheader")).to_have_count(10)
    last = "ankle boot" if network == "fashion" else "9"
    expect(matrix.get_by_role("rowheader", name=last, exact=True)).to_have_count(1)
    expect(matrix.get_by_role("button", name=f"{last}, correct")).to_have_count(1)


@pytest.mark.parametrize(("sample", "text"), [(0, "1998"), (1, "60000"), (2, "275000")])
def test_sample_numbers_are_read(page: Page, service: Service, sample: int, text: str) -> None:
    page.goto(f"{service.url}/#/read")
    part(page, f"number{sample}").click()
    expect(part(page, "text")).to_have_text(re.compile(rf"^{text[:-3]}\D?{text[-3:]}$"))
    expect(part(page, "box")).to_have_count(len(text))


def test_a_run_that_is_served_shows_its_figures(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/#/networks?network=my-run")
    expect(part(page, "accuracy")).to_have_text(re.compile(r"9\d\.\d\d\s?%"))
    expect(part(page, "curves")).to_be_visible()
    expect(part(page, "per-class").locator("tbody tr")).to_have_count(10)
    cell = page.locator('[data-test^="cell-"]').first
    cell.click()
    expect(part(page, "images").locator("img").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(part(page, "images")).to_have_count(0)


def test_a_run_folder_that_is_dropped_is_used(page: Page, service: Service, run: Path) -> None:
    page.goto(f"{service.url}/#/networks")
    files = [run / name for name in ("config.json", "model.safetensors", "history.csv")]
    part(page, "files").set_input_files(files)
    expect(part(page, "networks")).to_contain_text("dropped here")
    part(page, "draw-on-it").click()
    shows(page, "answer", "Draw a digit")
    write(page, SEVEN)
    shows(page, "answer", "7")


def test_files_that_are_no_network_are_a_sentence(
    page: Page, service: Service, tmp_path: Path
) -> None:
    page.goto(f"{service.url}/#/networks")
    expect(part(page, "networks")).to_contain_text("digits")
    for name, content in (("config.json", b"{}"), ("model.safetensors", b"\0" * 20)):
        (tmp_path / name).write_bytes(content)
    part(page, "files").set_input_files([tmp_path / "config.json", tmp_path / "model.safetensors"])
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("alert")).not_to_have_text("")


@pytest.mark.usefixtures("real_cache")
def test_training_is_watched_stopped_and_run_again(page: Page, service: Service) -> None:
    page.goto(f"{service.url}/#/train")
    expect(part(page, "recipe")).to_have_value("chapter")
    part(page, "data").select_option("mnist")
    for field, value in (("recipe", "own"), ("activation", "relu"), ("epochs", "18")):
        expect(part(page, field)).to_have_value(value)  # what `lenet train mnist` takes
    expect(page).to_have_url(re.compile("data=mnist"))  # it is written a moment later
    page.reload()
    expect(part(page, "recipe")).to_have_value("own")
    part(page, "recipe").select_option("chapter")
    expect(part(page, "learning_rate")).to_have_value("0.9")
    part(page, "activation").select_option("relu")
    part(page, "pooling").select_option("max")
    part(page, "learning_rate").fill("0.1")
    part(page, "epochs").fill("1")
    part(page, "start").click()
    expect(part(page, "run")).to_have_count(1)
    expect(part(page, "stop")).to_be_enabled()
    expect(part(page, "start")).to_be_enabled(timeout=120_000)  # it is done
    expect(part(page, "rates")).to_contain_text("s of training")
    expect(part(page, "kernels")).to_be_visible()
    part(page, "epochs").fill("30")
    part(page, "start").click()
    expect(part(page, "run")).to_have_count(2)
    part(page, "stop").click()
    expect(part(page, "start")).to_be_enabled(timeout=120_000)
