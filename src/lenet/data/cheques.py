"""Amounts written on real cheques: crops, their digits, and where each digit is.

ORAND-CAR-A of the ICFHR 2014 competition, as labelled in the public repository
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
_ANNOTATIONS = "annotations/instances_train2017.json"
_BLOCK = 27  # neighbours in the list are often of one writer, and stay together

# Labels of the validation part that are wrong to the eye: by it confidence is calibrated. Those of
# the test part stay as they came, unseen.
_CORRECTED = {
    "a_car_000232": "49575",
    "a_car_000498": "104927",
    "a_car_000768": "17146",
    "a_car_001027": "15775",
    "a_car_001037": "110820",
}

Part = Literal["train", "validation", "test"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Cheque:
    """An amount.

    Parameters
    ----------
    path
        Of the crop.
    digits
        What it says, without separators.
    boxes
        x, y, width and height of each digit, in pixels.
    part
        Whether it may be learnt from, chosen by, or neither.
    """

    path: Path
    digits: str
    boxes: tuple[Box, ...]
    part: Part


def load_cheques(folder: Path) -> list[Cheque]:
    """Read labelled crops.

    The parts are blocks of 27 neighbours in the order of their names: of ten blocks two are for
    tests, the fifth and the tenth, and one, the third, for validation.

    Parameters
    ----------
    folder
        With ``labels.tsv`` (columns ``file``, ``digits`` and ``boxes``) and ``images/``; or the
        public repository's ``ORAND-CAR-2014-coco``.

    Raises
    ------
    LenetError
        It is neither, or a label makes no sense.
    """
    if (folder / LABELS).is_file():
        found = _from_table(folder)
    elif (folder / _ANNOTATIONS).is_file():
        found = _from_coco(folder)
    else:
        raise LenetError(f"{folder} holds no labelled cheques: no {LABELS}, no {_ANNOTATIONS}")
    found.sort(key=lambda one: one[0].name)
    return [
        Cheque(path, _CORRECTED.get(_name(path), digits), boxes, _part(place))
        for place, (path, digits, boxes) in enumerate(found)
    ]


def _name(path: Path) -> str:
    """Return a crop's own name: the public repository appends to it."""
    return path.stem.partition("_png")[0]


def digest(cheques: Iterable[Cheque]) -> str:
    """Return the SHA-256 of what the crops hold and say."""
    whole = hashlib.sha256()
    for cheque in cheques:
        whole.update(cheque.path.read_bytes())
        whole.update(f" {cheque.digits} {cheque.boxes}\n".encode())
    return whole.hexdigest()


def _part(place: int) -> Part:
    block = place // _BLOCK
    if block % 5 == 4:
        return "test"
    return "validation" if block % 10 == 2 else "train"


_Labelled = tuple[Path, str, tuple[Box, ...]]


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
    path = folder / _ANNOTATIONS
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
        raise LenetError(f"{path}: not what was expected of it ({error})") from error
    return result


def _labelled(path: Path, digits: str, boxes: list[tuple[float, ...]]) -> _Labelled:
    sound = all(len(one) == 4 and all(map(isfinite, one)) for one in boxes)
    if not (digits.isascii() and digits.isdecimal()) or len(boxes) != len(digits) or not sound:
        raise ValueError(f"{digits!r} with {len(boxes)} boxes")
    return path, digits, tuple(cast("Box", box) for box in boxes)
