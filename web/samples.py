"""Make src/samples.png: a few test images to try the page with, one column a class.

Rows: two of MNIST's digits, then one of Fashion-MNIST's articles. Run it from the repository's
root: ``python web/samples.py``.
"""

from pathlib import Path

import numpy as np
from PIL import Image

import lenet

# Row by row: which data set, and the how manieth test image of each class, from 0. MNIST's first
# three looks like an eight, to networks too.
ROWS = (("mnist", 1), ("mnist", 4), ("fashion-mnist", 0))
SHEET = Path(__file__).with_name("src") / "samples.png"


def row(data: str, which: int) -> np.ndarray:
    """Return one image of each class side by side, uint8 ``[28, 280]``."""
    test = lenet.load_data(data).test
    places = [np.flatnonzero(test.labels == label)[which] for label in range(10)]
    return np.hstack([test.images[place] for place in places])


if __name__ == "__main__":
    sheet = np.vstack([row(data, which) for data, which in ROWS])
    Image.fromarray(sheet).save(SHEET, optimize=True)
