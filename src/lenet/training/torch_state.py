"""Saves and loads states of torch: the reader's checkpoints, and older ones of all trainings."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import torch

from lenet.errors import LenetError
from lenet.files import whole_file


def store(path: Path, state: dict[str, Any]) -> None:
    """Write a state to `path`, whole or not at all; create its folder."""
    path.parent.mkdir(exist_ok=True)
    content = BytesIO()  # if the disk is full, torch's own file writer raises a RuntimeError
    torch.save(state, content)
    with whole_file(path) as part:
        part.write_bytes(content.getbuffer())


@contextmanager
def stored(path: Path) -> Generator[dict[str, Any]]:
    """Read a state that `store` wrote, as a context manager.

    Raises
    ------
    LenetError
        The file is corrupt: it cannot be read, or the code in the context fails on its content.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns about a corrupt file; our error says more
            # weights_only: a checkpoint from a stranger can be wrong, but it cannot run code.
            loaded = torch.load(path, map_location="cpu", weights_only=True)
        yield cast("dict[str, Any]", loaded)
    except LenetError:
        raise
    # torch.load, and the code that uses its result, raise almost any error on a corrupt file.
    except Exception as error:
        if isinstance(error, MemoryError):
            raise
        raise LenetError(f"{path} is corrupt and cannot be resumed; start the run again") from error
