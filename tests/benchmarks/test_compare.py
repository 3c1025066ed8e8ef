"""The scripts behind the comparison's tables: what they choose, and what they write."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tests.conftest import bars

from lenet.evaluation.compare.comparison import Comparison, Result
from lenet.report.compare_table import markdown

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def choices() -> ModuleType:
    spec = importlib.util.spec_from_file_location("choices", BENCHMARKS / "compare_choices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_least_product_of_mistakes_wins(choices: ModuleType) -> None:
    # Products for b: 50, 36, 36 and 45.
    counts = [("a", 1, 2, 9), ("b", 2, 5, 10), ("b", 3, 4, 9), ("b", 4, 9, 4), ("b", 5, 3, 15)]
    tried: list[dict[str, Any]] = [
        {"classifier": name, "setting": {"C": c}, "wrong": {"x": x, "y": y}}
        for name, c, x, y in counts
    ]
    assert choices.best(tried, "a") == {"C": 1}
    assert choices.best(tried, "b") == {"C": 3}  # the first of the two


def test_all_settings_of_a_grid_are_tried(choices: ModuleType) -> None:
    assert choices.settings({"C": [1, 2], "gamma": [3, 4]}) == [
        {"C": 1, "gamma": 3},
        {"C": 1, "gamma": 4},
        {"C": 2, "gamma": 3},
        {"C": 2, "gamma": 4},
    ]


def test_no_image_is_in_both_parts(choices: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "TRAINING", 80)
    monkeypatch.setattr(choices, "VALIDATION", 20)
    split = bars(400, 4)
    first, second = choices.parts(split)
    assert (len(first), len(second)) == (80, 20)
    assert np.bincount(second.labels).tolist() == [5, 5, 5, 5]
    bytes_of = [{image.tobytes() for image in part.images} for part in (first, second)]
    assert len(bytes_of[0] | bytes_of[1]) == 100


def test_tables_and_pictures_are_those_of_the_raw_results(tmp_path: Path) -> None:
    (tmp_path / "docs" / "images").mkdir(parents=True)
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    for script in ("compare.py", "readme.py"):
        shutil.copy(BENCHMARKS / script, tmp_path / "benchmarks")
    page, expected = ["# Family"], ["# Family"]
    for name in ("mnist", "fashion-mnist"):
        row = Result("knn", len(name), 100, 1, 1, None, None, 1.0, 1.0, 0.5, "scikit-learn")
        comparison = Comparison(name, name, 1, 100, 0, "m", 1, {"lenet": "1"}, (row,))
        path = tmp_path / "benchmarks" / "results" / f"compare-{name}.json"
        path.write_text(json.dumps(comparison.to_json()))
        page += [f"<!-- compare {name} -->\nold\n<!-- /compare {name} -->"]
        expected += [f"<!-- compare {name} -->\n{markdown(comparison)}\n<!-- /compare {name} -->"]
    (tmp_path / "docs" / "family.md").write_text("\n".join(page))
    subprocess.run([sys.executable, tmp_path / "benchmarks" / "compare.py", "--table"], check=True)
    assert (tmp_path / "docs" / "family.md").read_text() == "\n".join(expected)
    assert {path.name for path in (tmp_path / "docs" / "images").iterdir()} == {
        "compare-mnist.png",
        "compare-fashion-mnist.png",
    }
