"""What others rely on: one version, a changelog, a citation, workflows; and no index is named."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import lenet

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert "version" not in PROJECT["project"]
    assert PROJECT["tool"]["scikit-build"]["metadata"]["version"]["input"] == "src/lenet/version.py"


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.findall(r"^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE)
    assert found[0] == ("Unreleased", "")
    assert found[1][0] == lenet.__version__
    assert all(date for _, date in found[1:])
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_citation_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert cited["version"] == lenet.__version__
    assert f"## [{cited['version']}] - {cited['date-released']}" in changelog
    assert cited["license"] == PROJECT["project"]["license"]
    assert cited["authors"] == PROJECT["project"]["authors"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_few_rights_and_ends(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 90, name
        assert set(job.get("needs", "").split()) <= set(workflow["jobs"])
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            if "run" in step:  # what others can write never becomes part of a command
                assert "${{" not in step["run"]
                for script in re.findall(r"(?:sources/)?((?:scripts|tests)/[\w./]+)", step["run"]):
                    assert (ROOT / script).exists(), script


def test_every_system_python_and_compiler_is_tested() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]
    listed = [line for line in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert [line.rpartition(" ")[2] for line in listed] == matrix["python"]
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    gcc = {one["python"] for one in matrix["include"] if one["compiler"] == "gcc"}
    assert (matrix["compiler"], gcc) == (["clang"], set(matrix["python"]))


def test_only_publishing_may_speak_for_the_repository() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    rights = {name: job.get("permissions") for name, job in workflow["jobs"].items()}
    assert rights == {"build": None, "publish": {"id-token": "write"}}
    assert workflow["jobs"]["publish"]["environment"] == "release"
    assert "password" not in str(workflow)


def test_no_host_of_a_package_index_is_named() -> None:
    pattern = r"pypi\.(org|python)|pythonhosted\.org|registry\.npmjs|deb\.debian"
    command = ["git", "grep", "-lEI", pattern, "--", ":!tests/wheels", ":!web/package-lock.json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        pytest.skip("these sources are no clone of Git")
    assert done.stdout == ""


def test_nobody_is_told_to_install_by_the_bare_name() -> None:
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "src").rglob("*.py")]
    for path in texts:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"pip install ['\"]?lenet\b(?!-)", line), (path.name, line)
