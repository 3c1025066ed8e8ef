"""Large pictures are decoded and prepared one at a time."""

import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from lenet.pictures import turns
from lenet.pictures.find_files import Picture
from lenet.pictures.prefetch import prepare
from lenet.pictures.types import Images


@pytest.mark.parametrize(("limit", "most"), [(20, 1), (10_000, 4)])
def test_one_at_a_time_until_it_is_prepared(
    limit: int, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LARGE", limit)
    monkeypatch.setattr("lenet.pictures.prepare.processors", lambda: 4)
    for number in range(8):
        Image.new("L", (30, 30), number).save(tmp_path / f"{number}.png")
    now, greatest, lock = 0, 0, threading.Lock()

    def make(image: Images) -> int:
        nonlocal now, greatest
        with lock:
            now += 1
            greatest = max(greatest, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return int(image[0, 0])

    pictures = [Picture(str(path), path) for path in sorted(tmp_path.glob("*.png"))]
    found = [one.result for batch in prepare(pictures, make) for one in batch]
    assert found == list(range(8))
    assert greatest <= most


def test_the_turn_is_given_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LARGE", 1)
    for _ in range(3):
        # The inner one is a second page of the same file.
        with pytest.raises(RuntimeError), turns.until_used(), turns.large(2), turns.large(2):
            raise RuntimeError
    with turns.large(2):
        pass
