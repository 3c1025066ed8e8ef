import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup
from tests.report.untrained import Case

from lenet.report.page import render

CHARTS = {name: Markup("<svg></svg>") for name in ("reliability", "reject")}
DIGITS = tuple("0123456789")
MIB = 1 << 20
CASES = {
    "digits": Case(DIGITS),
    "one image": Case(DIGITS, images=1, right=1),
    "one mistake": Case(DIGITS, images=1, right=0),
    "no mistakes": Case(DIGITS, right=1),
    "nothing right": Case(DIGITS, right=0),
    "one class": Case(("only",)),
    "one class of ten": Case(DIGITS, labels=1),
    "one class of ten, always wrong": Case(DIGITS, labels=1, right=0),
    "62 classes": Case(tuple(f"letter {k}" for k in range(62)), images=30_000, right=0.1),
    "1000 classes": Case(tuple(f"{'long ' * 40}{k}" for k in range(1000)), images=3000),
    "colour": Case(DIGITS, images=3000, right=0.2, shape=(28, 28, 3)),
    "wide": Case(("a", "b"), shape=(16, 48)),
    "high": Case(("a", "b"), shape=(64, 20)),
    "large": Case(("a", "b"), images=400, shape=(96, 96, 3)),
    "100,000 images": Case(DIGITS, images=100_000, right=0.5),
    "names of HTML": Case(('"><img src=x onerror=alert(1)>', "</script>&amp;", "'{{ 7*7 }}", "")),
}


class Sound(HTMLParser):
    """Fails where elements do not nest; keeps what was found."""

    VOID = ("meta", "img", "br", "path", "use")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes what it did not open"

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str, name: str) -> list[str]:
        return [attrs[name] or "" for found, attrs in self.found if found == tag and name in attrs]


@pytest.mark.parametrize("case", CASES)
def test_every_run_has_a_sound_page_of_bounded_size(case: str) -> None:
    artifact, test, evaluation = CASES[case].made()
    page = render(artifact, test, evaluation, (), {}, CHARTS, None, "mnist")
    assert len(page.encode()) < 2 * MIB
    parsed = Sound()
    parsed.feed(page)
    parsed.close()
    assert parsed.open == []
    ids = [attrs["id"] for _, attrs in parsed.found if "id" in attrs]
    assert len(set(ids)) == len(ids)
    targets = {f"#{one}" for one in ids}
    assert targets >= set(parsed.all("a", "href"))
    # Nothing is fetched, nothing was injected.
    assert not parsed.all("a", "onerror") + parsed.all("img", "onerror")
    assert all(one.startswith("data:image/png;base64,") for one in parsed.all("img", "src"))
    assert all(parsed.all("img", "alt"))
    assert len(parsed.all("script", "src") + parsed.all("link", "href")) == 0
    assert [tag for tag, _ in parsed.found].count("script") == 2
    assert f"{100 * evaluation.accuracy:.2f}%" in "".join(parsed.text)


def cells_of(page: str) -> list[list[str]]:
    """The matrix as text."""
    (table,) = re.findall(r'<table class="matrix.*?</table>', page, re.S)
    rows = re.findall("<tr>(.*?)</tr>", table, re.S)
    return [re.findall(r"<t[dh][^>]*>([^<]*)<", row) for row in rows]


def test_the_matrix_can_be_read_without_the_script() -> None:
    artifact, test, evaluation = CASES["digits"].made()
    first, *rows = cells_of(render(artifact, test, evaluation, (), {}, CHARTS, None, "mnist"))
    assert first[1:] == list(DIGITS)
    assert [row[0] for row in rows] == list(DIGITS)
    assert [[int(one or "0") for one in row[1:]] for row in rows] == evaluation.confusion.tolist()


def test_of_too_many_classes_the_confusions_are_listed() -> None:
    artifact, test, evaluation = CASES["1000 classes"].made()
    page = render(artifact, test, evaluation, (), {}, CHARTS, None, "mnist")
    assert '<table class="matrix' not in page
    assert "There are 1,000 classes." in page
    (table,) = re.findall(r'aria-label="The most frequent confusions">(.*?)</table>', page, re.S)
    listed = re.findall(r'data-cell="(\d+)-(\d+)">(\d+)<', table)
    assert len(listed) == 60
    for truth, answer, count in listed:
        assert truth != answer
        assert evaluation.confusion[int(truth), int(answer)] == int(count)


@pytest.mark.parametrize(
    ("metrics", "processor", "said"),
    [
        ({}, None, []),
        (
            {
                "train_seconds": 2.0,
                "examples_per_second": 60.4,
                "device": "cpu",
                "threads": 2,
                "versions": {"numpy": "2.0", "torch": "3.0"},
            },
            "a chip, 2 cores",
            ["2.0 s", "60 images per second", "a chip, 2 cores", "numpy 2.0, torch 3.0"],
        ),
    ],
)
def test_how_it_was_made_is_said(
    metrics: dict[str, object], processor: str | None, said: list[str]
) -> None:
    artifact, test, evaluation = CASES["digits"].made()
    page = render(artifact, test, evaluation, (), metrics, CHARTS, processor, "mnist")
    for text in said:
        assert text in page
    assert ("of training" in page) == bool(metrics)
