#!/usr/bin/env python3
"""Says what the engine is built from, and whether a wheel in dist/ holds that engine already.

    python scripts/engine_sources.py            print the hash of the engine's sources
    python scripts/engine_sources.py FOLDER     put the engine of a fitting wheel in FOLDER, and
                                                print its path; nothing if no wheel fits

It runs before anything is installed, so it imports nothing but Python and pip.
"""

import hashlib
import sys
from pathlib import Path
from zipfile import BadZipFile, ZipFile

ROOT = Path(__file__).resolve().parents[1]


def source_hash(root: Path = ROOT) -> str:
    """Return the SHA-256 of the engine's sources and of how they are compiled."""
    digest = hashlib.sha256()
    for path in [root / "CMakeLists.txt", *sorted((root / "native").rglob("*.[ch]*"))]:
        text = path.read_bytes().replace(b"\r\n", b"\n")  # Git on Windows may have changed them
        digest.update(f"{path.relative_to(root).as_posix()} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def fitting_wheel(root: Path, wanted: str, tags: list[str]) -> tuple[Path, str] | None:
    """Return the wheel in dist/ with the engine of these sources, and the name of its library.

    `tags` are those that this Python accepts, the best first.
    """
    found: list[tuple[int, Path, str]] = []
    for path in (root / "dist").glob("lenet-*-py3-none-*.whl"):
        places = [
            tags.index(f"py3-none-{platform}")
            for platform in path.stem.split("-")[-1].split(".")
            if f"py3-none-{platform}" in tags
        ]
        library = _library_in(path, wanted)
        if places and library:
            found.append((min(places), path, library))
    return min(found)[1:] if found else None


def _library_in(path: Path, wanted: str) -> str | None:
    """Return the name of a wheel's library if the wheel was built from the wanted sources."""
    try:
        with ZipFile(path) as wheel:
            names = wheel.namelist()
            stamps = [name for name in names if name.endswith(".dist-info/ENGINE_SOURCES")]
            same = [name for name in stamps if wheel.read(name).decode().strip() == wanted]
            libraries = [name for name in names if name.startswith("lenet/engine/lenet_engine.")]
    except (BadZipFile, OSError):
        return None  # half a wheel, for instance: then the engine is compiled
    return libraries[0] if same and libraries else None


def accepted_tags() -> list[str]:
    """Return the tags of wheels that this Python accepts, the best first."""
    from pip._vendor.packaging.tags import sys_tags

    return [str(tag) for tag in sys_tags()]


def main(words: list[str]) -> None:
    """Run the command."""
    if not words:
        print(source_hash())
    elif found := fitting_wheel(ROOT, source_hash(), accepted_tags()):
        wheel, name = found
        library = Path(words[0]).resolve() / Path(name).name
        library.parent.mkdir(parents=True, exist_ok=True)
        with ZipFile(wheel) as archive:
            library.write_bytes(archive.read(name))
        print(library)


if __name__ == "__main__":
    main(sys.argv[1:])
