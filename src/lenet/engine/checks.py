"""Checks the arrays that the engines take."""

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError
from lenet.networks.layers import Linear
from lenet.networks.network import Network

Floats = NDArray[np.float32]
"""float32. The functions in NumPy also take float64, and then return float64."""


def check_images(network: Network, images: NDArray[np.uint8]) -> None:
    """Raise a `LenetError` unless the images have the network's channels, height and width."""
    grey = images.ndim == 3
    if not grey and images.ndim != 4:
        raise LenetError(
            "images must be [N, height, width] or [N, height, width, channels], "
            f"not of {images.ndim} dimensions"
        )
    if images.dtype != np.uint8:
        raise LenetError(f"images must be uint8, not {images.dtype}")
    channels, height, width = network.input_shape
    found = (1 if grey else images.shape[3], images.shape[1], images.shape[2])
    if found != network.input_shape:
        raise LenetError(
            f"the network reads images of {height}×{width} with {channels} channel(s); "
            f"these are {found[1]}×{found[2]} with {found[0]}"
        )


def check_labels(network: Network, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> None:
    """Raise a `LenetError` unless there is an int64 label for each image, and each is a class.

    The number of classes is also a label: the class "none", if the last layer is a `Linear` with
    this class.
    """
    last = network.layers[-1]
    most = network.classes + (isinstance(last, Linear) and last.rubbish is not None)
    if labels.shape != (len(images),) or labels.dtype != np.int64:
        raise LenetError(f"labels must be int64, one per image, not {labels.dtype} {labels.shape}")
    if len(labels) and (labels.min() < 0 or labels.max() >= most):
        raise LenetError(f"labels must lie within the network's {network.classes} classes")


def check_targets(network: Network, images: NDArray[np.uint8], targets: Floats) -> None:
    """Raise a `LenetError` unless there is a row of contiguous float32 targets for each image.

    A row has one more column than classes if the network has a class "none".
    """
    shape = (len(images), network.classes + (network.rubbish is not None))
    if targets.shape != shape or targets.dtype != np.float32 or not targets.flags.c_contiguous:
        raise LenetError(
            f"targets must be contiguous float32 {shape}, not {targets.dtype} {targets.shape}"
        )


def check_index(images: NDArray[np.uint8], index: NDArray[np.int64]) -> None:
    """Raise a `LenetError` unless `index` holds at least one number, and each is an image's."""
    if index.ndim != 1 or index.dtype != np.int64 or len(index) == 0:
        raise LenetError("the index must be a list of int64 image numbers, not empty")
    if index.min() < 0 or index.max() >= len(images):
        raise LenetError(f"the index must lie within the {len(images)} images")
