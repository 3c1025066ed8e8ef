"""The CPU quota of a container, in both versions of Linux's control groups."""

import os
from pathlib import Path

import pytest

from lenet import machine
from lenet.machine import cpu_quota, processors

V1 = {"cpu.cfs_quota_us": "150000\n", "cpu.cfs_period_us": "100000\n"}


@pytest.mark.parametrize(
    ("own", "files", "quota"),
    [
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2.0),
        ("0::/\n", {"cpu.max": "max 100000\n"}, None),
        ("0::/a/b\n", {"a/cpu.max": "50000 100000", "a/b/cpu.max": "max 100000"}, 0.5),
        ("0::/a/b\n", {"cpu.max": "300000 100000", "a/b/cpu.max": "400000 100000"}, 3.0),
        ("0::/hidden/by/the/container\n", {"cpu.max": "100000 100000"}, 1.0),
        ("0::/../../x\n", {"x/cpu.max": "100000 100000"}, 1.0),
        ("4:cpu,cpuacct:/job\n", {f"cpu,cpuacct/job/{k}": v for k, v in V1.items()}, 1.5),
        ("4:cpu,cpuacct:/job\n", {f"cpu/{k}": v for k, v in V1.items()}, 1.5),
        ("1:cpu:/\n0::/\n", {f"cpu/{k}": v for k, v in V1.items()}, 1.5),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ("1:cpuset:/\n", {f"cpu/{k}": v for k, v in V1.items()}, None),
        ("0::/\n", {"cpu.max": "garbage"}, None),
        ("0::/\n", {"cpu.max": ""}, None),
        ("no group\n", {}, None),
        ("", {}, None),
    ],
)
def test_the_tightest_limit_counts(
    own: str, files: dict[str, str], quota: float | None, tmp_path: Path
) -> None:
    root = tmp_path / "cgroup"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (tmp_path / "own").write_text(own)
    assert cpu_quota(root, tmp_path / "own") == quota


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert cpu_quota(tmp_path, tmp_path / "nothing") is None


@pytest.mark.parametrize(("quota", "count"), [(None, 8), (0.1, 1), (1.5, 2), (3.0, 3), (64.0, 8)])
def test_threads_respect_it(
    quota: float | None, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def affinity(process: int) -> set[int]:
        return set(range(8))

    monkeypatch.setattr(machine, "cpu_quota", lambda: quota)
    monkeypatch.setattr(os, "sched_getaffinity", affinity, raising=False)
    assert processors() == count
