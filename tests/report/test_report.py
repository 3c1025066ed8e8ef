import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.report.untrained import some_weights

from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.calibration.interval import wilson_interval
from lenet.data import Dataset, Split
from lenet.evaluation import Evaluation, evaluate
from lenet.networks import lenet_network
from lenet.report import write_report
from lenet.training.progress import Epoch

HISTORY = [Epoch(1, 2.3, 0.1, 0.1, 1.0), Epoch(2, 1.1, 0.55, 0.6, 1.0)]
METRICS = {"train_seconds": 2.0, "examples_per_second": 60.0, "device": "cpu"}


def untrained(data: Dataset, classes: tuple[str, ...] | None = None) -> Artifact:
    network = lenet_network(classes=len(data.classes), in_channels=data.train.channels)
    return some_weights(network, classes or data.classes)


def test_a_report_has_its_pictures_and_needs_nothing_else(tiny: Dataset, tmp_path: Path) -> None:
    artifact = untrained(tiny)
    result = evaluate(artifact, tiny.test)
    write_report(tmp_path, artifact, tiny.test, result, HISTORY, METRICS)
    names = {
        "curves.png",
        "confusion.png",
        "reliability.png",
        "reject.png",
        "predictions.png",
        "mistakes.png",
        "report.html",
    }
    assert {path.name for path in tmp_path.iterdir()} == names
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as image:
            assert image.width > 300
            assert len(set(image.convert("L").get_flattened_data())) > 10  # drawn, not blank
    page = (tmp_path / "report.html").read_text()
    sources = re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', page)
    assert all(one.startswith(("data:image/png;base64,", "#")) for one in map("".join, sources))
    assert not re.search(r"https?:|@import", page)
    assert f"{100 * result.accuracy:.2f}%" in page
    assert page.count("<svg") == 3


def test_the_page_says_what_the_networks_own_thresholds_do(tiny: Dataset, tmp_path: Path) -> None:
    plain = untrained(tiny)
    write_report(tmp_path, plain, tiny.test, evaluate(plain, tiny.test))
    page = (tmp_path / "report.html").read_text()
    assert "is not calibrated" in page
    assert "error asked for" not in page
    # Nothing is as sure as 1, all is as sure as 0.
    fitted = replace(plain, calibration=Calibration(50.0, ((0.075, 1.0), (0.1, 0.0))))
    result = evaluate(fitted, tiny.test)
    write_report(tmp_path, fitted, tiny.test, result)
    page = (tmp_path / "report.html").read_text()
    assert "is not calibrated" not in page
    rows = [re.findall("<td[^>]*>([^<]*)", row) for row in re.findall("<tr>.*?</tr>", page, re.S)]
    low, high = wilson_interval(int((~result.correct).sum()), 40)
    assert ["7.5%", "1.0000", "100.0%", "–", "–"] in rows
    assert [
        "10%",
        "0.0000",
        "0.0%",
        f"{100 - 100 * result.accuracy:.2f}%",
        f"{100 * low:.2f}–{100 * high:.2f}%",
    ] in rows


@pytest.mark.parametrize(
    ("epochs", "listed"),
    [
        (1, 1),
        (41, 21),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in ((40, 40), (300, 38))),
    ],
)
def test_many_epochs_are_thinned_and_the_last_is_there(
    tiny: Dataset, tmp_path: Path, epochs: int, listed: int
) -> None:
    artifact = untrained(tiny)
    history = [Epoch(n, 1.0, 0.5, 0.5, 1.0) for n in range(1, epochs + 1)]
    write_report(tmp_path, artifact, tiny.test, evaluate(artifact, tiny.test), history, METRICS)
    page = (tmp_path / "report.html").read_text()
    lines = re.findall(r'<tr><td class="n">(\d+)</td><td class="n">1.000</td>', page)
    assert len(lines) == listed
    assert lines[-1] == str(epochs)


@pytest.mark.parametrize(
    ("data", "named"),
    [(None, "own data"), ("kmnist", "kmnist"), ("/some/where/numbers.npz", "numbers.npz")],
)
def test_the_title_says_what_was_measured_on(
    tiny: Dataset, tmp_path: Path, data: str | None, named: str
) -> None:
    artifact = replace(untrained(tiny), origin={} if data is None else {"data": "what it learnt"})
    write_report(tmp_path, artifact, tiny.test, evaluate(artifact, tiny.test), data=data)
    assert f"<h1>{artifact.network.name} on {named}</h1>" in (tmp_path / "report.html").read_text()


def test_class_names_from_folders_cannot_inject_html(tiny: Dataset, tmp_path: Path) -> None:
    classes = ("<script>alert(1)</script>", "$a_b$ & c", "ok", "日本")
    test = Split(tiny.test.images, tiny.test.labels, classes)
    artifact = untrained(tiny, classes)
    write_report(tmp_path, artifact, test, evaluate(artifact, test))
    page = (tmp_path / "report.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert r"\u003cscript\u003ealert" in page  # in what the page's own script reads
    assert not (tmp_path / "curves.png").exists()


@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 28, 28, 3), (1, 28, 28)])
def test_few_images_colour_and_no_mistakes_are_fine(shape: tuple[int, ...], tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    test = Split(images, np.zeros(len(images), np.int64), ("a", "b"))
    certain = np.tile(np.array([1, 0], np.float32), (len(images), 1))
    network = lenet_network(classes=2, in_channels=test.channels)
    artifact = some_weights(network, ("a", "b"))
    write_report(tmp_path, artifact, test, Evaluation(("a", "b"), test.labels, certain, certain))
    assert (tmp_path / "mistakes.png").stat().st_size > 0


def test_many_classes_still_fit_a_picture(tmp_path: Path) -> None:
    classes = tuple(f"a rather long name {k}" for k in range(60))
    labels = np.arange(60, dtype=np.int64)
    test = Split(np.zeros((60, 28, 28), np.uint8), labels, classes)
    certain = np.eye(60, dtype=np.float32)
    result = Evaluation(classes, labels, certain, certain)
    artifact = some_weights(lenet_network(classes=60), classes)
    write_report(tmp_path, artifact, test, result)
    with Image.open(tmp_path / "confusion.png") as image:
        assert max(image.size) < 2500
