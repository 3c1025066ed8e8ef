"""A network is bounded as a whole, before anything is allocated or listed."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from lenet.artifact import load_configs
from lenet.engine import family, sequence
from lenet.engine.predictor import images_at_once
from lenet.errors import LenetError
from lenet.networks import NETWORKS, Network, lenet_network
from lenet.networks.limits import MOST_LAYERS

MAP = {"kernel": 1, "padding": 0}


def conv(name: str, channels: int, **more: Any) -> dict[str, Any]:
    return {"layer": "convolution", "name": name, "channels": channels, **MAP, **more}


def linear(units: int, name: str = "out") -> dict[str, Any]:
    return {"layer": "linear", "name": name, "units": units}


FLAT = {"layer": "flatten", "name": "flat"}
W = 65536
TABLE = ["X" * 2048] + ["." * 2048] * 2047
HUGE: dict[str, tuple[list[int], list[dict[str, Any]], str]] = {
    "links that are only counted": ([1, 1, 1], [conv("a", W), conv("b", W), FLAT, linear(2)], ""),
    "weights beyond 2^31": ([1, 1, 1], [FLAT, linear(W, "a"), linear(W)], "parameters"),
    "activations": ([1, 4096, 4096], [conv("a", 64), FLAT, linear(2)], "activations"),
    "an image": ([4096, 4096, 4096], [FLAT, linear(2)], "activations"),
    "windows": (
        [8, 700, 700],
        [conv("a", 1, kernel=64, stride=7), conv("b", 1, kernel=64, stride=64), FLAT, linear(2)],
        "inputs of a layer's units",
    ),
    "work": (
        [8, 60, 60],
        [conv("a", 512, kernel=5), conv("b", 512, kernel=5), FLAT, linear(2)],
        "multiply-accumulates",
    ),
    "a table whose kernels are few": (
        [2048, 1, 1],
        [conv("a", 2048, kernel=64, padding=32, table=TABLE)],
        "",
    ),
    "bias of each unit": (
        [1, 2000, 2000],
        [conv("a", 8, bias="unit"), conv("b", 8, bias="unit"), FLAT, linear(2)],
        "",
    ),
    "layers": (
        [1, 2, 2],
        [{"layer": "activation", "name": f"a{n}", "kind": "relu"} for n in range(2000)],
        f"2,000 layers; lenet takes {MOST_LAYERS}",
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_small_config_cannot_ask_for_much_memory(name: str, tmp_path: Path) -> None:
    shape, layers, what = HUGE[name]
    network = {"name": "n", "input_shape": shape, "layers": layers}
    table = {"format": 1, "network": network, "classes": ["a", "b"]}
    (tmp_path / "config.json").write_text(json.dumps(table))
    size = (tmp_path / "config.json").stat().st_size
    tracemalloc.start()
    try:
        with pytest.raises(LenetError) as raised:
            load_configs(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert what in str(raised.value)
    assert peak < 2_000_000 + 40 * size


def test_every_known_network_is_far_below() -> None:
    for define in NETWORKS.values():
        network = define(classes=10)
        assert images_at_once(network) == 128  # so that its results keep their bits
    assert lenet_network(channels=(64, 256), hidden=(2048, 2048), in_channels=3).parameters > 1e7


def test_the_kernels_leave_wide_networks_to_numpy() -> None:
    wide = lenet_network(channels=(2000, 8))
    assert not family.covers(wide)
    assert family.covers(lenet_network(channels=(600, 100)))
    squash = {"layer": "activation", "name": "a", "kind": "scaled tanh"}
    layers = [FLAT, linear(4000), squash]
    links = Network.from_json({"name": "n", "input_shape": [4000, 1, 1], "layers": layers})
    assert not sequence.covers(links)
    assert images_at_once(wide) < 128


def test_a_config_of_many_bytes_is_not_parsed(tmp_path: Path) -> None:
    with (tmp_path / "config.json").open("wb") as file:
        file.truncate(1 << 40)  # a hole: it takes no room on the disk
    with pytest.raises(LenetError, match=r"it has 1,099,511,627,776 bytes"):
        load_configs(tmp_path)
