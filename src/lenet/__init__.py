"""Gives what a user imports: the network, data sets, trained networks and their answers.

Everything is imported when first used, so that ``import lenet`` costs nothing: `LeNet` needs
PyTorch, which takes a second to start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lenet.answers import Answer as Answer
    from lenet.artifact import Artifact as Artifact
    from lenet.artifact import load as load
    from lenet.data import Dataset as Dataset
    from lenet.data import Split as Split
    from lenet.data import load_data as load_data
    from lenet.errors import LenetError as LenetError
    from lenet.models.lenet import LeNet as LeNet
    from lenet.networks import Network as Network
    from lenet.reading.reader import Reading as Reading
    from lenet.reading.reader import read as read

from lenet.version import __version__

_HOMES = {
    "Answer": "lenet.answers",
    "Artifact": "lenet.artifact",
    "Dataset": "lenet.data",
    "LeNet": "lenet.models.lenet",
    "LenetError": "lenet.errors",
    "Network": "lenet.networks",
    "Reading": "lenet.reading.reader",
    "Split": "lenet.data",
    "load": "lenet.artifact",
    "load_data": "lenet.data",
    "read": "lenet.reading.reader",
}

__all__ = ["__version__", *_HOMES]  # pyright: ignore[reportUnsupportedDunderAll] the lazy names


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lenet' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
