"""When a ratio of times is given, and when other work is said to disturb."""

import os
import time

import pytest

from lenet.evaluation.agreement import OtherWork, busy_warning, load_warning, ratio


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ([5.0, 5.0, 5.0], [1.0, 1.0, 1.0], 5.0),
        ([5.0, 6.0, 7.0], [1.0, 1.0, 1.0], 6.0),
        ([5.0, 50.0, 10.0], [1.0, 10.0, 2.0], 5.0),  # a slow machine slows both
        ([1.0, 1.1, 0.9], [1.0, 1.0, 1.0], 1.0),
        ([2.0, 2.5, 3.0], [1.0, 1.0, 1.0], 2.5),  # 1.5 apart is the most
        ([2.0, 2.5, 3.1], [1.0, 1.0, 1.0], None),
        ([5.0, 5.0, 3659.0], [1.0, 1.0, 1.0], None),
        ([5.0, 5.0, 5.0], [1.0, 1.0, 0.001], None),
        ([0.7, 1.3, 1.0], [1.0, 1.0, 1.0], None),
        ([5.0, 5.0], [1.0, 1.0], None),  # two cannot show that they agree
        ([5.0], [1.0], None),
    ],
)
def test_a_ratio_is_given_where_rounds_agree(
    theirs: list[float], ours: list[float], expected: float | None
) -> None:
    assert ratio(theirs, ours) == expected


@pytest.mark.parametrize(
    ("load", "threads", "processors", "warned"),
    [
        (0.0, 2, 2, False),
        (0.5, 2, 2, False),
        (0.6, 2, 2, True),
        (4.0, 2, 2, True),
        (0.6, 1, 2, False),
        (3.0, 1, 2, True),
        (8.0, 8, 64, False),
        (20.0, 64, 64, True),
        (1.0, 1, 1, True),
    ],
)
def test_other_work_that_leaves_too_few_processors_is_named(
    load: float, threads: int, processors: int, warned: bool
) -> None:
    found = busy_warning(load, threads, processors)
    assert (found is not None) == warned
    assert found is None or f"{load:.1f} of {processors} processors busy" in found


def test_the_load_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (1.9, 0.0, 0.0))
    assert "1.9 of 2 processors" in (load_warning(2) or "")
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 9.0, 9.0))
    assert load_warning(2) is None

    def missing() -> None:
        raise OSError

    monkeypatch.setattr(os, "getloadavg", missing)
    assert load_warning(2) is None


def test_our_own_work_is_not_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(100.0, 5000.0, 10.0), (110.0, 5025.0, 28.0)]  # 25 s of work in 10 s, 18 s of it ours
    monkeypatch.setattr("lenet.evaluation.agreement._seconds", lambda: found.pop(0))
    assert OtherWork().processors() == pytest.approx(0.7)


def test_other_work_is_measured_or_unknown() -> None:
    work = OtherWork()
    time.sleep(0.05)
    others = work.processors()
    assert others is None or 0 <= others <= (os.cpu_count() or 1) + 1
