"""Pictures that show no number: what a reader must leave alone."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lenet.synthesis.negatives import LETTERS, held_out_fonts
from photographed import HIGH, PLAIN, Photo, Pixels, Plane, Random, cloud, photographed, taken

Path = NDArray[np.float64]

# Of letters that nobody takes for digits.
WORDS = (
    "paper",
    "water",
    "market",
    "Werner",
    "theatre",
    "farmer",
    "after",
    "hammer",
    "rather",
    "ram",
    "Martha",
    "frame",
    "wharf",
    "thunder",
    "permanent",
    "mean",
    "due",
    "hundred",
    "dream",
    "exam",
    "Munk",
    "Pernau",
    "Hatter",
    "Fermat",
    "advent",
    "parade",
    "vent",
    "wurde",
    "herd",
)
_ACROSS, _DOWN = 420, 100  # of a texture, in pixels before it is taken


def blank(random: Random) -> Pixels:
    """Nothing on paper, plain or printed."""
    page = np.zeros((round(random.uniform(0.5, 1.2) * HIGH), round(HIGH * random.uniform(1, 5))))
    ruling = ("plain", "ruled", "squared")[random.choice(3, p=(0.6, 0.2, 0.2))]
    photo = Photo(ruling=ruling, shadow=bool(random.random() < 0.3))
    return photographed(page.astype(np.float32), photo, random)


def signature(random: Random) -> Pixels:
    """Write one: a large first letter, loops and arches that grow smaller, often a line below."""
    strokes: list[Path] = []
    left = 0.0
    for _ in range(random.integers(1, 3)):
        name = _name(int(random.integers(3, 9)), random)
        strokes.append(name + np.array([left - name[:, 0].min(), 0]))
        left = float(strokes[-1][:, 0].max()) + random.uniform(-0.2, 0.3)
    if random.random() < 0.5:
        along = np.linspace(0, 1, 60)
        sweep = random.uniform(0.02, 0.15) * np.sin(random.uniform(2, 6) * along)
        x = along * left * random.uniform(0.6, 1.1)
        strokes.append(np.stack((x, random.uniform(0.3, 0.6) + sweep), axis=1))
    return photographed(_drawn(strokes, random.uniform(0.04, 0.09)), PLAIN, random)


def _name(letters: int, random: Random) -> Path:
    """Return a line ``[N, 2]`` of x and y: each letter turns at its own speed and either way."""
    knots = np.arange(letters + 1)
    time = np.linspace(0, letters, 60 * letters)

    def varying(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(time, knots, values)

    tall = varying(random.gamma(2.5, 0.12, letters + 1) + 0.1)
    tall = tall * np.interp(time, (0, 0.8, 2, letters), (2.4, 1.8, 1, random.uniform(0.2, 1)))
    turns = varying(
        random.uniform(0.5, 1.6, letters + 1) * random.choice([1, 1, 1, -1], letters + 1)
    )
    phase = random.uniform(0, 6) + 2 * np.pi * np.cumsum(turns) / 60
    wide = varying(random.uniform(0.1, 0.9, letters + 1))
    x = random.uniform(0.25, 0.6) * time + wide * tall * np.cos(phase)
    y = -tall * np.sin(phase) + varying(random.normal(0, 0.07, letters + 1))
    slant, rise = random.uniform(-0.1, 0.6), random.uniform(-0.02, 0.08)
    return np.stack((x - slant * y, y - rise * time), axis=1)


def _drawn(strokes: list[Path], pen: float) -> Plane:
    """Draw smooth lines ``[N, 2]`` of x and y in heights of a digit."""
    corner = np.min([one.min(axis=0) for one in strokes], axis=0) - pen
    far = np.max([one.max(axis=0) for one in strokes], axis=0) + pen
    columns, rows = np.ceil((far - corner) * HIGH).astype(int).tolist()
    image = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(image)
    radius = pen * HIGH / 2
    for one in strokes:
        points = ((one - corner) * HIGH).tolist()
        draw.line([(x, y) for x, y in points], 255, round(2 * radius), joint="curve")
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    return np.asarray(image, np.float32) / np.float32(255)


def word(random: Random) -> Pixels:
    """Print a word in a face that the reader has not been trained to turn away."""
    fonts = held_out_fonts()
    font = ImageFont.truetype(str(fonts[random.integers(len(fonts))]), round(1.3 * HIGH))
    text = WORDS[random.integers(len(WORDS))]
    if set(text.upper()) <= set(LETTERS) and random.random() < 0.5:
        text = text.upper()
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), text, 255, font)
    return photographed(np.asarray(image, np.float32) / np.float32(255), PLAIN, random)


def guilloche(random: Random) -> Pixels:
    """Draw bands of fine waves that cross, as banks print them."""
    y, x = _places()
    page = np.full(y.shape, random.uniform(190, 245), np.float32)
    for _ in range(random.integers(2, 4)):
        rise, long = random.uniform(4, 14), random.uniform(40, 140)
        step = random.uniform(4, 9)
        for start in np.arange(-20, _DOWN + 20, step).tolist():
            swing = rise * np.sin(2 * np.pi * x / long + start / random.uniform(12, 14))
            line = np.clip(1.1 - np.abs(y - start - swing), 0, 1)
            page = page * (1 - random.uniform(0.25, 0.5) * line)
    return taken(page, PLAIN, random)


def noise(random: Random) -> Pixels:
    """Return noise of one grain, from single pixels to clouds."""
    grain = 30 ** random.uniform(0, 1)
    page = cloud((_DOWN, round(random.uniform(0.4, 1) * _ACROSS)), grain, random)
    return taken(random.uniform(20, 120) + random.uniform(40, 130) * page, PLAIN, random)


def wood(random: Random) -> Pixels:
    """Saw a board: rings cut nearly along, fine fibres."""
    y, x = _places()
    bend = 40 * cloud(y.shape, random.uniform(60, 140), random)
    rings = np.sin((y + 0.08 * x + bend) * random.uniform(0.25, 0.8)) ** 3
    thin = Image.fromarray(random.random((_DOWN, 24), np.float32)).resize((_ACROSS, _DOWN))
    page = random.uniform(90, 180) + 22 * rings + 30 * (np.asarray(thin) - 0.5)
    return taken(page.astype(np.float32), PLAIN, random)


def _places() -> tuple[Plane, Plane]:
    y, x = np.mgrid[:_DOWN, :_ACROSS].astype(np.float32)
    return y, x


KINDS: dict[str, Callable[[Random], Pixels]] = {
    "blank paper": blank,
    "signatures": signature,
    "printed words": word,
    "guilloche": guilloche,
    "noise": noise,
    "wood": wood,
}
"""All but what comes from a set of images."""
