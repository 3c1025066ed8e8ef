"""Pictures of digits and clothes, read as they are fitted and as the pipeline makes them.

    python benchmarks/pictures.py --usps FILE --cheques FOLDER --clothes FOLDER

The networks are those that ship with the package, `digits` and `fashion`. What is not given is left
out, and its former results stay. Raw results: ``benchmarks/results/pictures.json``;
tables and pictures: ``docs/predict.md``, ``docs/images``.

The pipeline's figures were chosen with the first half of MNIST's test images, and every second of
the cheques and of USPS's training images; those reported here are the others, of the cheques those
of the test part alone, since `digits` learns from the rest. scikit-learn's digits served for both.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import paper
from lenet import artifact
from lenet.data import load_data
from lenet.data.cheques import load_cheques
from lenet.pictures.image import fit, read_image
from lenet.pictures.network_input import network_input
from lenet.pictures.types import Pictures
from lenet.synthesis.digit_crops import crop
from readme import ROOT, replace_table

Pixels = NDArray[np.uint8]
RESULTS = Path(__file__).parent / "results" / "pictures.json"
PAGE = ROOT / "docs" / "predict.md"
IMAGES = ROOT / "docs" / "images"
WRITTEN = 400  # digits of each kind of paper
MARGIN = 0.1  # of a digit's longer side, around its box on a cheque
# The kinds of the photos, and which of Fashion-MNIST's classes are right for each.
CLOTHES = {
    "t-shirt-top": (0,),
    "trouser": (1,),
    "pullover": (2,),
    "dress": (3,),
    "coat": (4,),
    "shirt": (6,),
    "shoe": (5, 7, 9),
}


@dataclass(frozen=True)
class Kind:
    """Pictures of one kind, and for each the classes that are right."""

    name: str
    images: Sequence[Pixels]
    right: Sequence[tuple[int, ...]]


def on_paper() -> Iterable[Kind]:
    test = load_data("mnist").test
    images, labels = test.images[5000 : 5000 + WRITTEN], test.labels[5000 : 5000 + WRITTEN]
    right = [(int(label),) for label in labels]
    for number, (name, photographed) in enumerate(paper.KINDS.items()):
        random = np.random.default_rng(number)
        yield Kind(name, [photographed(paper.written(image), random) for image in images], right)
    yield Kind("the digits on all these papers, as MNIST has them", list(images), right)
    yield Kind("turned by the camera (EXIF)", [turned(image) for image in images], right)


def turned(image: Pixels) -> Pixels:
    """Store a photo on its side with a note which way is up, as cameras do, and read it."""
    page = paper.KINDS["plain paper"](paper.written(image), np.random.default_rng(0))
    exif = Image.Exif()
    exif[0x0112] = 6
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        Image.fromarray(np.rot90(page).copy()).save(path, exif=exif, quality=90)
        return read_image(path)


def as_stored() -> Iterable[Kind]:
    test = load_data("mnist").test
    right = [(int(label),) for label in test.labels]
    yield Kind("MNIST's test images", list(test.images), right)
    yield Kind("the same, black on white", list(255 - test.images), right)


def usps(path: Path) -> Kind:
    with np.load(path) as file:
        images = np.asarray(file["train_images"][1::2], np.float32)
        labels = file["train_labels"][1::2].tolist()
    pixels: Pixels = np.asarray(np.round(images * 255), np.uint8)
    return Kind("USPS, 16 × 16", list(pixels), [(int(label),) for label in labels])


def eights() -> Kind:
    data: Any = import_module("sklearn.datasets").load_digits()  # which has no types
    pixels = np.minimum(data.images * 16, 255).astype(np.uint8)
    return Kind("scikit-learn's, 8 × 8", list(pixels), [(int(label),) for label in data.target])


def cheques(folder: Path) -> Kind:
    """Cut out digits of the cheques' test part: the network has learnt from others."""
    images: list[Pixels] = []
    right: list[tuple[int, ...]] = []
    for cheque in load_cheques(folder)[1::2]:
        if cheque.part != "test":
            continue
        picture = np.asarray(Image.open(cheque.path).convert("L"))
        for digit, box in zip(cheque.digits, cheque.boxes, strict=True):
            images.append(crop(picture, box, (MARGIN,) * 4))
            right.append((int(digit),))
    return Kind("digits cut out of cheques", images, right)


def clothes(folder: Path) -> Iterable[Kind]:
    for name, right in CLOTHES.items():
        images = [read_image(path) for path in sorted((folder / name).iterdir())]
        yield Kind(name, images, [right] * len(images))


def measure(kind: Kind, network: artifact.Artifact, pictures: Pictures) -> dict[str, Any]:
    shape = network.network.input_shape
    fitted = np.stack([fit(image, shape) for image in kind.images])
    start = time.perf_counter()
    made = np.stack([network_input(image, pictures, shape) for image in kind.images])
    seconds = time.perf_counter() - start
    # What one line of code does: light ink and white cloth on black.
    negated = np.array([255 - one if np.median(one) > 127 else one for one in fitted])
    result: dict[str, Any] = {"pictures": len(kind.images)}
    names = [{network.classes[number] for number in classes} for classes in kind.right]
    for name, inputs in (("fit", fitted), ("fit and negate", negated), ("pipeline", made)):
        answers = network.predict(inputs)
        right = [answer.label in one for answer, one in zip(answers, names, strict=True)]
        result[name] = round(sum(right) / len(right), 4)
        if name == "pipeline":
            kept = [one for one, answer in zip(right, answers, strict=True) if not answer.rejected]
            result["rejected"] = round(1 - len(kept) / len(right), 4)
            result["right of accepted"] = round(sum(kept) / len(kept), 4) if kept else None
    result["milliseconds"] = round(1000 * seconds / len(kind.images), 3)
    print(f"{kind.name}: {result}", flush=True)
    return result


def table(results: dict[str, dict[str, Any]], first: str) -> str:
    if first == "photos of":
        results = {**results, "all": total(list(results.values()))}
    lines = [
        f"| {first} | pictures | fitted | and negated | pipeline | not sure "
        "| correct among the rest |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in results.items():
        sure = one["right of accepted"]
        lines.append(
            f"| {name} | {one['pictures']:,} | {one['fit']:.1%} | {one['fit and negate']:.1%} "
            f"| {one['pipeline']:.1%} | {one['rejected']:.1%} "
            f"| {'–' if sure is None else f'{sure:.1%}'} |"
        )
    return "\n".join(lines)


def total(kinds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    count = sum(one["pictures"] for one in kinds)
    result: dict[str, Any] = {
        key: sum(one[key] * one["pictures"] for one in kinds) / count
        for key in ("fit", "fit and negate", "pipeline", "rejected")
    }
    kept = [(1 - one["rejected"]) * one["pictures"] for one in kinds]
    right = sum(n * (one["right of accepted"] or 0) for n, one in zip(kept, kinds, strict=True))
    return {**result, "pictures": count, "right of accepted": right / sum(kept)}


def pairs(images: Sequence[Pixels], pictures: Pictures, columns: int, path: Path) -> None:
    """Draw pictures, and below each what the network gets."""
    side, gap = 112, 8
    rows = -(-len(images) // columns)
    size = (columns * (side + gap) + gap, rows * (2 * side + 3 * gap) + gap)
    sheet = Image.new("RGB", size, "white")
    for number, image in enumerate(images):
        left = gap + number % columns * (side + gap)
        top = gap + number // columns * (2 * side + 3 * gap)
        shown = Image.fromarray(image).convert("RGB")
        scale = side / max(shown.size)
        shown = shown.resize((round(shown.width * scale), round(shown.height * scale)))
        sheet.paste(shown, (left + (side - shown.width) // 2, top + side - shown.height))
        made = Image.fromarray(network_input(image, pictures, (1, 28, 28)))
        large = made.resize((side, side), Image.Resampling.NEAREST)
        sheet.paste(large, (left, top + side + gap))
    sheet.save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--usps", type=Path)
    parser.add_argument("--cheques", type=Path)
    parser.add_argument("--clothes", type=Path)
    given = parser.parse_args()
    reads_digits, reads_clothes = artifact.load("digits"), artifact.load("fashion")
    results: dict[str, dict[str, dict[str, Any]]] = {"digits": {}, "clothing": {}}
    if RESULTS.exists():
        results = json.loads(RESULTS.read_text(encoding="utf-8"))

    kinds = [*as_stored(), *on_paper(), eights()]
    kinds += [usps(given.usps)] if given.usps else []
    kinds += [cheques(given.cheques)] if given.cheques else []
    for kind in kinds:
        results["digits"].pop(kind.name, None)  # for its place in the table
        results["digits"][kind.name] = measure(kind, reads_digits, "digits")
    if given.cheques:  # what the cheques in its training are worth
        name = "the same, by `digits-record`"
        results["digits"].pop(name, None)
        results["digits"][name] = measure(kinds[-1], artifact.load("digits-record"), "digits")
    pairs([kind.images[3] for kind in kinds[2:17]], "digits", 5, IMAGES / "photos-digits.png")

    test = load_data("fashion-mnist").test
    right = [(int(label),) for label in test.labels]
    stored = Kind("Fashion-MNIST's test images", list(test.images), right)
    results["stored clothing"] = {stored.name: measure(stored, reads_clothes, "clothing")}
    worn = list(clothes(given.clothes)) if given.clothes else []
    for kind in worn:
        results["clothing"][kind.name] = measure(kind, reads_clothes, "clothing")
    if worn:
        shown = [kind.images[number] for number in (2, 3) for kind in worn]
        pairs(shown, "clothing", len(worn), IMAGES / "photos-clothing.png")

    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    replace_table("digits", table(results["digits"], "digits"), PAGE)
    replace_table("stored", table(results["stored clothing"], "clothes"), PAGE)
    replace_table("clothing", table(results["clothing"], "photos of"), PAGE)


if __name__ == "__main__":
    main()
