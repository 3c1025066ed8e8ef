"""Every command where only the core is installed, and where one extra is missing."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import bars

from lenet.machine import install_command

# Put before all else on a Python's path, it hides all packages but the core's and what they need;
# with HIDDEN, only the packages of that list.
HIDING = """
import os, re, sys
from importlib import metadata
from importlib.machinery import PathFinder


def plain(name):
    return re.sub("[-_.]+", "-", name).lower()


def needed(names):
    seen, waiting = set(), list(names)
    while waiting:
        name = plain(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            found = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        waiting += [re.match("[A-Za-z0-9_.-]+", one)[0] for one in found if "extra ==" not in one]
    return seen


hidden = set(os.environ["HIDDEN"].split())
if not hidden:
    kept = needed(os.environ["CORE"].split()) | {"lenet"}
    hidden = {
        module
        for module, owners in metadata.packages_distributions().items()
        if not kept.intersection(map(plain, owners))
    }


class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            return None
        return super().find_spec(name, path, target)


sys.meta_path = [Finder if one is PathFinder else one for one in sys.meta_path]
"""
EXTRAS = {
    "core": "",
    "torch": "torch",
    "compare": "sklearn scipy joblib",
    "serve": "fastapi starlette uvicorn prometheus_client python_multipart multipart",
    "one of serve": "uvicorn",
    "metrics": "prometheus_client",
    "pdf": "pypdfium2",
    "onnx": "onnx onnxruntime",
}
# Words of a command, and the extra that it needs; None if it needs none.
COMMANDS: list[tuple[list[str], str | None]] = [
    (["train", "bars.npz", "--recipe", "chapter", "--epochs", "1", "--out", "run"], None),
    (["train", "--resume", "run", "--epochs", "2"], None),
    (["evaluate", "run"], None),
    (["evaluate", "run", "--out", "report"], None),
    (["predict", "--demo"], None),
    (["read", "--demo"], None),
    (["summary", "digits"], None),
    (["data", "list"], None),
    (["compare", "bars.npz", "--only", "lenet", "--out", "one"], None),
    (["compare", "bars.npz", "--only", "lenet,logistic", "--out", "two"], "compare"),
    (["probe", "run", "--quick", "--out", "probe"], None),
    (["train", "bars.npz", "--engine", "torch", "--out", "torch"], "torch"),
    (["train", "reader"], "torch"),
    (["bench", "--rounds", "1"], "torch"),
    (["serve"], "serve"),
]


COMMAND_EXTRAS = {extra for _, extra in COMMANDS if extra is not None}
_QUICK = ("train", "summary", "data")  # with one extra missing, these stand for the others


@pytest.mark.slow
@pytest.mark.parametrize("missing", EXTRAS)
def test_every_command(missing: str, tmp_path: Path) -> None:
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide" / "sitecustomize.py").write_text(HIDING)
    # The installed package may be older than these sources.
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    core = [one.partition(">")[0] for one in project["dependencies"]]
    split = bars(200, 4)
    np.savez(tmp_path / "bars.npz", images=split.images, labels=split.labels)
    environment = {
        **os.environ,
        "PYTHONPATH": "hide",
        "HIDDEN": EXTRAS[missing],
        "CORE": " ".join(core),
    }
    absent = {"core": set(COMMAND_EXTRAS), "one of serve": {"serve"}, "metrics": {"serve"}}
    lacking = absent.get(missing, {missing})
    for words, extra in COMMANDS:
        lacks = extra in lacking
        if not lacks and (extra is not None or (missing != "core" and words[0] not in _QUICK)):
            continue  # other tests run it
        done = subprocess.run(
            [sys.executable, "-m", "lenet", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, (words, done.stderr)
        assert done.returncode == (2 if lacks else 0), (words, done.stderr)
        if lacks:
            last = done.stderr.strip().splitlines()[-1]
            assert last.startswith("lenet: ")
            assert install_command(f"lenet[{extra}]") in last
    assert not (tmp_path / "two").exists()  # nothing was trained before it was said
