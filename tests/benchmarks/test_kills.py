"""A few kills of ``lenet train``; benchmarks/kills.py runs a hundred."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from kills import SIGNALS, run_kills


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_the_same_bits_and_nothing_left_behind() -> None:
    results = run_kills(len(SIGNALS), seed=3)
    assert results["wrong"] == []
    assert results["same_bits"] == len(SIGNALS)
