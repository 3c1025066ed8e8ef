"""From uint8 images to class scores and gradients, by the fastest engine that knows the network.

The native kernels compute where they are built and know the network, else NumPy.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lenet.engine import backward, native, reference
from lenet.engine.checks import Floats, check_images, check_index, check_labels
from lenet.engine.family import covers
from lenet.engine.normalization import Normalization
from lenet.engine.sequence import Mode, SequencePlan
from lenet.engine.sequence import covers as covers_sequence
from lenet.networks.network import Network

# Images that NumPy works on at once: enough to feed the matrix products, few enough for the
# unfolded windows of the first layer (784 × 25 floats an image) to stay small.
_BLOCK = 128


class Predictor:
    """A network with its parameters, ready to answer. Safe to share between threads.

    Parameters
    ----------
    network
        The layers.
    parameters
        ``conv1.weight`` and so on, float32, as ``network.parameter_shapes`` says.
    normalization
        The artifact's own; applied here and nowhere else.
    """

    def __init__(
        self, network: Network, parameters: Mapping[str, Floats], normalization: Normalization
    ) -> None:
        self.network = network
        self.parameters = {
            name: np.ascontiguousarray(parameters[name]) for name in network.parameter_shapes
        }
        self.normalization = normalization
        self._plan: native.Plan | None = None
        self._sequence: SequencePlan | None = None
        if native.available():
            self._pointers = native.Pointers(network, list(self.parameters.values()))
            if covers(network):
                self._plan = native.Plan(network)
            elif covers_sequence(network):
                self._sequence = SequencePlan(network)

    def forward(self, images: NDArray[np.uint8], threads: int | None = None) -> Floats:
        """Return the class scores (logits) of images.

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
        if self._sequence is not None:
            return self._sequence.forward(self._pointers, self.normalization, images, threads)
        check_images(self.network, images)
        scores = np.empty((len(images), self.network.classes), np.float32)
        last = self.network.layers[-1].name
        for start in range(0, len(images), _BLOCK):
            block = slice(start, start + _BLOCK)
            scores[block] = self._reference_activations(images[block])[last]
        return scores

    def activations(self, images: NDArray[np.uint8]) -> dict[str, Floats]:
        """Return every layer's output by its name; arguments and errors as `forward`."""
        if self._plan is not None:
            return self._plan.activations(self._pointers, self.normalization, images)
        check_images(self.network, images)
        return self._reference_activations(images)

    def _reference_activations(self, images: NDArray[np.uint8]) -> dict[str, Floats]:
        pixels = normalized(self.normalization, images)
        return reference.activations(self.network, self.parameters, pixels)


def forward(
    network: Network,
    parameters: Mapping[str, Floats],
    normalization: Normalization,
    images: NDArray[np.uint8],
    threads: int | None = None,
) -> Floats:
    """Return the class scores of images; see `Predictor`, which to keep is quicker."""
    return Predictor(network, parameters, normalization).forward(images, threads)


def loss_and_gradients(
    network: Network,
    parameters: Mapping[str, Floats],
    normalization: Normalization,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    index: NDArray[np.int64],
    threads: int | None = None,
) -> tuple[float, int, dict[str, Floats]]:
    """Return the mean loss, the number right and every parameter's gradient.

    The loss is the network's own: cross-entropy, or what `lenet.engine.losses.loss_of` says.

    Parameters
    ----------
    images, labels
        uint8 ``[N, height, width]`` or ``[N, height, width, channels]``, and int64 ``[N]``.
    index
        int64, the numbers of the images that count.

    Raises
    ------
    LenetError
        Images, labels or index that do not fit the network or each other.
    """
    check_images(network, images)
    check_labels(network, images, labels)
    check_index(images, index)
    if native.available() and (covers(network) or covers_sequence(network)):
        gradients = {
            name: np.empty(shape, np.float32) for name, shape in network.parameter_shapes.items()
        }
        values = [np.ascontiguousarray(parameters[name]) for name in gradients]
        given = native.Pointers(network, values)
        wanted = native.Pointers(network, list(gradients.values()))
        if covers(network):
            plan = native.Plan(network)
            step = plan.batches(given, wanted, normalization, images, labels, threads)
            return *step(index), gradients
        loss, correct = SequencePlan(network).learn(
            Mode.GRADIENTS, given, wanted, normalization, images, labels, index
        )
        return loss / len(index), correct, gradients
    pixels = normalized(normalization, images[index])
    return backward.loss_and_gradients(network, parameters, pixels, labels[index])


def normalized(normalization: Normalization, images: NDArray[np.uint8]) -> Floats:
    """Turn uint8 images into normalised float32 ``[N, channels, height, width]``."""
    return normalization(channels_first(images).astype(np.float32))


def channels_first(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """View ``[N, H, W]`` or ``[N, H, W, C]`` as ``[N, C, H, W]``; nothing is copied."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
