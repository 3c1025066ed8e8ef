"""Chooses where a run computes: on the CPU or the GPU, and with which engine.

An engine is ``native``, ``torch`` or ``numpy``. The module also says how many threads a run uses.
"""

from importlib.util import find_spec

from lenet.engine import native
from lenet.engine.plan import plan_for
from lenet.engine.sequence import SequencePlan
from lenet.errors import LenetError
from lenet.machine import install_command
from lenet.networks import Network
from lenet.networks.layers import Activation
from lenet.networks.radial_basis import RadialBasis
from lenet.training.checkpoint import Settings
from lenet.training.recipe import Recipe


def choose_device(device: str, recipe: Recipe, engine: str = "auto") -> str:
    """Return where to train, ``cpu`` or ``cuda``.

    For ``auto``: ``cuda`` if the engine ``torch`` was asked for and PyTorch finds a GPU; else
    ``cpu``, and PyTorch is not imported to look for one.

    Raises
    ------
    LenetError
        ``cuda`` was asked for, but PyTorch finds no GPU, or the recipe trains on the CPU only.
    """
    batches = recipe.method == "sgd"
    if engine == "torch":
        check_torch("the engine torch")
    if device == "cuda" and not batches:
        raise LenetError(f"recipe {recipe.name} learns from one image at a time, on the CPU only")
    if device == "cuda" and not _cuda_is_there():
        raise LenetError("PyTorch sees no CUDA device on this machine; use --device cpu")
    if device == "auto":
        return "cuda" if batches and engine == "torch" and _cuda_is_there() else "cpu"
    return device


def _cuda_is_there() -> bool:
    check_torch("training on a GPU")
    import torch

    return torch.cuda.is_available()


def check_torch(what: str) -> None:
    """Raise a `LenetError` that says how to install PyTorch, if `what` needs it in vain."""
    if find_spec("torch") is None:
        command = install_command("lenet[torch]")
        raise LenetError(
            f"{what} needs PyTorch, which is not installed; install it with: {command}"
        )


def choose_engine(engine: str, device: str, network: Network, recipe: Recipe) -> str:
    """Return the engine that trains: ``native``, ``torch`` or ``numpy``.

    For ``auto``: ``native`` if the kernels are built and know the network; else ``torch`` if it is
    installed and knows the method; else ``numpy``.

    Raises
    ------
    LenetError
        The engine that was asked for cannot train this network by this recipe, or PyTorch is
        needed and not installed.
    """
    batches = recipe.method == "sgd"
    if not batches and recipe.batch_size != 1:
        raise LenetError(
            f"recipe {recipe.name} learns from one image at a time; leave out --batch-size"
        )
    if engine == "torch" and not batches:
        raise LenetError(f"recipe {recipe.name} has no PyTorch engine; leave out --engine")
    if not batches and not isinstance(network.layers[-1], Activation | RadialBasis):
        raise LenetError(
            f"recipe {recipe.name} is for networks with squashed or Gaussian outputs, "
            f"not for {network.name}"
        )
    reason = _why_not_native(device, network, batches)
    if engine == "native" and reason is not None:
        raise LenetError(reason)
    if engine == "auto":
        torch = batches and find_spec("torch") is not None
        engine = "native" if reason is None else "torch" if torch else "numpy"
    if engine == "torch":
        check_torch("the engine torch")  # a resumed run names its engine only here
    if engine == "numpy" and recipe.distillation:
        raise LenetError(
            f"recipe {recipe.name} learns from its teachers' probabilities, which NumPy does not; "
            f"install PyTorch with: {install_command('lenet[torch]')}"
        )
    return engine


def _why_not_native(device: str, network: Network, batches: bool) -> str | None:
    if device != "cpu":
        return "the native engine computes on the CPU only; use --device cpu"
    if not native.available():
        return native.missing()
    plan = plan_for(network)
    if plan is None or isinstance(plan, SequencePlan) == batches:
        return f"the native engine does not know {network.name} with these layers and this method"
    return None


def describe(settings: Settings) -> str:
    """Return in words where a run computes."""
    if settings.engine == "native":
        name = f"the native engine ({native.variants()[0]})"
    elif settings.engine == "numpy":
        name = "NumPy"
    else:
        import torch

        name = f"PyTorch {torch.__version__}"
        if settings.device == "cuda":
            return f"{torch.cuda.get_device_name()} with {name}"
    threads = threads_of(settings)
    return f"the CPU with {name}, {threads} thread{'s' if threads > 1 else ''}"


def threads_of(settings: Settings) -> int:
    """Return the number of threads that train."""
    if settings.recipe.method == "sdlm":
        return 1  # it learns from one image at a time
    if settings.engine != "torch":
        return native.default_threads()
    import torch

    return torch.get_num_threads()
