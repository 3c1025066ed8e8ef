"""Make src/samples.png: a few test images to try the page with, one column a class.

Rows: two of MNIST's digits, then one of Fashion-MNIST's articles. Run it from the repository's
root: ``python web/samples.py``.
"""

from pathlib import Path

import numpy as np
from PIL import Image

import lenet

# For each row: the data set, and the number of the image among the test images of its class, from
# 0. MNIST's image 0 of the class 3 is left out, because it looks like an 8, also to networks.
ROWS = (("mnist", 1), ("mnist", 4), ("fashion-mnist", 0))
SHEET = Path(__file__).with_name("src") / "samples.png"


def row(data: str, number: int) -> np.ndarray:
    """Return image `number` of each class side by side, uint8 ``[28, 280]``."""
    test = lenet.load_data(data).test
    places = [np.flatnonzero(test.labels == label)[number] for label in range(10)]
    return np.hstack([test.images[place] for place in places])


if __name__ == "__main__":
    sheet = np.vstack([row(data, number) for data, number in ROWS])
    Image.fromarray(sheet).save(SHEET, optimize=True)
