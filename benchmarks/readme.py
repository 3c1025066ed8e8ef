"""Puts a measured table into README.md, between its markers."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def replace_table(name: str, table: str) -> None:
    """Replace what stands between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    ValueError
        README.md has no such markers.
    """
    text = README.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"README.md has no markers {start} … {end}")
    new = pattern.sub(lambda _: f"{start}\n{table}\n{end}", text)
    README.write_text(new, encoding="utf-8")
