"""Makes and checks every wheel of the package, on one Linux machine: `scripts/wheels.sh` calls it."""

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
from compile import compile_engine  # noqa: E402
from engine_sources import source_hash  # noqa: E402
from pack import pack  # noqa: E402
from published import prepare  # noqa: E402
from targets import TARGETS, Target  # noqa: E402


def main() -> int:
    """Build what is asked for twice, compare the bytes, check them, and put them in dist/."""
    parser = argparse.ArgumentParser(prog="scripts/wheels.sh", description=__doc__)
    names = [one.name for one in TARGETS]
    parser.add_argument("names", nargs="*", metavar="PLATFORM", help=f"of {names}, any and sdist")
    parser.add_argument("--once", action="store_true", help="do not build again to compare")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder for the wheels")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - {*names, "any", "sdist"}:
        parser.error(f"there is no platform {sorted(unknown)[0]!r}; these are: {', '.join(names)}")
    wanted = chosen.names or [*names, "any", "sdist"]
    chosen.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SOURCE_DATE_EPOCH", _date_of_last_commit())
    failed = 0
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        sources = _sources(Path(first))
        pure = _pure_wheel(sources, Path(first))
        again = None if chosen.once else _pure_wheel(_sources(Path(second)), Path(second))
        for name in wanted:
            made = _made(name, sources, pure, Path(first) / name)
            faults: list[str] = []
            if again is not None:
                other = _made(name, again.parent / "sources", again, Path(second) / name)
                if other.read_bytes() != made.read_bytes():
                    faults.append("built again, it has other bytes")
            if name != "sdist":
                target = next((one for one in TARGETS if one.name == name), None)
                faults += faults_of(made, target, _functions(sources))
            for fault in faults:
                print(f"{made.name}: {fault}", file=sys.stderr)
            failed += bool(faults)
            if not faults:
                _keep(made, chosen.out)
                print(f"{made.stat().st_size / 1e6:.2f} MB  {made.name}", flush=True)
    return 1 if failed else 0


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


def _made(name: str, sources: Path, pure: Path, folder: Path) -> Path:
    """Build one wheel, or the source distribution, in the new folder `folder`."""
    folder.mkdir()
    if name == "sdist":
        command = [sys.executable, "-m", "build", "--sdist", "--no-isolation"]
        subprocess.run([*command, f"--outdir={folder}", str(sources)],
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        (path,) = folder.glob("*.tar.gz")
        return path
    target: Target | None = next((one for one in TARGETS if one.name == name), None)
    library = compile_engine(target, sources / "native", folder) if target else None
    return pack(pure, target, library, source_hash(sources), folder)


def _keep(made: Path, out: Path) -> None:
    """Put a file in `out`, in place of those of other versions for the same platform."""
    platform = made.name.split("-py3-none-")[-1]
    for old in out.glob("lenet-*"):
        if old.name != made.name and old.name.split("-py3-none-")[-1] == platform:
            old.unlink()
    part = out / f".{made.name}.part"
    part.write_bytes(made.read_bytes())
    part.replace(out / made.name)


def _functions(sources: Path) -> set[str]:
    header = (sources / "native" / "lenet_engine.h").read_text()
    return set(re.findall(r"LENET_API [\w\s*]+?(lenet_\w+)\(", header))


def _date_of_last_commit() -> str:
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
