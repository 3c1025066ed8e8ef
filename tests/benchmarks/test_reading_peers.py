"""The peers on the cheques: how a setting is chosen, what counts, whether results are whole."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def peers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("peers", BENCHMARKS / "reading_peers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(name: str) -> list[dict[str, Any]]:
    text = (BENCHMARKS / "results" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_the_first_of_the_best_settings_of_a_peer_is_taken(peers: ModuleType) -> None:
    counts = [("a", 1, 3), ("b", 2, 5), ("a", 3, 4), ("a", 4, 4), ("a", 5, 2)]
    tried = [{"peer": peer, "setting": {"zoom": z}, "right": n} for peer, z, n in counts]
    assert peers.best(tried, "a") == {"zoom": 3}
    assert peers.best(tried, "b") == {"zoom": 2}


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("25.441", "25441"),
        (" 100.-\n", "100"),
        ("O1l", "1"),
        ("", ""),
        ("², ٣ and ４", ""),  # digits to str.isdigit, but none of ours
    ],
)
def test_only_the_ten_digits_count(peers: ModuleType, text: str, digits: str) -> None:
    assert peers.digits_of(text) == digits


def test_a_border_of_paper_is_enlarged_with_the_picture(peers: ModuleType) -> None:
    pixels = np.full((5, 7), 200, np.uint8)
    pixels[2, 3] = 0
    setting = {"zoom": 2, "binary": False, "border": 3}
    made = np.asarray(peers.prepared(Image.fromarray(pixels), setting))
    assert made.shape == (2 * (5 + 2 * 3), 2 * (7 + 2 * 3))
    assert (made[:6] == 200).all()
    assert (made[:, :6] == 200).all()
    assert made[6:-6, 6:-6].min() < 100
    as_it_is = peers.prepared(Image.fromarray(pixels), {**setting, "zoom": 1, "border": 0})
    np.testing.assert_array_equal(np.asarray(as_it_is), pixels)


def test_a_reading_keeps_the_text_and_drops_the_confidence_in_none(
    peers: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    for name, grey in (("a.png", 10), ("b.png", 20)):
        Image.new("RGB", (4, 3), (grey, grey, grey)).save(tmp_path / "images" / name)
    answers = {10: ("1.2-\n", 0.98765), 20: (" \n", 0.95)}

    def read(picture: Image.Image) -> tuple[str, float]:
        return answers[int(np.asarray(picture)[0, 0])]

    first, second = peers.read_all(tmp_path, ["a.png", "b.png"], read)
    assert first.pop("seconds") >= 0
    assert first == {"file": "a.png", "text": "1.2-", "digits": "12", "confidence": 0.9877}
    assert (second["text"], second["digits"], second["confidence"]) == ("", "", None)


@pytest.mark.parametrize("peer", ["tesseract", "rapidocr"])
def test_all_settings_were_tried_and_all_images_read_once(peers: ModuleType, peer: str) -> None:
    tried = [one["setting"] for one in lines("reading_peers_choices.jsonl") if one["peer"] == peer]
    assert tried == list(peers.settings(peer))
    read = [one for one in lines("reading_peers.jsonl") if one["peer"] == peer]
    assert len({one["file"] for one in read}) == len(read) == 1080
    for one in read:
        assert one["digits"] == peers.digits_of(one["text"])
        assert (one["confidence"] is None) == (one["text"] == "")
        assert one["confidence"] is None or 0 <= one["confidence"] <= 1
