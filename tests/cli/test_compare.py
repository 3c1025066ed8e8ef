import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.conftest import bars

from lenet.cli.compare import command
from lenet.data import Dataset
from lenet.errors import LenetError
from lenet.evaluation.compare import classifiers
from lenet.evaluation.compare.classifiers import Setting, Trained

pytest.importorskip("sklearn")


@pytest.fixture
def scans(tiny: Dataset, class_folder: Callable[..., Path]) -> Path:
    return class_folder(bars(60, 3))


def test_results_table_and_picture_are_written(scans: Path) -> None:
    done = CliRunner().invoke(command, [str(scans), "--only", "knn, lenet", "--out", "there"])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in Path("there").iterdir()) == [
        "compare.json",
        "compare.md",
        "compare.png",
    ]
    results = json.loads(Path("there/compare.json").read_text())
    assert [one["name"] for one in results["results"]] == ["lenet", "knn"]
    assert results["train_images"] == 48  # 80% of 60
    assert done.stderr.count("of 12 test images wrong") == 2
    rows = [line.split() for line in done.stdout.splitlines()]
    wrong = results["results"][1]["error"]
    assert next(row for row in rows if row[:1] == ["knn"])[1] == f"{wrong:.2%}"
    assert "| The textbook's LeNet |" in Path("there/compare.md").read_text()
    assert "there/compare.png" in done.stdout


def test_json_is_all_there_is_on_stdout(scans: Path) -> None:
    done = CliRunner().invoke(command, [str(scans), "--only", "knn", "--quick", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads(
        Path("runs/compare-images-quick/compare.json").read_text()
    )
    assert done.stderr == ""


def test_an_interrupt_leaves_what_is_measured(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train = classifiers.train

    def interrupted(name: str, split: object, seed: int, setting: Setting | None = None) -> Trained:
        if name == "forest":
            raise KeyboardInterrupt
        return train(name, split, seed, setting)  # pyright: ignore[reportArgumentType] passed on

    monkeypatch.setattr(classifiers, "train", interrupted)
    only = ["--only", "knn,logistic,forest"]
    done = CliRunner().invoke(command, [str(scans), *only, "--out", "there"])
    assert done.exit_code != 0
    assert "the results so far are in there/compare.json" in done.stderr
    results = json.loads(Path("there/compare.json").read_text())["results"]
    assert [one["name"] for one in results] == ["knn", "logistic"]
    assert sorted(path.name for path in Path("there").iterdir()) == ["compare.json"]
    CliRunner().invoke(command, [str(scans), "--only", "forest", "--out", "nothing"])
    assert not Path("nothing").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--only", "knm"], "Did you mean 'knn'"),
        (["--only", ""], "no classifier is called ''"),
        (["no-such-data"], "no-such-data"),
        (["--only", "knn", "--out", "full"], "full exists already"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(
    arguments: list[str], told: str, scans: Path
) -> None:
    Path("full").mkdir()
    Path("full/file").touch()
    if "no-such-data" not in arguments:
        arguments = [str(scans), *arguments]
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, LenetError)
    assert told in str(done.exception)
    assert not Path("runs").exists()
