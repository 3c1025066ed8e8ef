"""Puts a measured table into a document, between its markers."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ENGINE = ROOT / "docs" / "engine.md"


def replace_table(name: str, table: str, document: Path = README) -> None:
    """Replace what stands between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    ValueError
        The document has no such markers.
    """
    text = document.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{document.name} has no markers {start} … {end}")
    new = pattern.sub(lambda _: f"{start}\n{table}\n{end}", text)
    document.write_text(new, encoding="utf-8")
