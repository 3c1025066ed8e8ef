"""What a reader makes of drawn pictures: of numbers, and of what is none."""

from collections.abc import Callable

import numpy as np

import no_numbers_drawn
import numbers_drawn
from handwriting import Glyphs, Style, write
from lenet.data import load_data
from lenet.reading.reader import Reading
from photographed import PLAIN, Photo, Pixels, photographed

PICTURES = 100  # of each kind

Read = Callable[[Pixels], Reading]


def drawn(
    text_of: Callable[[np.random.Generator], str],
    style: Style,
    photo: Photo,
    glyphs: Glyphs,
    read: Read,
    random: np.random.Generator,
) -> dict[str, int]:
    """Count what is read of drawn numbers."""
    right = rejected = wrong = 0
    for _ in range(PICTURES):
        text = text_of(random)
        ink = write(text, style, glyphs, random)
        reading = read(photographed(ink, photo, random))
        is_right = reading.text == "".join(filter(str.isdecimal, text))
        right += is_right
        rejected += reading.rejected
        wrong += not is_right and not reading.rejected
    return {"pictures": PICTURES, "right": right, "rejected": rejected, "wrong": wrong}


def cases(read: Read) -> dict[str, dict[str, int]]:
    glyphs = Glyphs.of(load_data("mnist").test)
    return {
        name: drawn(text_of, style, PLAIN, glyphs, read, np.random.default_rng([1, number]))
        for number, (name, (text_of, style)) in enumerate(numbers_drawn.CASES.items())
    }


def photos(read: Read) -> dict[str, dict[str, int]]:
    glyphs = Glyphs.of(load_data("mnist").test)

    def text_of(random: np.random.Generator) -> str:
        return numbers_drawn.digits(1, 8, random)

    style = Style()
    return {
        name: drawn(text_of, style, photo, glyphs, read, np.random.default_rng([2, number]))
        for number, (name, photo) in enumerate(numbers_drawn.PHOTOS.items())
    }


def nothing(read: Read) -> dict[str, dict[str, int]]:
    """Count what is left alone of what is no number."""
    kinds: dict[str, list[Reading]] = {}
    for number, (name, make) in enumerate(no_numbers_drawn.KINDS.items()):
        random = np.random.default_rng([3, number])
        kinds[name] = [read(make(random)) for _ in range(PICTURES)]
    clothes = load_data("fashion-mnist").test.images[: 5 * PICTURES]
    kinds["clothes (of Fashion-MNIST's test set)"] = list(map(read, clothes))
    return {
        name: {
            "pictures": len(readings),
            "empty": sum(not one.text for one in readings),
            "rejected": sum(one.rejected for one in readings),
        }
        for name, readings in kinds.items()
    }
