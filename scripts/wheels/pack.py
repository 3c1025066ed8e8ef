"""Makes wheels from the one without an engine: adds the library, names the platform.

The bytes of a wheel follow from its files alone: they are sorted, their date is that of
SOURCE_DATE_EPOCH, and nothing of the machine that builds is written.
"""

import hashlib
import os
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from targets import Target

SOURCES = "ENGINE_SOURCES"  # a file in the wheel's .dist-info: the hash of the engine's sources


def pack(pure: Path, target: Target | None, library: Path | None, sources: str, out: Path) -> Path:
    """Write the wheel of a platform to the folder `out`; return its path.

    Parameters
    ----------
    pure
        A wheel without an engine, for any platform.
    target, library
        The platform and its engine; both None for the wheel without an engine.
    sources
        The hash of the engine's sources, which says later what the engine was built from.
    """
    with ZipFile(pure) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}
    # The folder of the sources may hold an engine that somebody has built there.
    files = {name: data for name, data in files.items() if "/lenet_engine." not in name}
    info = next(name.partition("/")[0] for name in files if name.endswith(".dist-info/WHEEL"))
    tags = ("any",) if target is None else target.tags
    lines = ["Wheel-Version: 1.0", "Generator: lenet scripts/wheels.sh"]
    lines.append(f"Root-Is-Purelib: {str(target is None).lower()}")
    lines += [f"Tag: py3-none-{tag}" for tag in tags]
    files[f"{info}/WHEEL"] = "".join(f"{line}\n" for line in lines).encode()
    if target is not None and library is not None:
        files[f"lenet/engine/{target.library}"] = library.read_bytes()
        files[f"{info}/{SOURCES}"] = f"{sources}\n".encode()
    record = f"{info}/RECORD"
    del files[record]
    order = sorted(files, key=lambda name: (name.startswith(info), name))
    rows = [f"{name},{_hash(files[name])},{len(files[name])}\n" for name in order]
    files[record] = "".join([*rows, f"{record},,\n"]).encode()

    name = "-".join([info.removesuffix(".dist-info"), "py3-none", ".".join(tags)])
    path = out / f"{name}.whl"
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for one in [*order, record]:
            entry = ZipInfo(one, _date())
            entry.external_attr = 0o100644 << 16
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose permissions these are
            archive.writestr(entry, files[one])
    return path


def _hash(data: bytes) -> str:
    digest = urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def _date() -> tuple[int, int, int, int, int, int]:
    """Return the date of SOURCE_DATE_EPOCH, but not before 1980, where ZIP begins."""
    moment = time.gmtime(max(int(os.environ["SOURCE_DATE_EPOCH"]), 315532800))
    return (*moment[:3], *moment[3:6])  # pyright: ignore[reportReturnType] three and three
