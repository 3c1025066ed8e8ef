"""Makes and checks every wheel of the package on one Linux machine, for `scripts/wheels.sh`."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from check import faults_of  # noqa: E402 the path of the scripts comes first
from emulate import lines_of  # noqa: E402
from pack import pack  # noqa: E402
from published import prepare  # noqa: E402
from targets import TARGETS, Target  # noqa: E402
from zig import compile_engine  # noqa: E402

from engine_sources import source_hash  # noqa: E402


def main() -> int:
    """Build what is asked for twice, compare the bytes, check them, and put them in dist/."""
    names = [one.name for one in TARGETS]
    parser = argparse.ArgumentParser(prog="scripts/wheels.sh", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="PLATFORM", help=f"{', '.join(names)}, any, sdist"
    )
    parser.add_argument("--once", action="store_true", help="do not build again to compare")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder for the wheels")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.names) - {*names, "any", "sdist"}):
        parser.error(
            f"there is no platform {unknown[0]!r}; these are: {', '.join(names)}, any, sdist"
        )
    chosen.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SOURCE_DATE_EPOCH", _date_of_last_commit())
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        makers = [Maker(Path(first))] + ([] if chosen.once else [Maker(Path(second))])
        wrong = 0
        for name in chosen.names or [*names, "any", "sdist"]:
            made = [maker.make(name) for maker in makers]
            faults = (
                [] if name == "sdist" else faults_of(made[0], _target(name), makers[0].functions)
            )
            if any(one.read_bytes() != made[0].read_bytes() for one in made):
                faults.append("built again, it has other bytes")
            for fault in faults:
                print(f"{made[0].name}: {fault}", file=sys.stderr)
            if not faults:
                _keep(made[0], chosen.out)
                print(f"{made[0].stat().st_size / 1e6:.2f} MB  {made[0].name}", flush=True)
            wrong += bool(faults)
        results = {target: lines_of(target, library, makers[0].sources)
                   for target, library in makers[0].libraries.items()}  # fmt: skip
    return 1 if wrong + disagreements(results) else 0


def disagreements(results: dict[Target, list[str] | str]) -> int:
    """Print which engines ran, and whether those for one processor agree; count what is wrong."""
    wrong = 0
    first: dict[str, tuple[str, list[str]]] = {}
    for target, lines in results.items():
        if isinstance(lines, str):
            print(f"{target.name}: {lines}")
            wrong += not lines.startswith("not run")
            continue
        name, expected = first.setdefault(target.processor, (target.name, lines))
        same = lines == expected
        answer = "yes" if same else "NO"
        print(f"{target.name}: {len(lines) - 1} results, the bits of {name}: {answer}")
        wrong += not same
    return wrong


class Maker:
    """Makes wheels in a folder of its own, from a copy of the sources."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.sources = _sources(folder)
        header = (self.sources / "native" / "lenet_engine.h").read_text(encoding="utf-8")
        self.functions = set(re.findall(r"LENET_API [\w\s*]+?(lenet_\w+)\(", header))
        self.libraries: dict[Target, Path] = {}
        self._pure = _pure_wheel(self.sources, folder)

    def make(self, name: str) -> Path:
        """Build one wheel, or the source distribution."""
        folder = self._folder / name
        folder.mkdir()
        if name == "sdist":
            command = [sys.executable, "-m", "build", "--sdist", "--no-isolation"]
            subprocess.run([*command, f"--outdir={folder}", str(self.sources)],
                           check=True, stdout=subprocess.DEVNULL)  # fmt: skip
            (path,) = folder.glob("*.tar.gz")
            return path
        target, library = _target(name), None
        if target is not None:
            library = compile_engine(target, self.sources / "native", folder)
            self.libraries[target] = library
        return pack(self._pure, target, library, source_hash(self.sources), folder)


def _target(name: str) -> Target | None:
    return next((one for one in TARGETS if one.name == name), None)


def _sources(folder: Path) -> Path:
    """Copy the files that git knows: nothing else on this machine gets into a wheel."""
    copy = folder / "sources"
    copy.mkdir()
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, files.decode().split("\0")):
        if (ROOT / name).is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
            target.chmod(0o755 if os.access(ROOT / name, os.X_OK) else 0o644)
    prepare(copy, os.environ.get("LENET_REPOSITORY", "").rstrip("/"))
    return copy


def _pure_wheel(sources: Path, folder: Path) -> Path:
    """Build the wheel without an engine."""
    out = folder / "pure"
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    settings = ["--config-settings=wheel.cmake=false", f"--wheel-dir={out}"]
    subprocess.run([*pip, *settings, str(sources)], check=True)
    (wheel,) = out.glob("*.whl")
    return wheel.rename(folder / wheel.name)


def _keep(made: Path, out: Path) -> None:
    """Put a file in `out`, in place of those of other versions for the same platform."""
    platform = made.name.split("-py3-none-")[-1]
    for old in out.glob("lenet-*"):
        if old.name != made.name and old.name.split("-py3-none-")[-1] == platform:
            old.unlink()
    part = out / f".{made.name}.part"
    part.write_bytes(made.read_bytes())
    part.replace(out / made.name)


def _date_of_last_commit() -> str:
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
