import numpy as np
import pytest

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation.probe.robustness import CHANGES, robustness
from lenet.networks.layers import Flatten, Linear
from lenet.networks.network import Network

CLASSES = ("dark", "bright")


def reads_one_pixel(row: int = 14, column: int = 14) -> Artifact:
    """Answers "bright" if one pixel is brighter than half."""
    network = Network("pixel", (1, 28, 28), (Flatten("flat"), Linear("fc", 2)))
    weight = np.zeros((2, 28 * 28), np.float32)
    weight[1, row * 28 + column] = 1
    return Artifact(
        network, {"fc.weight": weight, "fc.bias": np.array([0.5, 0], np.float32)}, CLASSES
    )


def bar(width: int) -> Split:
    """A horizontal bar through the middle pixel, `width` to either side."""
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 14, 14 - width : 15 + width] = 255
    return Split(image, np.array([1]), CLASSES)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (0, (1, 0, 0, 0, 0, 0, 0)),
        (1, (1, 0.5, 0, 0, 0, 0, 0)),  # left and right, but not up and down
        (3, (1, 0.5, 0.5, 0.5, 0, 0, 0)),
    ],
)
def test_shift_by_hand(width: int, expected: tuple[float, ...]) -> None:
    result = robustness({"one": reads_one_pixel()}, bar(width), changes=CHANGES[:1])[0]
    assert (result.name, result.unit, result.levels) == ("shift", "pixels", tuple(range(7)))
    assert result.accuracy == {"one": expected}


def test_all_classifiers_see_the_same_images_and_a_seed_gives_them_again() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (300, 28, 28), dtype=np.uint8)
    split = Split(images, (images[:, 14, 14] > 127).astype(np.int64), CLASSES)
    twins = {"a": reads_one_pixel(), "b": reads_one_pixel(), "other": reads_one_pixel(2, 3)}
    first = robustness(twins, split)
    for result, change in zip(first, CHANGES, strict=True):
        assert result.accuracy["a"] == result.accuracy["b"] != result.accuracy["other"]
        neutral = result.levels.index(change.neutral)
        assert result.accuracy["a"][neutral] == 1
        assert len(result.accuracy["a"]) == len(change.levels)
    assert robustness(twins, split) == first
    noise = [result.accuracy["a"] for result in robustness(twins, split, seed=1)]
    assert noise[:3] == [result.accuracy["a"] for result in first[:3]]  # nothing is drawn
    assert noise[3:] != [result.accuracy["a"] for result in first[3:]]


def test_noise_is_worse_the_stronger_it_is_and_occlusion_covers_its_share() -> None:
    images = np.zeros((4000, 28, 28), np.uint8)
    images[:, 14, 14] = 160
    split = Split(images, np.ones(4000, np.int64), CLASSES)
    noise, occlusion = (
        robustness({"one": reads_one_pixel()}, split, changes=[change])[0].accuracy["one"]
        for change in CHANGES[3:]
    )
    # 160 lies 32.5 above half: 1.27, 0.64, ... deviations of 25.5, 51, ...
    assert noise == pytest.approx((1, 0.899, 0.738, 0.665, 0.625, 0.601), abs=0.03)
    # The middle lies in side × side of the (29 - side)² places of the square.
    sides = np.array(CHANGES[4].levels)
    assert occlusion == pytest.approx(1 - sides**2 / (29 - sides) ** 2, abs=0.03)
