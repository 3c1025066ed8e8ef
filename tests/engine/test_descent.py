"""Steps of gradient descent against PyTorch's optimizer: the same bits on all instruction sets."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import nn

from lenet.engine import native
from lenet.engine.checks import Floats
from lenet.engine.descent import descent
from lenet.errors import LenetError

# Sizes around the lanes of every instruction set, and large ones.
SIZES = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 1000, 48000]
VARIANTS = [*native.variants(), "numpy"]


def numbers(seed: int, scale: float = 1.0) -> list[Floats]:
    random = np.random.default_rng(seed)
    return [(scale * random.standard_normal(size)).astype(np.float32) for size in SIZES]


def by_pytorch(
    parameters: Sequence[Floats],
    gradients: Sequence[Sequence[Floats]],
    rates: Sequence[float],
    momentum: float,
    weight_decay: float,
) -> list[Floats]:
    moved = [nn.Parameter(torch.from_numpy(value.copy())) for value in parameters]
    optimizer = torch.optim.SGD(moved, 0.1, momentum, weight_decay=weight_decay)
    for rate, step in zip(rates, gradients, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        for parameter, gradient in zip(moved, step, strict=True):
            parameter.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
    return [value.detach().numpy() for value in moved]


@pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
    reason="PyTorch fuses with AVX2 or AVX-512",
)
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("momentum", "weight_decay"), [(0.0, 0.0), (0.9, 0.0), (0.0, 1e-3), (0.9, 5e-4), (0.37, 0.3)]
)
@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e-38])  # the last: denormal numbers stay
def test_not_one_bit_differs_from_pytorchs(
    variant: str, momentum: float, weight_decay: float, scale: float
) -> None:
    rates = [0.9, 0.1, 0.02, 1e-4, 0.013]
    steps = [numbers(seed, scale) for seed in range(1, 6)]
    expected = by_pytorch(numbers(0, scale), steps, rates, momentum, weight_decay)
    parameters, gradients = numbers(0, scale), [np.empty(size, np.float32) for size in SIZES]
    velocities = [np.zeros(size, np.float32) for size in SIZES] if momentum else None
    step = descent(parameters, gradients, velocities, momentum, weight_decay, variant)
    for rate, new in zip(rates, steps, strict=True):
        for gradient, value in zip(gradients, new, strict=True):
            gradient[:] = value
        step(rate)
    for found, wanted in zip(parameters, expected, strict=True):
        assert np.count_nonzero(found.view(np.int32) != wanted.view(np.int32)) == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_infinite_or_no_number_stays_so(variant: str) -> None:
    parameters = [np.array([1, 1, 1e38, np.nan], np.float32)]
    gradients = [np.array([np.inf, np.nan, -3e38, 1], np.float32)]
    descent(parameters, gradients, variant=variant)(10.0)
    assert np.array_equal(parameters[0], [-np.inf, np.nan, np.inf, np.nan], equal_nan=True)


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_beside_the_arrays_is_written(variant: str) -> None:
    around = np.full(64, 7, np.float32)
    gradient, velocity = np.ones(21, np.float32), np.full(64, 7, np.float32)
    descent([around[20:41]], [gradient], [velocity[20:41]], 0.5, 0.1, variant)(0.1)
    for one in (around, velocity):
        assert (one[:20] == 7).all()
        assert (one[41:] == 7).all()
        assert (one[20:41] != 7).all()


@pytest.mark.parametrize(
    ("parameters", "gradients", "velocities", "momentum", "message"),
    [
        ([np.zeros(3, np.float32)], [np.zeros(4, np.float32)], None, 0, "of the same shapes"),
        ([np.zeros(3)], [np.zeros(3)], None, 0, "contiguous float32"),
        ([np.zeros(6, np.float32)[::2]], [np.zeros(3, np.float32)], None, 0, "contiguous"),
        ([np.zeros(3, np.float32)], [np.zeros(3, np.float32)], [], 0.9, "of the same shapes"),
        ([np.zeros(3, np.float32)], [np.zeros(3, np.float32)], None, 0.9, "momentum needs"),
        (
            [np.zeros(3, np.float32)],
            [np.zeros(3, np.float32)],
            [np.zeros(3, np.float32)],
            0,
            "need momentum",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    parameters: list[Floats],
    gradients: list[Floats],
    velocities: list[Floats] | None,
    momentum: float,
    message: str,
) -> None:
    with pytest.raises(LenetError, match=message):
        descent(parameters, gradients, velocities, momentum)
