"""The first weights against PyTorch's: the same bits, for every network and many seeds."""

import hashlib
from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.models.build import modules
from lenet.models.historical import fan_in_uniform, root_fan_in_uniform
from lenet.models.lenet import he_normal, xavier_uniform
from lenet.networks import NETWORKS, Network, lenet_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Flatten, Linear
from lenet.networks.reader import residual_reader_network
from lenet.training.first_weights import first_weights
from lenet.training.recipe import Initialization

ORACLES: dict[Initialization, Callable[[nn.Module], None]] = {
    "xavier": xavier_uniform,
    "he": he_normal,
    "fan-in": fan_in_uniform,
    "root fan-in": root_fan_in_uniform,
}
HASHES = {
    "xavier": "be7736b37d533b866a592cd4c9ff3a1769f7a3a06d2fd0c0b918134b9cdf7e84",
    "he": "75d8b3789d7d17561e167d9803fa3f79b4fd26884773f9cb68cbe86da9ddfd76",
}
SEEDS = [*range(4), 12345, 2**31, 2**32 - 1]
# Other shapes than the recipes': colour, few classes, layers of fewer than sixteen weights (whose
# normal numbers PyTorch draws in another way), remainders of sixteen.
NETWORKS_OF_TESTS: dict[str, Network] = {
    **{name: define() for name, define in NETWORKS.items()},
    "colour": lenet_network(in_channels=3, classes=4),
    "small": lenet_network(channels=(1, 2), hidden=(3, 1), classes=5),
    "one": lenet_network(channels=(2, 1), hidden=(1,), classes=1),
    "strided": Network(
        "strided",
        (1, 9, 9),
        (Convolution("c1", 1, 3, stride=2), Flatten("flatten"), Linear("fc", 2)),
    ),
    "border": Network(
        "border",
        (2, 9, 9),
        (
            Convolution("c1", 3, 3, padding=1, border=-1.0),
            Convolution("c2", 2, 3, bias="unit", table=("X.", "XX", ".X")),
            Flatten("flatten"),
            Linear("fc", 2),
        ),
    ),
}


def drawn_by_pytorch(
    network: Network, initialization: Initialization, seed: int
) -> dict[str, Floats]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(modules(network))
        ORACLES[initialization](model)
    return {name: value.numpy() for name, value in model.state_dict().items()}


def has_fused_kernels() -> bool:
    return torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")


@pytest.mark.skipif(not has_fused_kernels(), reason="PyTorch draws with AVX2 or AVX-512")
@pytest.mark.parametrize("initialization", get_args(Initialization))
@pytest.mark.parametrize("name", NETWORKS_OF_TESTS)
def test_not_one_bit_differs_from_pytorchs(name: str, initialization: Initialization) -> None:
    network = NETWORKS_OF_TESTS[name]
    for seed in SEEDS:
        ours = first_weights(network, initialization, seed)
        theirs = drawn_by_pytorch(network, initialization, seed)
        assert list(ours) == list(theirs) == list(network.parameter_shapes)
        for key, value in theirs.items():
            assert ours[key].dtype == np.float32
            assert ours[key].shape == value.shape
            differ = np.count_nonzero(ours[key].view(np.int32) != value.view(np.int32))
            assert differ == 0, f"{differ} of {value.size} in {key}, seed {seed}"


def test_these_are_the_numbers_on_every_machine() -> None:
    """Draws of PyTorch 2.13 with AVX-512, for machines whose PyTorch draws otherwise."""
    chapter = first_weights(lenet_network(), "xavier", 0)
    modern = first_weights(NETWORKS["modern"](), "he", 0)
    assert {"xavier": hash_of(chapter), "he": hash_of(modern)} == HASHES


def hash_of(parameters: dict[str, Floats]) -> str:
    joined = b"".join(value.tobytes() for value in parameters.values())
    return hashlib.sha256(joined).hexdigest()


def test_each_draw_is_an_array_of_its_own_that_can_be_changed() -> None:
    for initialization in get_args(Initialization):
        first = first_weights(lenet_network(), initialization, 0)
        for value in first.values():
            assert value.flags.writeable
            assert value.flags.c_contiguous
            value += 1


def test_residual_blocks_are_for_the_reader() -> None:
    with pytest.raises(LenetError, match="only 'lenet train reader'"):
        first_weights(residual_reader_network(), "he", 0)
