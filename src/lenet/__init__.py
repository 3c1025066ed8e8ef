"""Gives what a user imports: the network, data sets, training, trained networks, their answers.

Everything is imported when first used, so that ``import lenet`` costs nothing: `LeNet` needs
PyTorch, which takes a second to start.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

if _TYPE_CHECKING:
    from lenet.answers import Answer as Answer
    from lenet.artifact import Artifact as Artifact
    from lenet.artifact import load as load
    from lenet.data import Dataset as Dataset
    from lenet.data import Split as Split
    from lenet.data import load_data as load_data
    from lenet.errors import LenetError as LenetError
    from lenet.evaluation import Evaluation as Evaluation
    from lenet.interactive.compare import compare as compare
    from lenet.interactive.run import Run as Run
    from lenet.interactive.runs import Runs as Runs
    from lenet.interactive.summary import summary as summary
    from lenet.interactive.train import train as train
    from lenet.interactive.use import evaluate as evaluate
    from lenet.interactive.use import predict as predict
    from lenet.models.lenet import LeNet as LeNet
    from lenet.networks import Network as Network
    from lenet.reading.reader import Reading as Reading
    from lenet.reading.reader import read as read

from lenet.version import __version__

_HOMES = {
    "Answer": "lenet.answers",
    "Artifact": "lenet.artifact",
    "Dataset": "lenet.data",
    "Evaluation": "lenet.evaluation",
    "LeNet": "lenet.models.lenet",
    "LenetError": "lenet.errors",
    "Network": "lenet.networks",
    "Reading": "lenet.reading.reader",
    "Run": "lenet.interactive.run",
    "Runs": "lenet.interactive.runs",
    "Split": "lenet.data",
    "compare": "lenet.interactive.compare",
    "evaluate": "lenet.interactive.use",
    "load": "lenet.artifact",
    "load_data": "lenet.data",
    "predict": "lenet.interactive.use",
    "read": "lenet.reading.reader",
    "summary": "lenet.interactive.summary",
    "train": "lenet.interactive.train",
}

__all__ = ["__version__", *_HOMES]  # pyright: ignore[reportUnsupportedDunderAll] the lazy names


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> _Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lenet' has no attribute {name!r}")
    return getattr(_import_module(_HOMES[name]), name)
