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
        program += cell + "\n"
        if isinstance(last := ast.parse(cell).body[-1], ast.Expr):
            shown = f"({ast.unparse(last)})"
            program += f"_ = {shown}\nassert hasattr(_, '_repr_html_') or _._repr_png_()\n"
            program = program.replace(ast.unparse(last) + "\n_ =", "_ =", 1)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
