"""Reads labelled images of numbers on real cheques: the digits, and the box of each digit.

Source: ORAND-CAR-A of the ICFHR 2014 competition, as labelled in the public repository
Fzkuji/Labeled_ORAND-CAR-A.
"""

import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, cast

from lenet.errors import LenetError

LABELS = "labels.tsv"
ANNOTATIONS = "annotations/instances_train2017.json"
_BLOCK = 27  # crops of one writer are often neighbours; blocks keep most of them in one part

# Labels of the validation part that are wrong. They are corrected because confidence is calibrated
# on that part. The labels of the test part are unchanged: nobody has looked at them.
_CORRECTED = {
    "a_car_000232": "49575",
    "a_car_000498": "104927",
    "a_car_000768": "17146",
    "a_car_001027": "15775",
    "a_car_001037": "110820",
}

Part = Literal["train", "validation", "test"]
Box = tuple[float, float, float, float]
_Labelled = tuple[Path, str, tuple[Box, ...]]


@dataclass(frozen=True)
class Cheque:
    """The number on one cheque.

    `path` is the image file of the number, cut out of the cheque. `digits` has no separators.
    `part` says whether it is for training, validation or testing. `boxes` holds x, y,
    width and height of each digit, in pixels.
    """

    path: Path
    digits: str
    boxes: tuple[Box, ...]
    part: Part


def load_cheques(folder: Path) -> list[Cheque]:
    """Read labelled images of numbers, in the order of their file names.

    Blocks of 27 neighbours belong to one part. In every ten blocks, the fifth and the tenth are for
    testing, the third is for validation, and the others are for training.

    Parameters
    ----------
    folder
        A folder with ``labels.tsv`` (columns ``file``, ``digits`` and ``boxes``) and ``images/``,
        or the public repository's ``ORAND-CAR-2014-coco``.

    Raises
    ------
    LenetError
        The folder has neither form, or a label is wrong.
    """
    if (folder / LABELS).is_file():
        found = _from_table(folder)
    elif (folder / ANNOTATIONS).is_file():
        found = _from_coco(folder)
    else:
        raise LenetError(f"{folder} holds no labelled cheques: no {LABELS}, no {ANNOTATIONS}")
    cheques: list[Cheque] = []
    for place, (path, digits, boxes) in enumerate(sorted(found, key=lambda one: one[0].name)):
        name = path.stem.partition("_png")[0]  # the public repository appends to the name
        block = place // _BLOCK
        part = "test" if block % 5 == 4 else "validation" if block % 10 == 2 else "train"
        cheques.append(Cheque(path, _CORRECTED.get(name, digits), boxes, part))
    return cheques


def digest(cheques: Iterable[Cheque]) -> str:
    """Return the SHA-256 of the image files, the digits and the boxes."""
    whole = hashlib.sha256()
    for cheque in cheques:
        whole.update(cheque.path.read_bytes())
        whole.update(f" {cheque.digits} {cheque.boxes}\n".encode())
    return whole.hexdigest()


def _from_table(folder: Path) -> list[_Labelled]:
    path = folder / LABELS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise LenetError(f"{path} is not a table in UTF-8 ({error})") from error
    result: list[_Labelled] = []
    rows = csv.DictReader(lines, delimiter="\t")
    try:
        for row in rows:
            boxes = [tuple(map(float, box.split(","))) for box in row["boxes"].split()]
            result.append(_labelled(folder / "images" / row["file"], row["digits"], boxes))
    except (csv.Error, KeyError, ValueError, AttributeError, TypeError) as error:
        raise LenetError(f"{path}, line {rows.line_num}: not a label ({error})") from error
    return result


def _from_coco(folder: Path) -> list[_Labelled]:
    path = folder / ANNOTATIONS
    try:
        table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        names = {one["id"]: str(one["file_name"]) for one in table["images"]}
        digits = {one["id"]: str(one["name"]) for one in table["categories"]}
        boxes: dict[int, list[tuple[Box, str]]] = {key: [] for key in names}
        for one in table["annotations"]:
            boxes[one["image_id"]].append((tuple(one["bbox"]), digits[one["category_id"]]))
        result: list[_Labelled] = []
        for key, name in names.items():
            row = sorted(boxes[key], key=lambda one: one[0][0] + one[0][2] / 2)
            text = "".join(digit for _, digit in row)
            image = folder / "images" / "train2017" / name
            result.append(_labelled(image, text, [box for box, _ in row]))
    except (LookupError, ValueError, TypeError) as error:
        raise LenetError(f"{path} does not hold the boxes of digits ({error})") from error
    return result


def _labelled(path: Path, digits: str, boxes: list[tuple[float, ...]]) -> _Labelled:
    valid = all(len(one) == 4 and all(map(isfinite, one)) for one in boxes)
    if not (digits.isascii() and digits.isdecimal()) or len(boxes) != len(digits) or not valid:
        raise ValueError(f"{digits!r} with {len(boxes)} boxes")
    return path, digits, tuple(cast("Box", box) for box in boxes)
