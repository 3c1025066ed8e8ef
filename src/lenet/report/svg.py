"""Draws a figure as a small SVG inside a page, in the page's font and colours.

The colours follow the page, light or dark.
"""

import re
from io import StringIO

import matplotlib
from markupsafe import Markup, escape
from matplotlib.figure import Figure

# The colours of the figures, as variables of the page, which are different in its dark style.
_COLOURS = {
    "#2563ab": "var(--blue)",
    "#d97706": "var(--orange)",
    "#2f855a": "var(--green)",
    "#64748b": "var(--soft-ink)",
    "#1f2937": "currentColor",
    "#000000": "currentColor",
    "#b0b0b0": "var(--line)",
}
_GEOMETRY = re.compile(r' (?:d|x|y|transform)="[^"]*"')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")


def inline_svg(figure: Figure, name: str, label: str) -> Markup:
    """Return a figure as one ``<svg>`` element.

    Parameters
    ----------
    figure
        A figure that was drawn before, for instance as PNG; its layout is kept.
    name
        The beginning of every id, so that several figures can share a page.
    label
        The text for screen readers.
    """
    figure.set_layout_engine("none")  # finding the layout again takes as long as drawing
    text = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    # The style sheet of the SVG would apply to the whole page.
    drawn = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text.getvalue(), flags=re.S)
    drawn = drawn[drawn.index(">", drawn.index("<svg")) + 1 :]
    drawn = drawn.replace("xlink:href", "href")
    drawn = _GEOMETRY.sub(lambda found: _LONG_NUMBER.sub(_rounded, found[0]), drawn)
    # The page's colour for lines is pale enough without matplotlib's transparency.
    drawn = re.sub(r"(stroke: #b0b0b0;) stroke-opacity: [\d.]+;", r"\1", drawn)
    for colour, variable in _COLOURS.items():
        drawn = drawn.replace(f": {colour}", f": {variable}")
    drawn = _with_few_ids(re.sub(r"\s+", " ", drawn), name)
    width, height = (72 * float(side) for side in figure.get_size_inches())
    start = (
        f'<svg class="chart" viewBox="0 0 {width:g} {height:g}" style="max-width:'
        f'{1.35 * width:.0f}px" role="img" aria-label="{escape(label)}">'
    )
    return Markup(start + drawn)  # matplotlib has escaped the texts


def _with_few_ids(drawn: str, name: str) -> str:
    """Remove ids without references; put `name` before the others."""
    used = set(re.findall(r'(?:url\(|href=")#(\w+)', drawn))
    drawn = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", drawn)
    return re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{name}-", drawn)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
