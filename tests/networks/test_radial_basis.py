"""The bitmaps of Proc. IEEE 86(11), 1998, Figure 3 (page 9), against a transcription by hand."""

import hashlib
from itertools import combinations
from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks.radial_basis import RadialBasis, bitmap, characters, characters_for, code

DIGITS = """
.#####.  ...##..  .#####.  #######  .#####.  .#####.  ..####.  #######  .#####.  .#####.
.......  ..###..  .......  .....##  .......  .......  .##....  .....##  ##...##  ##..###
..###..  .####..  .#####.  ....##.  .......  #######  ##.....  .....##  ##...##  ##...##
.##.##.  ...##..  ##...##  ...##..  .##..##  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...##..  #....##  ..####.  .##..##  ##.....  ######.  ...##..  .#####.  ##..###
##...##  ...##..  ....##.  .....##  ###..##  .####..  ###..##  ...##..  ##...##  .######
##...##  ...##..  ..###..  .....##  ##...##  ..####.  ##...##  ..##...  ##...##  .....##
##...##  ...##..  .##....  .....##  ##...##  .....##  ##...##  ..##...  ##...##  .....##
.##.##.  ...##..  ##.....  ##...##  ##..###  ##...##  ###..##  ..##...  ##...##  ....##.
..###..  .######  #######  .#####.  .######  .#####.  .#####.  ..##...  .#####.  .####..
.......  .......  .......  .......  .....##  .......  .......  .......  .......  .......
.......  .......  .......  .......  .....##  .......  .......  .......  .......  .......
"""
# Of the 95 lines "character, blank, its 12 rows", as sampled from the figure's own drawing.
SHA256 = "71ee55607de1236aa0ea6a57632f55462dc359e5c8621882daefa5f630fff6c1"


def hamming(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(code(one), code(other), strict=True))


@pytest.mark.parametrize("digit", range(10))
def test_the_digits_are_the_figures(digit: int) -> None:
    assert bitmap(str(digit)) == [line.split()[digit] for line in DIGITS.split("\n")[1:-1]]


def test_all_characters_are_the_figures() -> None:
    assert characters() == "".join(chr(number) for number in range(32, 127))
    lines = [f"{character} {' '.join(bitmap(character))}" for character in characters()]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == SHA256


def test_every_character_has_a_code_of_its_own() -> None:
    codes = {tuple(code(character)) for character in characters()}
    assert len(codes) == 95
    assert {len(one) for one in codes} == {84}
    assert {cell for one in codes for cell in one} == {-1, 1}


def test_a_code_is_the_bitmap_row_by_row() -> None:
    assert code("7")[:9] == [1, 1, 1, 1, 1, 1, 1, -1, -1]
    assert code("7")[12:14] == [1, 1]
    assert code(" ") == [-1] * 84


@pytest.mark.parametrize(
    ("pairs", "distance"),
    [
        (["68"], 12),
        (["04", "89"], 18),
        (["25", "46", "48"], 20),
        (["38"], 21),
        (["06"], 22),
        (["14", "18", "47"], 50),
        # Likely confusions get similar codes: page 8.
        (["Oo"], 5),
        (["0O"], 10),
        (["0o"], 15),
        (["Il"], 1),
        (["1l"], 6),
        (["1I"], 7),
    ],
)
def test_codes_differ_by_as_many_cells_as_counted(pairs: list[str], distance: int) -> None:
    assert [hamming(*pair) for pair in pairs] == [distance] * len(pairs)


def test_no_two_digits_are_nearer_or_farther_than_these() -> None:
    distances = {pair: hamming(*pair) for pair in combinations("0123456789", 2)}
    nearest, farthest = min(distances.values()), max(distances.values())
    assert [pair for pair, d in distances.items() if d == nearest] == [("6", "8")]
    assert [pair for pair, d in distances.items() if d == farthest] == [
        ("1", "4"),
        ("1", "8"),
        ("4", "7"),
    ]
    assert (nearest, farthest) == (12, 50)


@pytest.mark.parametrize("character", ["", "ab", "é", "\n", "\x7f", "\x1f", "０"])
def test_what_is_no_printable_ascii_has_no_bitmap(character: str) -> None:
    with pytest.raises(LenetError, match="no bitmap for"):
        bitmap(character)


def test_shapes_and_counts() -> None:
    layer = RadialBasis("o", "0123456789", 10.0)
    assert layer.output_shape((84,)) == (10,)
    assert layer.parameter_shapes((84,)) == {}
    assert layer.multiply_accumulates((84,)) == layer.connections((84,)) == 840


@pytest.mark.parametrize(
    ("given", "rubbish", "message"),
    [
        ("", 1, "characters must be a text"),
        (None, 1, "characters must be a text"),
        (10, 1, "characters must be a text"),
        (("0", "1"), 1, "characters must be a text"),
        ("0é", 1, "no bitmap for 'é'"),
        *(
            ("01", rubbish, "rubbish must be a number from 0")
            for rubbish in (-0.1, float("nan"), float("inf"), 1e7, "1", None, True)
        ),
    ],
)
def test_what_it_cannot_be_is_refused(given: Any, rubbish: Any, message: str) -> None:
    with pytest.raises(LenetError, match=message):
        RadialBasis("o", given, rubbish)


@pytest.mark.parametrize("shape", [(83,), (85,), (84, 1, 1), (7, 12), (1, 12, 7)])
def test_it_reads_84_units_only(shape: tuple[int, ...]) -> None:
    with pytest.raises(LenetError, match=r"^o: needs 84 units"):
        RadialBasis("o", "01", 1.0).output_shape(shape)


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("7", "a", "%"), "7a%"),  # their own names
        (("9", "0"), "90"),
        (("T-shirt", "Coat"), "01"),
        (("1", "10"), "01"),  # one name is no character
        (("a", "a"), "01"),  # two classes of one name would share a bitmap
        (("a", "é"), "01"),
        (("ab", "c"), "01"),
        (("0", ""), "01"),
        (tuple(f"class {n}" for n in range(12)), "0123456789AB"),
        (
            tuple(f"class {n}" for n in range(62)),
            "0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz",
        ),
    ],
)
def test_each_class_gets_its_own_character_or_a_plain_one(
    classes: tuple[str, ...], expected: str
) -> None:
    assert characters_for(classes) == expected


def test_there_are_95_characters_and_no_more() -> None:
    most = characters_for(tuple(f"class {n}" for n in range(95)))
    assert sorted(most) == sorted(characters())
    with pytest.raises(LenetError, match="bitmaps of 95 characters; for 96 classes"):
        characters_for(tuple(f"class {n}" for n in range(96)))
