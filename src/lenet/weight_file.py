"""Reads and writes a network's parameters in a safetensors file: float32, or int8 with scales."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lenet.engine.checks import Floats
from lenet.engine.int8 import SCALE, dequantize_all, quantize_all
from lenet.errors import LenetError
from lenet.files import whole_file
from lenet.networks.network import Network

_MOST_HEADER = 1 << 20  # the names, shapes and places of the arrays


def write_weights(path: Path, parameters: Mapping[str, Floats], int8: bool = False) -> None:
    """Write a safetensors file completely or not at all.

    Parameters
    ----------
    int8
        True stores the weights as int8 and their scales as ``NAME.scale``; biases stay float32.
    """
    from safetensors.numpy import save

    stored = quantize_all(parameters) if int8 else parameters
    data = save({name: np.ascontiguousarray(value) for name, value in stored.items()})
    with whole_file(path) as part:
        part.write_bytes(data)


def read_weights(path: Path, network: Network) -> dict[str, Floats]:
    """Read the parameters of `network` from a file that `write_weights` wrote.

    Raises
    ------
    LenetError
        The file is missing, corrupt, or of another network.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not path.is_file():
        raise LenetError(f"{path.parent} is not a complete run: it has no {path.name}")
    # A file that is far too large is of another network; it is not read.
    most = 8 * network.parameters + _MOST_HEADER
    if (size := path.stat().st_size) > most:
        raise LenetError(
            f"{path} has {size:,} bytes, far more than the parameters of its config.json need"
        )
    try:
        found = load(path.read_bytes())
    except (SafetensorError, ValueError, KeyError) as error:
        raise LenetError(f"{path} is corrupt ({error}); train again") from error
    expected = network.parameter_shapes
    int8 = {name for name in expected if name in found and found[name].dtype == np.int8}
    scales = {name + SCALE: expected[name][:1] for name in int8}
    if {name: array.shape for name, array in found.items()} != {**expected, **scales}:
        raise LenetError(f"{path} does not hold the parameters that its config.json describes")
    if not all(array.dtype == np.float32 for name, array in found.items() if name not in int8):
        raise LenetError(f"{path} must hold float32 arrays, or int8 arrays with float32 scales")
    with np.errstate(over="ignore", invalid="ignore"):  # infinite scales are reported below
        parameters = dequantize_all(found)
    if not all(np.isfinite(value).all() for value in parameters.values()):
        raise LenetError(f"{path} holds weights that are infinite or NaN; train again")
    return {name: parameters[name] for name in expected}
