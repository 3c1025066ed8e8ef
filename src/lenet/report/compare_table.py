"""Writes the table of a comparison: short for the terminal, complete in Markdown."""

from lenet.evaluation.compare.comparison import Comparison, Result
from lenet.evaluation.compare.contestants import CONTESTANTS
from lenet.evaluation.reject import REJECT_ERROR

_BY_NAME = {one.name: one for one in CONTESTANTS}
_PAPER = (
    'The 1998 paper: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document '
    'Recognition", Figures 9 and 10, trained on 60,000 images.'
)

LEGEND = (
    "error: error rate on the test images, with its 95% interval; params: parameters; MACs: "
    "multiply-accumulates per image; train: training time; image: time per test image; reject: "
    f"share of images to reject for an error rate of {REJECT_ERROR:.1%} among the others; 1998: "
    "the paper's result for a classifier of the same kind"
)


def cells(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the complete table; for MNIST, with the 1998 paper's results."""
    paper = ["in 1998"] if comparison.like_the_paper else []
    headings = [
        *("classifier", "test error", "95% interval", *paper, "parameters"),
        *("multiply-accumulates", "training time", "time per image"),
        *(f"rejected for {REJECT_ERROR:.1%} error", *paper),
    ]
    return headings, [_row(one, bool(paper)) for one in comparison.results]


def short_cells(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows for a terminal of 80 columns; `LEGEND` explains them."""
    headings = [
        "",
        "error",
        "interval",
        "1998",
        "params",
        "MACs",
        "train",
        "image",
        "reject",
        "1998",
    ]
    rows = [headings]
    for one in comparison.results:
        contestant = _BY_NAME[one.name]
        low, high = one.interval
        row = [
            one.name,
            f"{one.error:.2%}",
            f"{100 * low:.2f}–{100 * high:.2f}",
            _in_percent(contestant.paper_error.partition(" ")[0]),
            short(one.parameters),
            "–" if one.multiply_accumulates is None else short(one.multiply_accumulates),
            f"{one.train_seconds:,.1f} s",
            f"{1e6 * one.prediction_seconds:,.1f} µs",
            "–" if one.rejected is None else f"{one.rejected:.1%}",
            _in_percent(contestant.paper_rejected.partition(" ")[0]),
        ]
        rows.append(row)
    if not comparison.like_the_paper:
        rows = [[*row[:3], *row[4:9]] for row in rows]
    return rows[0], rows[1:]


def markdown(comparison: Comparison) -> str:
    """Return the complete table as Markdown, with the conditions and what its columns mean."""
    headings, rows = cells(comparison)
    lines = [_line(headings), "|---" + "|--:" * (len(headings) - 1) + "|"]
    lines += [_line(row) for row in rows]
    lines += ["", conditions(comparison), ""]
    lines += [
        "- Parameters: " + _by_contestant(comparison, "parameters"),
        "- Multiply-accumulates per image: " + _by_contestant(comparison, "work"),
        "- Rejected: the smallest share of test images to reject, those first whose two largest "
        f"outputs differ least, for an error rate of at most {REJECT_ERROR:.1%} among the others. "
        "Outputs: " + _by_contestant(comparison, "outputs"),
    ]
    if comparison.like_the_paper:
        lines.append(f"- {_PAPER}")
    return "\n".join(lines)


def conditions(comparison: Comparison) -> str:
    """Return a sentence with the data, the machine and the software of the measurements."""
    computed: dict[str, list[str]] = {}
    for one in comparison.results:
        computed.setdefault(one.computed_by, []).append(one.name)
    epochs = ", ".join(f"{one.name} {one.epochs}" for one in comparison.results if one.epochs)
    versions = ", ".join(f"{name} {number}" for name, number in comparison.versions.items())
    return (
        f"{comparison.title}, {comparison.train_images:,} training and "
        f"{comparison.test_images:,} test images, seed {comparison.seed}; {comparison.machine}, "
        f"{comparison.threads} threads; {versions}. Computed by "
        + "; ".join(f"{by}: {', '.join(names)}" for by, names in computed.items())
        + "."
        + (f" Epochs: {epochs}." if epochs else "")
    )


def short(number: int) -> str:
    """Return a count with three digits: 61.7 k, 47.1 M."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return str(number)


def _row(result: Result, paper: bool) -> list[str]:
    contestant = _BY_NAME[result.name]
    low, high = result.interval
    work = f"{result.multiply_accumulates:,}" if result.multiply_accumulates is not None else "none"
    if result.comparisons is not None:
        work = f"{result.comparisons:,.0f} comparisons"
    return [
        contestant.title,
        f"{result.error:.2%}",
        f"{100 * low:.2f}–{100 * high:.2f}",
        *([_in_percent(contestant.paper_error)] if paper else []),
        f"{result.parameters:,}",
        work,
        f"{result.train_seconds:,.1f} s",
        f"{1e6 * result.prediction_seconds:,.1f} µs",
        "not reached" if result.rejected is None else f"{result.rejected:.1%}",
        *([_in_percent(contestant.paper_rejected)] if paper else []),
    ]


def _in_percent(figure: str) -> str:
    """Put a percent sign after the number: ``4.7 (300 units)`` becomes ``4.7% (300 units)``."""
    number, space, rest = figure.partition(" ")
    return f"{number}%{space}{rest}" if figure else ""


def _line(values: list[str]) -> str:
    return "| " + " | ".join(values) + " |"


def _by_contestant(comparison: Comparison, fact: str) -> str:
    """List a fact about the classifiers; those with the same fact are named together."""
    names: dict[str, list[str]] = {}
    for one in comparison.results:
        names.setdefault(str(getattr(_BY_NAME[one.name], fact)), []).append(one.name)
    return "; ".join(f"{', '.join(who)}: {what}" for what, who in names.items()) + "."
