import json
from pathlib import Path
from typing import Any

import pytest

from lenet.data.cheques import Cheque, load_cheques
from lenet.errors import LenetError

HEADER = "file\tdigits\tboxes"
GOOD = "a.png\t05\t1,2,3,4 5.5,6,7,8"


def table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "labels.tsv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return folder


def annotation(image: int, digit: int, *box: object) -> dict[str, Any]:
    # The digits' own numbers begin at 1, and are not the digits.
    return {"image_id": image, "category_id": digit + 1, "bbox": list(box)}


def coco(folder: Path, **changes: object) -> Path:
    """Write the public repository's form, of two images; the boxes are in no order."""
    content: dict[str, object] = {
        "images": [{"id": 7, "file_name": "b.jpg"}, {"id": 3, "file_name": "a.jpg"}],
        "categories": [{"id": digit + 1, "name": str(digit)} for digit in range(10)],
        "annotations": [
            annotation(7, 9, 30, 1, 5, 20),
            annotation(3, 4, 2, 2, 9, 20),
            annotation(7, 0, 10.5, 1, 5, 20),
            # It begins left of the zero's beginning; but middles count.
            annotation(7, 8, 10, 1, 18, 20),
        ],
    }
    path = folder / "annotations" / "instances_train2017.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content | changes), encoding="utf-8")
    return folder


def test_a_table_of_labels_is_read(tmp_path: Path) -> None:
    folder = table(tmp_path / "cheques", "b.png\t7\t0,0,9.25,9", GOOD)
    images = folder / "images"
    assert load_cheques(folder) == [
        Cheque(images / "a.png", "05", ((1, 2, 3, 4), (5.5, 6, 7, 8)), "train"),
        Cheque(images / "b.png", "7", ((0, 0, 9.25, 9),), "train"),
    ]


def test_further_columns_and_another_order_change_nothing(tmp_path: Path) -> None:
    folder = table(tmp_path, "x\t1,2,3,4\ta.png\t5", header="writer\tboxes\tfile\tdigits")
    assert load_cheques(folder) == [
        Cheque(tmp_path / "images" / "a.png", "5", ((1, 2, 3, 4),), "train")
    ]


def test_the_public_repository_is_read_and_digits_are_put_in_order(tmp_path: Path) -> None:
    images = tmp_path / "images" / "train2017"
    assert load_cheques(coco(tmp_path)) == [
        Cheque(images / "a.jpg", "4", ((2, 2, 9, 20),), "train"),
        Cheque(
            images / "b.jpg",
            "089",
            ((10.5, 1, 5, 20), (10, 1, 18, 20), (30, 1, 5, 20)),
            "train",
        ),
    ]


def test_both_forms_of_the_same_cheques_agree(tmp_path: Path) -> None:
    public = load_cheques(coco(tmp_path / "public"))
    rows = [
        f"{one.path.name}\t{one.digits}\t" + " ".join(",".join(map(str, box)) for box in one.boxes)
        for one in reversed(public)
    ]
    own = load_cheques(table(tmp_path / "own", *rows))
    assert [(one.path.name, one.digits, one.boxes, one.part) for one in own] == [
        (one.path.name, one.digits, one.boxes, one.part) for one in public
    ]


def test_parts_are_blocks_of_27_in_the_order_of_names(tmp_path: Path) -> None:
    count = 27 * 12 + 5
    rows = [f"{place:04}.png\t1\t0,0,1,1" for place in range(count)]
    cheques = load_cheques(table(tmp_path, *reversed(rows)))
    assert [int(one.path.stem) for one in cheques] == list(range(count))
    blocks = ["train", "train", "validation", "train", "test"] + ["train"] * 4 + ["test"]
    for place, one in enumerate(cheques):
        assert one.part == blocks[place // 27 % 10], place
    parts = [one.part for one in cheques[: 27 * 10]]
    assert {part: parts.count(part) for part in set(parts)} == {
        "train": 27 * 7,
        "validation": 27,
        "test": 27 * 2,
    }


def test_no_lines_are_no_cheques(tmp_path: Path) -> None:
    assert load_cheques(table(tmp_path)) == []


@pytest.mark.parametrize(
    "row",
    [
        "a.png\t05\t1,2,3,4",  # a box is missing
        "a.png\t5\t1,2,3,4 5,6,7,8",
        "a.png\t5\t1,2,3",
        "a.png\t5\t1,2,3,4,5",
        "a.png\t5\t1,2,3,x",
        "a.png\t5\t1,2,3,nan",
        "a.png\t5\t1,2,inf,4",
        "a.png\t5\t",
        "a.png\t\t",
        "a.png\t5.0\t1,2,3,4 1,2,3,4 1,2,3,4",
        "a.png\t-5\t1,2,3,4 1,2,3,4",
        "a.png\t٣\t1,2,3,4",
        "a.png\t²\t1,2,3,4",
        "a.png\t5",
        "a.png",
    ],
)
def test_a_bad_label_is_told_with_its_line(tmp_path: Path, row: str) -> None:
    folder = table(tmp_path, GOOD, row, GOOD)
    with pytest.raises(LenetError, match=r"labels\.tsv, line 3: not a label"):
        load_cheques(folder)


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    folder = table(tmp_path, GOOD, "", "", "a.png\t5\t1,2")
    with pytest.raises(LenetError, match="line 5: "):
        load_cheques(folder)


@pytest.mark.parametrize(
    "header", ["name\tdigits\tboxes", "file,digits,boxes", "a.png\t5\t1,2,3,4"]
)
def test_other_columns_are_no_labels(tmp_path: Path, header: str) -> None:
    with pytest.raises(LenetError, match="line 2: not a label"):
        load_cheques(table(tmp_path, GOOD, header=header))


@pytest.mark.parametrize(
    "content", [b"file\tdigits\tboxes\n\xff\xfe\t5\t1,2,3,4\n", b"\x89PNG\r\n"]
)
def test_a_table_that_is_no_text_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "labels.tsv").write_bytes(content)
    with pytest.raises(LenetError, match=r"labels\.tsv.*not"):
        load_cheques(tmp_path)


SOUND = annotation(7, 1, 1, 2, 3, 4)  # else image 7 has no digit, which is wrong too
BAD: list[dict[str, object]] = [
    {"images": None},
    {"images": [{"id": 7}]},
    {"images": ["a.jpg"]},
    {"categories": [{"id": 1}]},
    {"categories": []},
    {"categories": [{"id": digit + 1, "name": "ten"} for digit in range(10)]},
    {"annotations": 5},
    {"annotations": [SOUND, annotation(4711, 1, 1, 2, 3, 4)]},
    {"annotations": [SOUND, annotation(3, 10, 1, 2, 3, 4)]},
    {"annotations": [SOUND, annotation(3, 1)]},
    {"annotations": [SOUND, annotation(3, 1, 1)]},
    {"annotations": [SOUND, annotation(3, 1, 1, 2, 3)]},
    {"annotations": [SOUND, annotation(3, 1, 1, "2", 3, 4)]},
    {"annotations": [SOUND, annotation(3, 1, 1, None, 3, 4)]},
    {"annotations": [SOUND, {"image_id": 3, "category_id": 1, "bbox": None}]},
    {"annotations": [SOUND]},  # an image without a digit
]


@pytest.mark.parametrize("change", BAD, ids=lambda one: json.dumps(one)[-60:])
def test_annotations_that_make_no_sense_are_told(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(LenetError, match=r"instances_train2017\.json does not hold the boxes"):
        load_cheques(coco(tmp_path, **change))


def test_one_more_sound_annotation_makes_it_sound(tmp_path: Path) -> None:
    cheques = load_cheques(coco(tmp_path, annotations=[SOUND, annotation(3, 1, 1, 2, 3, 4)]))
    assert [one.digits for one in cheques] == ["1", "1"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"annotations"', "\x00"])
def test_annotations_that_are_no_object_are_told(tmp_path: Path, text: str) -> None:
    path = coco(tmp_path) / "annotations" / "instances_train2017.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LenetError, match="does not hold the boxes of digits"):
        load_cheques(tmp_path)


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_a_folder_without_labels_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(LenetError, match="holds no labelled cheques"):
        load_cheques(tmp_path / name)


@pytest.mark.parametrize("name", ["a_car_000232.jpg", "a_car_000232_png.rf.0a1b.jpg"])
def test_a_label_known_to_be_wrong_is_corrected(tmp_path: Path, name: str) -> None:
    boxes = " ".join(["1,2,3,4"] * 5)
    folder = table(tmp_path / "cheques", f"{name}\t49515\t{boxes}", f"b.png\t49515\t{boxes}")
    assert [one.digits for one in load_cheques(folder)] == ["49575", "49515"]
