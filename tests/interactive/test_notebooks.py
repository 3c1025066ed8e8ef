"""The notebooks' cells run, one after another; what a cell ends with can show itself."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 4
    program = ""
    for cell in cells:
        *others, last = ast.parse(cell).body
        program += "\n".join(map(ast.unparse, others)) + "\n"
        if isinstance(last, ast.Expr):
            program += f"_ = {ast.unparse(last)}\n"
            program += "assert getattr(_, '_repr_png_', _._repr_html_)()\n"
        else:
            program += ast.unparse(last) + "\n"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
