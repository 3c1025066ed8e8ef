"""The table of a comparison: its cells for the terminal, and whole in Markdown."""

from lenet.evaluation.compare.comparison import REJECT_ERROR, Comparison, Result
from lenet.evaluation.compare.contestants import CONTESTANTS, Contestant

_BY_NAME = {one.name: one for one in CONTESTANTS}
_PAPER = (
    'The 1998 paper: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document '
    'Recognition", Figures 9 and 10, trained on 60,000 images.'
)

LEGEND = (
    "error: on the test images, with its 95% interval; stored: numbers; MACs: multiply-accumulates "
    f"an image; reject: share of images to leave unanswered for {REJECT_ERROR:.1%} error among the "
    "others; 1998: the paper, for the same kind"
)


def cells(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows; of MNIST, with the 1998 paper's figures beside."""
    paper = comparison.like_the_paper
    headings = [
        "classifier",
        "test error",
        "95% interval",
        *(["in 1998"] if paper else []),
        "parameters",
        "multiply-accumulates",
        "training",
        "an image",
        f"rejected for {REJECT_ERROR:.1%} error",
        *(["in 1998"] if paper else []),
    ]
    return headings, [_row(one, paper) for one in comparison.results]


def short_cells(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows that fit a terminal; `LEGEND` says what they are."""
    paper = comparison.like_the_paper
    headings = ["", "error", "interval", "1998", "stored", "MACs", "train", "image", "reject"]
    rows: list[list[str]] = []
    for one in comparison.results:
        contestant = _BY_NAME[one.name]
        work = "–" if one.multiply_accumulates is None else short(one.multiply_accumulates)
        low, high = one.interval
        row = [
            one.name,
            percent(one.error),
            f"{100 * low:.2f}–{100 * high:.2f}",
            _in_percent(contestant.paper_error.partition(" ")[0]),
            short(one.parameters),
            work,
            f"{one.train_seconds:,.1f} s",
            f"{1e6 * one.prediction_seconds:,.1f} µs",
            "–" if one.rejected is None else f"{one.rejected:.1%}",
            _in_percent(contestant.paper_rejected.partition(" ")[0]),
        ]
        rows.append(row)
    headings.append("1998")
    if not paper:
        headings, *rows = ([*row[:3], *row[4:9]] for row in (headings, *rows))
    return headings, rows


def markdown(comparison: Comparison) -> str:
    """Return the table with what has to be known to read it."""
    headings, rows = cells(comparison)
    lines = [_line(headings), "|---" + "|--:" * (len(headings) - 1) + "|"]
    lines += [_line(row) for row in rows]
    lines += ["", conditions(comparison), ""]
    contestants = [_BY_NAME[one.name] for one in comparison.results]
    lines += [
        "- Parameters: " + _by_contestant(contestants, "parameters"),
        "- Multiply-accumulates an image: " + _by_contestant(contestants, "work"),
        "- Rejected: the least share of test images to leave unanswered, those first whose two "
        f"largest outputs differ least, so that at most {REJECT_ERROR:.1%} of the others are "
        "wrong. Outputs: " + _by_contestant(contestants, "outputs"),
    ]
    if comparison.like_the_paper:
        lines.append(f"- {_PAPER}")
    return "\n".join(lines)


def conditions(comparison: Comparison) -> str:
    """Say on what was measured."""
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


def percent(share: float) -> str:
    """Write a share of test images as a percentage."""
    return f"{share:.2%}"


def short(number: int) -> str:
    """Write a count with three digits: 61.7 k, 47.1 M."""
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
        percent(result.error),
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
    """Put the sign behind the number: ``4.7 (300 units)`` is ``4.7% (300 units)``."""
    number, space, rest = figure.partition(" ")
    return f"{number}%{space}{rest}" if figure else ""


def _line(values: list[str]) -> str:
    return "| " + " | ".join(values) + " |"


def _by_contestant(contestants: list[Contestant], fact: str) -> str:
    """List what counts, naming those together for whom it is the same."""
    names: dict[str, list[str]] = {}
    for one in contestants:
        names.setdefault(str(getattr(one, fact)), []).append(one.name)
    return "; ".join(f"{', '.join(who)}: {what}" for what, who in names.items()) + "."
