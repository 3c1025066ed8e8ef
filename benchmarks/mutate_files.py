"""Feeds spoilt files to every reader: each gives a result or a sentence, never another exception.

    python benchmarks/mutate_files.py                     20,000 files of each format: an hour
    python benchmarks/mutate_files.py --share 0.01        a hundredth, as CI does
    python benchmarks/mutate_files.py --only checkpoint,config

A file is a valid one with some bytes changed, cut off, repeated or removed; a JSON value is also
replaced by one of another kind. Everything happens in one process, whose memory is watched. Raw
results: ``results/mutate_files.json``, written by a whole run.
"""

import argparse
import bz2
import gzip
import io
import json
import random
import resource
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import load as arrays_of
from safetensors.numpy import save as to_bytes

from lenet.artifact import Artifact, load
from lenet.data import Dataset, Split, load_data
from lenet.data.idx import read_idx
from lenet.errors import LenetError
from lenet.networks import lenet_network
from lenet.pictures import decode
from lenet.pictures.image import ImageError
from lenet.pictures.pages import read_pages
from lenet.training import checkpoint
from lenet.training.checkpoint import Settings
from lenet.training.recipes import MODERN
from lenet.training.run import learn
from lenet.training.start import resume, start

RESULTS = Path(__file__).parent / "results" / "mutate_files.json"
FILES = 20_000
_MOST_PIXELS = 4_000_000  # a spoilt header may claim more; decoding those takes most of the time
_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, -0.0, 1e308, -1e308, float("nan"), float("inf"), 10**400),
    *("", "x", "\0", "\x1b[2J", "9" * 400, [], [[]], {}, {"a": 1}, [None], [1, 2, 3], 2**31, 2**63),
)

Maker = Callable[[Path], bytes]
Reader = Callable[[Path], object]


def spoilt(content: bytes, draw: random.Random) -> bytes:
    """Return bytes with up to four changes at random places."""
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        if not data:
            break
        at, length = draw.randrange(len(data)), draw.choice((1, 1, 1, 2, 4, 8, 64, 1024))
        match draw.randrange(7):
            case 0:
                data[at] ^= 1 << draw.randrange(8)
            case 1:
                data[at : at + length] = draw.randbytes(min(length, len(data) - at))
            case 2:
                del data[at:]
            case 3:
                del data[at : at + length]
            case 4:
                data[at:at] = data[at : at + length]
            case 5:
                data[at : at + length] = bytes([draw.choice((0, 255))]) * len(
                    data[at : at + length]
                )
            case _:
                other = draw.randrange(len(data))
                data[at : at + length] = data[other : other + length]
    return bytes(data)


def other_value(value: Any, draw: random.Random) -> Any:
    """Return JSON with one value, somewhere inside, replaced, removed or repeated."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        result: Any = dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        key = draw.choice(sorted(result))
        if draw.random() < 0.1:
            del result[key]
        else:
            result[key] = other_value(result[key], draw)
        return result
    if isinstance(value, list) and value and draw.random() < 0.8:
        items: Any = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        place = draw.randrange(len(items))
        if draw.random() < 0.2:
            items.insert(place, items[place])
        else:
            items[place] = other_value(items[place], draw)
        return items
    if isinstance(value, int | float) and not isinstance(value, bool) and draw.random() < 0.4:
        return draw.choice((value + 1, -value, value * 1000, value * 2**31, value / 3))
    return draw.choice(_ODD)


def tiny() -> Dataset:
    """Return a data set of 40 images in two classes."""
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (40, 28, 28), dtype=np.uint8)
    split = Split(images, np.arange(40, dtype=np.int64) % 2, ("a", "b"))
    return Dataset("tiny", "tiny", split, split)


class Checkpoints:
    """Reads and resumes spoilt checkpoints."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = tiny()
        recipe = replace(MODERN, data="tiny", epochs=1, batch_size=16)
        training = start(recipe, self._data, engine="auto")
        learn(training, folder)
        self.path = folder / checkpoint.FOLDER / "state.safetensors"
        self.content = self.path.read_bytes()

    def with_other_value(self, draw: random.Random) -> bytes:
        """Return a checkpoint whose JSON has another value, and no digest that would tell."""
        length = int.from_bytes(self.content[:8], "little")
        table = json.loads(json.loads(self.content[8 : 8 + length])["__metadata__"]["lenet"])
        text = json.dumps(other_value(table, draw))
        return to_bytes(arrays_of(self.content), {"lenet": text})

    def read(self, path: Path) -> None:
        """Load it, and begin to resume it if it is of the same data."""
        self.path.write_bytes(path.read_bytes())
        found = checkpoint.load(self._folder)
        assert isinstance(found.settings, Settings)
        if found.settings.data == "tiny" and not found.settings.weights_from:
            wanted = found.settings.recipe.epochs
            resume(found, self._folder, max(wanted, 1), self._data)


def artifact_files(folder: Path) -> tuple[bytes, bytes]:
    """Write an untrained network; return its two files."""
    network = lenet_network(channels=(2, 3), hidden=(8,), classes=4)
    draw = np.random.default_rng(0)
    weights = {k: draw.random(s, np.float32) for k, s in network.parameter_shapes.items()}
    origin = {"data": "mnist", "seed": 0, "recipe": MODERN.to_json(), "lenet": "0.1.0"}
    Artifact(network, weights, ("a", "b", "c", "d"), origin=origin).save(folder)
    return (folder / "config.json").read_bytes(), (folder / "model.safetensors").read_bytes()


def picture(kind: str, **options: Any) -> bytes:
    """Return a small picture in a format."""
    draw = np.random.default_rng(1)
    stream = io.BytesIO()
    images = [Image.fromarray(draw.integers(0, 256, (24, 20, 3), np.uint8)) for _ in range(2)]
    if options.pop("pages", False):
        options |= {"save_all": True, "append_images": images[1:]}
    images[0].save(stream, kind, **options)
    return stream.getvalue()


def pages(path: Path) -> None:
    """Read all pages of a picture file."""
    for page in read_pages(path):
        if isinstance(page.result, ImageError):
            raise page.result


def formats(root: Path) -> dict[str, tuple[Callable[[random.Random], bytes], str, Reader]]:
    """Return for each format what makes a spoilt file, its file name, and what reads it."""
    checkpoints = Checkpoints(root)
    config, weights = artifact_files(root)
    images, labels = tiny().train.images, tiny().train.labels
    stream = io.BytesIO()
    np.savez_compressed(stream, images=images, labels=labels)
    rows = "\n".join(
        ["label," + ",".join(f"p{n}" for n in range(64))]
        + [f"{k % 2}," + ",".join(str((k * n) % 256) for n in range(64)) for k in range(40)]
    ).encode()
    idx = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in images.shape) + images.tobytes()

    def bytes_of(content: bytes) -> Callable[[random.Random], bytes]:
        return lambda draw: spoilt(content, draw)

    def json_of(content: bytes) -> Callable[[random.Random], bytes]:
        table = json.loads(content)
        return lambda draw: json.dumps(other_value(table, draw)).encode()

    def network(name: str, whole: bytes) -> Reader:
        def read(path: Path) -> None:
            (root / name).write_bytes(path.read_bytes())
            try:
                artifact = load(root)
                artifact.forward(np.zeros((2, *artifact.network.input_shape[1:]), np.uint8))
            finally:
                (root / name).write_bytes(whole)

        return read

    made = {
        "checkpoint": (bytes_of(checkpoints.content), "a.safetensors", checkpoints.read),
        "checkpoint values": (checkpoints.with_other_value, "a.safetensors", checkpoints.read),
        "config": (bytes_of(config), "config.json", network("config.json", config)),
        "config values": (json_of(config), "config.json", network("config.json", config)),
        "weights": (bytes_of(weights), "a", network("model.safetensors", weights)),
        "npz": (bytes_of(stream.getvalue()), "a.npz", load_data),
        "csv": (bytes_of(rows), "a.csv", load_data),
        "csv.gz": (bytes_of(gzip.compress(rows)), "a.csv.gz", load_data),
        "idx": (bytes_of(idx), "a", read_idx),
        "idx.gz": (bytes_of(gzip.compress(idx)), "a", read_idx),
        "idx.bz2": (bytes_of(bz2.compress(idx)), "a", read_idx),
    }
    for kind, options in (
        ("PNG", {}),
        ("JPEG", {}),
        ("GIF", {"pages": True}),
        ("TIFF", {"pages": True, "compression": "tiff_lzw"}),
        ("BMP", {}),
        ("WEBP", {"pages": True}),
        ("PPM", {}),
    ):
        made[kind] = (bytes_of(picture(kind, **options)), f"a.{kind.lower()}", pages)
    return made


_WRITTEN = 0.1  # the least share whose results are kept


def run(share: float, seed: int, only: set[str] | None) -> dict[str, Any]:
    """Feed spoilt files to the readers; return the results."""
    results: dict[str, Any] = {"share": share, "seed": seed, "formats": {}, "wrong": []}
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "run").mkdir()
        for kind, (make, file, read) in formats(root / "run").items():
            if only is not None and kind not in only:
                continue
            draw, count = random.Random(f"{seed} {kind}"), max(round(share * FILES), 1)
            taken = refused = 0
            started, before = time.monotonic(), _memory()
            for number in range(count):
                path = root / file
                path.write_bytes(make(draw))
                try:
                    read(path)
                    taken += 1
                except LenetError:
                    refused += 1
                except Exception as error:  # what this script looks for
                    what = f"{type(error).__name__}: {error}"[:300]
                    wrong = {"format": kind, "number": number, "error": what}
                    results["wrong"].append(wrong)
            results["formats"][kind] = {
                "files": count,
                "taken": taken,
                "refused": refused,
                "seconds": round(time.monotonic() - started, 1),
                "memory_grew_mb": _memory() - before,
            }
            print(kind, results["formats"][kind], file=sys.stderr, flush=True)
    return results


def _memory() -> int:
    """Return the greatest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Run, and exit with 1 if a reader raised another exception."""
    warnings.simplefilter("ignore")
    decode.MOST_PIXELS = _MOST_PIXELS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=lambda text: set(text.split(",")))
    arguments = parser.parse_args()
    results = run(arguments.share, arguments.seed, arguments.only)
    text = json.dumps(results, indent=1) + "\n"
    print(text)
    if arguments.share >= _WRITTEN and arguments.only is None:
        RESULTS.write_text(text, encoding="utf-8")
    sys.exit(bool(results["wrong"]))


if __name__ == "__main__":
    main()
