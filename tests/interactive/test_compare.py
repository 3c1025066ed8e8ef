"""`lenet.compare` from its arguments to its files, against the command's results."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.command import lenet as command
from tests.conftest import bars

import lenet
from lenet.data import Dataset

pytest.importorskip("sklearn")

ONLY = ["lenet", "knn", "logistic"]


@pytest.mark.slow
def test_python_and_the_command_measure_the_same(
    class_folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = class_folder(bars(60, 3))
    compared = lenet.compare(folder, only=ONLY, seed=2)
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in printed] == ONLY
    assert compared.folder == Path("runs/compare-images")
    names = sorted(path.name for path in compared.folder.iterdir())
    assert names == ["compare.json", "compare.md", "compare.png"]
    words = ("compare", folder, "--only", ",".join(ONLY), "--seed", "2", "--out", "there")
    done = command(*words)
    assert done.returncode == 0, done.stderr
    there = json.loads(Path("there/compare.json").read_text())["results"]
    same = ("name", "error", "images", "parameters")
    assert [[row[key] for key in same] for row in compared.table] == [
        [row[key] for key in same] for row in there
    ]
    saved = json.loads((compared.folder / "compare.json").read_text())
    assert saved["results"] == json.loads(json.dumps(compared.table))
    lines = repr(compared).splitlines()
    assert all(any(name in line for line in lines) for name in ONLY)
    assert "<table" in compared._repr_html_()  # pyright: ignore[reportPrivateUsage]
    assert compared.plot()._repr_png_().startswith(b"\x89PNG")  # pyright: ignore[reportPrivateUsage]


@pytest.mark.slow
def test_a_data_set_a_folder_and_quiet(tiny: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    compared = lenet.compare(tiny, only=["knn"], folder="here", quick=True, quiet=True)
    assert capsys.readouterr().out == ""
    assert compared.folder == Path("here")
    assert compared.table[0]["images"] == len(tiny.test)


def test_a_name_that_is_unknown_leaves_no_folder(tiny: Dataset) -> None:
    with pytest.raises(lenet.LenetError, match="Did you mean 'lenet'"):
        lenet.compare(tiny, only=["lnet"])
    assert not Path("runs").exists()


def test_images_that_a_network_does_not_take_are_refused_before_anything_is_trained(
    tiny: Dataset,
) -> None:
    small = [tiny.train.images[:, :16, :16], tiny.test.images[:, :16, :16]]
    train = lenet.Split(small[0], tiny.train.labels, tiny.classes)
    test = lenet.Split(small[1], tiny.test.labels, tiny.classes)
    with pytest.raises(lenet.LenetError, match="16×16 grey, but lenet takes 28×28 grey"):
        lenet.compare(Dataset("bars", "bars", train, test), only=["knn", "lenet"], quiet=True)
    assert list(Path("runs").iterdir()) == []
