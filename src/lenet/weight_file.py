"""The numbers of a trained network on disk: float32, or a byte a weight (`lenet.engine.int8`)."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lenet.engine.checks import Floats
from lenet.engine.int8 import SCALE, packed, unpacked
from lenet.errors import LenetError
from lenet.files import whole_file
from lenet.networks.network import Network


def write_weights(path: Path, parameters: Mapping[str, Floats], short: bool = False) -> None:
    """Write a safetensors file, whole or not at all.

    Parameters
    ----------
    short
        A byte a weight, and scales as ``NAME.scale``; biases keep float32.
    """
    from safetensors.numpy import save

    kept = packed(parameters) if short else parameters
    with whole_file(path) as part:
        part.write_bytes(save({name: np.ascontiguousarray(value) for name, value in kept.items()}))


def read_weights(path: Path, network: Network) -> dict[str, Floats]:
    """Read what `write_weights` wrote of a network.

    Raises
    ------
    LenetError
        There is no such file, it is corrupt, or it is another network's.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not path.is_file():
        raise LenetError(f"{path.parent} is not a complete run: it has no {path.name}")
    try:
        found = load(path.read_bytes())
    except (SafetensorError, ValueError, KeyError) as error:
        raise LenetError(f"{path} is corrupt ({error}); train again") from error
    expected = network.parameter_shapes
    short = {name for name in expected if name in found and found[name].dtype == np.int8}
    scales = {name + SCALE: expected[name][:1] for name in short}
    if {name: array.shape for name, array in found.items()} != {**expected, **scales}:
        raise LenetError(f"{path} does not hold the parameters that the config beside it describes")
    if not all(array.dtype == np.float32 for name, array in found.items() if name not in short):
        raise LenetError(f"{path} must hold float32 numbers, or bytes with scales of float32")
    with np.errstate(over="ignore", invalid="ignore"):
        parameters = unpacked(found)
    if not all(np.isfinite(value).all() for value in parameters.values()):
        raise LenetError(f"{path} holds weights that are no numbers; train again")
    return {name: parameters[name] for name in expected}
