"""The words of the code are the field's own: none of those that CONTRIBUTING.md replaced is left.

Keys of JSON, recipes and links on disk keep their names; they are strings, and only listed here.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for folder, pattern in (("src/lenet", "*.py"), ("native", "*.[ch]*"), ("web/src", "*.ts"))
    for path in sorted((ROOT / folder).rglob(pattern))
]
# An old word, and the one to use.
REPLACED = {
    "lengthened": "dequantize",
    "shortened": "quantize",
    "packed": "int8",
    "unpacked": "dequantize",
    "warmth": "temperature",
    "lesson": "recipe",
    "lessons": "recipe",
    "foreign": "negatives",
    "flagged": "flagged_ones",
    "further": "extra, other, more",
    "strangers": "unknown",
    "taught": "distillation",
    "caution": "curvature_scale",
    "made_from": "sources",
    "spread": "dilation, scatter, standard deviation",
    "beside": "ensemble member; next to; compared with",
    "told": "callback",
    "tell": "say, return, show",
    "hear": "callback",
    "news": "callbacks, messages",
}
# Where an old word is a name on disk, in JSON, in HTTP or in another language's standard.
KEPT = re.compile(
    r"""["'`/{]beside(-|["'`])|beside-\{|beside-1|"(foreign|flagged|taught|caution|lessons)"|"""
    r"""flagged[-_ ]ones?"""
)


def words(text: str) -> set[str]:
    """The words of a text, identifiers divided at underscores and capitals."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", KEPT.sub(" ", text))
    return {part.lower() for part in parts} | set(re.findall(r"\bmade_from\b", text))


@pytest.mark.parametrize("folder", ["src", "native", "web"])
def test_no_replaced_word_is_left(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word!r}, use {REPLACED[word]}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] == folder
        for word in sorted(words(path.read_text(encoding="utf-8")) & set(REPLACED))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text", ["def told(", "lessonOf", "the news is", "made_from = 1", "Spread"]
)
def test_a_replaced_word_is_found(text: str) -> None:
    assert words(text) & {*REPLACED, "made_from"}


@pytest.mark.parametrize("text", ['"beside"', "flagged_ones", 'table["taught"]', "folder/beside-1"])
def test_a_name_on_disk_is_none(text: str) -> None:
    assert not words(text) & set(REPLACED)
