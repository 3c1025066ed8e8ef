"""On what a run computes: device, engine, threads."""

import torch

from lenet.engine import native
from lenet.engine.family import covers
from lenet.engine.sequence import covers as covers_sequence
from lenet.errors import LenetError
from lenet.networks import Network
from lenet.networks.layers import Activation
from lenet.networks.radial_basis import RadialBasis
from lenet.training.checkpoint import Settings
from lenet.training.recipe import Recipe


def resolve_device(wanted: str, recipe: Recipe) -> str:
    """Turn ``auto`` into ``cuda`` if there is such a card and the recipe can use it, else ``cpu``.

    Raises
    ------
    LenetError
        ``cuda`` is wanted, but PyTorch sees no card or the recipe cannot use one.
    """
    batches = recipe.method == "sgd"
    if wanted == "cuda" and not batches:
        raise LenetError(f"recipe {recipe.name} learns from one image at a time, on the CPU only")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise LenetError("PyTorch sees no CUDA device on this machine; use --device cpu")
    if wanted == "auto":
        return "cuda" if batches and torch.cuda.is_available() else "cpu"
    return wanted


def resolve_engine(wanted: str, device: str, network: Network, recipe: Recipe) -> str:
    """Turn ``auto`` into ``native`` where it is built and knows the network.

    Else into ``torch``, or ``numpy`` for the method that PyTorch does not have.

    Raises
    ------
    LenetError
        What is wanted cannot be had.
    """
    batches = recipe.method == "sgd"
    if not batches and recipe.batch_size != 1:
        raise LenetError(
            f"recipe {recipe.name} learns from one image at a time; leave out --batch-size"
        )
    if wanted == "numpy" and batches:
        raise LenetError(f"recipe {recipe.name} has no NumPy engine; leave out --engine")
    if not batches and not isinstance(network.layers[-1], Activation | RadialBasis):
        raise LenetError(
            f"recipe {recipe.name} is for networks with squashed or Gaussian outputs, "
            f"not for {network.name}"
        )
    reason = None
    if device != "cpu":
        reason = "the native engine computes on the CPU only; use --device cpu"
    elif not native.available():
        reason = native.missing()
    elif not (covers(network) if batches else covers_sequence(network)):
        reason = f"the native engine does not know {network.name} as it is asked for here"
    if wanted == "native" and reason is not None:
        raise LenetError(reason)
    if wanted == "torch" and not batches:
        raise LenetError(f"recipe {recipe.name} has no PyTorch engine; leave out --engine")
    if wanted != "auto":
        return wanted
    if reason is None:
        return "native"
    return "torch" if batches else "numpy"


def describe(settings: Settings) -> str:
    """Say on what training runs, in words."""
    if settings.device == "cuda":
        return f"{torch.cuda.get_device_name()} with PyTorch {torch.__version__}"
    name = f"PyTorch {torch.__version__}"
    if settings.engine == "native":
        name = f"the native engine ({native.variants()[0]})"
    elif settings.engine == "numpy":
        name = "NumPy"
    threads = threads_of(settings)
    return f"the CPU with {name}, {threads} thread{'s' if threads > 1 else ''}"


def threads_of(settings: Settings) -> int:
    """Return how many threads train."""
    if settings.recipe.method == "sdlm":
        return 1  # one image after another
    return native.default_threads() if settings.engine == "native" else torch.get_num_threads()
