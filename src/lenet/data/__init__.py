"""From a name, a folder or a file to uint8 arrays."""

from lenet.data.load import load_data
from lenet.data.split import Dataset, Split

__all__ = ["Dataset", "Split", "load_data"]
