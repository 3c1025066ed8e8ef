"""What a notebook shows of a training: one output that is replaced in place, and plain lines."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.conftest import bars

import lenet

SPLIT = bars(200, 4)


class Cell:
    """A cell's outputs: what `IPython.display` received, in its order."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, Any]] = []

    def display(self, what: Any, display_id: bool = False) -> Any:
        assert display_id, "without an id it cannot be replaced"
        self.shown.append(("display", what))
        return SimpleNamespace(update=self._update)

    def _update(self, now: Any) -> None:
        self.shown.append(("update", now))


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    """Make this process look like the kernel of a notebook; IPython is not needed for that."""
    cell = Cell()
    main: Any = ModuleType("IPython")
    display: Any = ModuleType("IPython.display")
    main.version_info = (9, 0)  # matplotlib asks for it
    main.get_ipython = lambda: SimpleNamespace(kernel=object())
    display.display = cell.display
    monkeypatch.setitem(sys.modules, "IPython", main)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return cell


@pytest.mark.slow
def test_one_output_of_the_cell_is_replaced_in_place(
    cell: Cell, capsys: pytest.CaptureFixture[str]
) -> None:
    lenet.train((SPLIT.images, SPLIT.labels), recipe="modern", epochs=3)
    assert [kind for kind, _ in cell.shown].count("display") == 1
    assert cell.shown[0][0] == "display"
    lines = [repr(now) for _, now in cell.shown]
    assert [line[:9] for line in lines if "test" in line] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    html = cell.shown[-1][1]._repr_html_()
    assert html.count("<polyline") == 3  # the curves so far
    assert not any("\x1b" in text or "\r" in text for text in (*lines, html))
    assert "epoch" not in capsys.readouterr().out


@pytest.mark.slow
def test_quiet_shows_nothing(cell: Cell) -> None:
    lenet.train((SPLIT.images, SPLIT.labels), recipe="modern", epochs=1, quiet=True)
    assert cell.shown == []


@pytest.mark.slow
def test_a_real_notebook_has_the_same(tmp_path: Path) -> None:
    pytest.importorskip("ipykernel")
    nbclient: Any = pytest.importorskip("nbclient")
    nbformat: Any = pytest.importorskip("nbformat")
    path = tmp_path / "bars.npz"
    np.savez(path, images=SPLIT.images, labels=SPLIT.labels)
    options = "--recipe modern --epochs 2 --out here"
    cells = [
        f"import lenet\nrun = lenet.train({str(path)!r}, recipe='modern', epochs=3)",
        f"!{sys.executable} -m lenet train {path} {options}",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    python, command = (cell["outputs"] for cell in notebook["cells"])
    (live,) = [one for one in python if one["output_type"] == "display_data"]
    assert live["data"]["text/plain"].startswith("epoch 3/3")
    printed = "".join(one["text"] for one in command)
    assert "epoch 2/2" in printed
    assert not any("\x1b" in str(one) for one in (*python, *command))
