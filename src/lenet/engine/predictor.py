"""Computes class scores from uint8 images, with a network and its parameters.

The native kernels compute if they are built and cover the network, otherwise NumPy does.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lenet.engine import native, reference
from lenet.engine.checks import Floats, check_images
from lenet.engine.normalization import Normalization
from lenet.engine.plan import plan_for
from lenet.networks.network import Network

# The number of images that NumPy computes at once: enough for fast matrix products, and few enough
# that the windows of the first layer (784 × 25 floats per image) need little memory.
_BLOCK = 128
# A larger network takes fewer images at once: so many numbers may be listed for a block.
_BLOCK_NUMBERS = 1 << 26


class Predictor:
    """A network with its parameters, ready to compute. Safe to share between threads.

    Parameters
    ----------
    network
        The layers.
    parameters
        ``conv1.weight`` and so on, float32, with the shapes of ``network.parameter_shapes``.
    normalization
        Maps a pixel of 0 to 255 to the network's input.
    """

    def __init__(
        self, network: Network, parameters: Mapping[str, Floats], normalization: Normalization
    ) -> None:
        self.network = network
        self.parameters = {
            name: np.ascontiguousarray(parameters[name]) for name in network.parameter_shapes
        }
        self.normalization = normalization
        self._plan = plan_for(network)
        if self._plan is not None:
            self._pointers = native.Pointers(network, list(self.parameters.values()))

    def forward(self, images: NDArray[np.uint8], threads: int | None = None) -> Floats:
        """Compute the class scores (logits) of images.

        Parameters
        ----------
        images
            uint8, ``[N, height, width]`` or ``[N, height, width, channels]``.
        threads
            For the native kernels; by default all processors this process may use.

        Returns
        -------
        float32 ``[N, classes]``.

        Raises
        ------
        LenetError
            The images do not have the network's size or channels.
        """
        if self._plan is not None:
            return self._plan.forward(self._pointers, self.normalization, images, threads)
        check_images(self.network, images)
        scores = np.empty((len(images), self.network.classes), np.float32)
        last = self.network.layers[-1].name
        together = images_at_once(self.network)
        for start in range(0, len(images), together):
            block = slice(start, start + together)
            scores[block] = self._reference_activations(images[block])[last]
        return scores

    def activations(self, images: NDArray[np.uint8]) -> dict[str, Floats]:
        """Compute each layer's output by its name; arguments and errors as for `forward`."""
        if isinstance(self._plan, native.Plan):
            return self._plan.activations(self._pointers, self.normalization, images)
        check_images(self.network, images)
        return self._reference_activations(images)

    def _reference_activations(self, images: NDArray[np.uint8]) -> dict[str, Floats]:
        pixels = normalized(self.normalization, images)
        return reference.activations(self.network, self.parameters, pixels)


def images_at_once(network: Network) -> int:
    """Return how many images NumPy computes at once; fewer than `_BLOCK` for huge networks."""
    sizes = [stage.size for stage in network.stages()]
    each = sum(size.activations for size in sizes) + max(size.inputs for size in sizes)
    return max(1, min(_BLOCK, _BLOCK_NUMBERS // max(each, 1)))


def normalized(normalization: Normalization, images: NDArray[np.uint8]) -> Floats:
    """Turn uint8 images into normalised float32 ``[N, channels, height, width]``."""
    return normalization(channels_first(images).astype(np.float32))


def channels_first(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """View ``[N, H, W]`` or ``[N, H, W, C]`` as ``[N, C, H, W]``; nothing is copied."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
