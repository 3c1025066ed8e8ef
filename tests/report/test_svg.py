import re
from xml.etree import ElementTree

from matplotlib.figure import Figure

from lenet.report.png import png
from lenet.report.svg import inline_svg


def drawn(name: str) -> str:
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0.125, 1], "o-", color="#2563ab", label="<b> & 0.12345")
    axes.legend()
    axes.grid()
    png(figure)
    return str(inline_svg(figure, name, 'a "picture" <of> it'))


def test_it_is_one_element_that_brings_no_style_and_no_colour_of_its_own() -> None:
    text = drawn("one")
    root = ElementTree.fromstring(text)
    assert root.tag == "svg"
    assert root.get("aria-label") == 'a "picture" <of> it'
    assert "<style" not in text
    assert "<metadata" not in text
    assert "xlink" not in text
    assert set(re.findall("#[0-9a-f]{6}(?=[;\"'])", text)) <= {"#cccccc", "#ffffff"}
    # Numbers are cut in what is drawn, never in what is said.
    assert "<b> & 0.12345" in [one.text for one in root.iter("text")]
    assert not re.search(r' d="[^"]*\.\d\d', text)


def test_two_pictures_share_a_page() -> None:
    one, other = drawn("one"), drawn("other")
    ids = [set(re.findall(r' id="([^"]*)"', text)) for text in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for text, known in zip((one, other), ids, strict=True):
        assert set(re.findall(r'(?:url\(|href=")#([^)"]*)', text)) == known
    assert one == drawn("one")  # and the same run gives the same bytes
