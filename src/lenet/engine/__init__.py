"""What computes: from uint8 images to class scores, without torch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lenet.engine.normalization import Normalization
from lenet.engine.reference import Floats, activations
from lenet.errors import LenetError
from lenet.networks.network import Network

# Images worked on at once: enough to feed the matrix products, few enough for the unfolded
# windows of the first layer (784 × 25 floats an image) to stay small.
_BLOCK = 128


def forward(
    network: Network,
    parameters: Mapping[str, Floats],
    normalization: Normalization,
    images: NDArray[np.uint8],
) -> Floats:
    """Return the class scores (logits) of images.

    Parameters
    ----------
    network
        The layers.
    parameters
        ``conv1.weight`` and so on, float32.
    normalization
        The artifact's own; applied here and nowhere else.
    images
        uint8, ``[N, height, width]`` or ``[N, height, width, channels]``.

    Returns
    -------
    float32 ``[N, classes]``.

    Raises
    ------
    LenetError
        The images do not have the network's size or channels.
    """
    check_images(network, images)
    scores = np.empty((len(images), network.classes), np.float32)
    last = network.layers[-1].name
    for start in range(0, len(images), _BLOCK):
        pixels = normalization(channels_first(images[start : start + _BLOCK]).astype(np.float32))
        scores[start : start + _BLOCK] = activations(network, parameters, pixels)[last]
    return scores


def check_images(network: Network, images: NDArray[np.uint8]) -> None:
    """Raise a `LenetError` unless the images have the network's channels, height and width."""
    grey = images.ndim == 3
    if not grey and images.ndim != 4:
        raise LenetError(
            f"images must be [N, height, width] or [N, height, width, channels], "
            f"not of {images.ndim} dimensions"
        )
    channels, height, width = network.input_shape
    found = (1 if grey else images.shape[3], images.shape[1], images.shape[2])
    if found != network.input_shape:
        raise LenetError(
            f"the network reads images of {height}×{width} with {channels} channel(s); "
            f"these are {found[1]}×{found[2]} with {found[0]}"
        )


def channels_first(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """View ``[N, H, W]`` or ``[N, H, W, C]`` as ``[N, C, H, W]``; nothing is copied."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)


__all__ = ["Normalization", "channels_first", "check_images", "forward"]
