"""Takes steps of stochastic gradient descent on arrays: the native kernel, or NumPy.

Both give the bits that `torch.optim.SGD` gives on processors with fused multiply-add.
"""

import ctypes
from collections.abc import Callable, Sequence

import numpy as np

from lenet.engine.checks import Floats
from lenet.engine.fused import fused_multiply_add
from lenet.engine.library import addresses, available, check_status, loaded, variants
from lenet.errors import LenetError

Descend = Callable[[float], None]
"""Takes a step at a learning rate."""


def descent(
    parameters: Sequence[Floats],
    gradients: Sequence[Floats],
    velocities: Sequence[Floats] | None = None,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    variant: str | None = None,
) -> Descend:
    """Return a function that takes a step; it changes parameters and velocities in place.

    Parameters
    ----------
    parameters, gradients, velocities
        Contiguous float32 arrays, in the same order and of the same shapes. Without `momentum`
        there are no velocities.
    momentum, weight_decay
        As PyTorch defines them.
    variant
        One of `lenet.engine.native.variants`, or ``numpy``. By default the fastest.

    Examples
    --------
    >>> weight = np.ones(1, np.float32)
    >>> descent([weight], [np.full(1, 0.5, np.float32)])(0.25)
    >>> weight
    array([0.875], dtype=float32)
    """
    kinds = [parameters, gradients, *([] if velocities is None else [velocities])]
    shapes = [[array.shape for array in kind] for kind in kinds]
    if any(other != shapes[0] for other in shapes) or any(
        array.dtype != np.float32 or not array.flags.c_contiguous
        for kind in kinds
        for array in kind
    ):
        raise LenetError("a step takes contiguous float32 arrays of the same shapes")
    if (velocities is None) != (momentum == 0):
        raise LenetError("momentum needs velocities, and velocities need momentum")
    if variant == "numpy" or (variant is None and not available()):
        return _in_numpy(parameters, gradients, velocities, momentum, weight_decay)
    variant = variant or variants()[0]
    call = loaded().lenet_descend
    before = (
        variant.encode(),
        addresses(parameters),
        addresses(gradients),
        None if velocities is None else addresses(velocities),
        len(parameters),
        (ctypes.c_int64 * len(parameters))(*(array.size for array in parameters)),
    )

    def step(learning_rate: float) -> None:
        check_status(call(*before, learning_rate, momentum, weight_decay), variant)

    step.keeps = kinds  # pyright: ignore[reportFunctionMemberAccess] the addresses need the arrays
    return step


def _in_numpy(
    parameters: Sequence[Floats],
    gradients: Sequence[Floats],
    velocities: Sequence[Floats] | None,
    momentum: float,
    weight_decay: float,
) -> Descend:
    def step(learning_rate: float) -> None:
        for number, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            change = gradient
            if weight_decay:
                change = fused_multiply_add(parameter, np.float32(weight_decay), change)
            if velocities is not None:
                velocity = velocities[number]
                velocity *= np.float32(momentum)
                velocity += change
                change = velocity
            parameter[...] = fused_multiply_add(change, np.float32(-learning_rate), parameter)

    return step
