"""Loads data sets as uint8 arrays, from a name, a folder or a file."""

from typing import TYPE_CHECKING, Any

from lenet.data.split import Dataset, Split

if TYPE_CHECKING:
    from lenet.data.load import load_data

__all__ = ["Dataset", "Split", "load_data"]


def __getattr__(name: str) -> Any:
    # Imported on first use: to classify one picture, the readers of data sets are not needed.
    if name == "load_data":
        from lenet.data.load import load_data

        return load_data
    raise AttributeError(f"module 'lenet.data' has no attribute {name!r}")
