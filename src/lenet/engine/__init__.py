"""What computes: from uint8 images to class scores and gradients, without torch."""

from lenet.engine.backward import input_gradient
from lenet.engine.checks import check_images
from lenet.engine.normalization import Normalization
from lenet.engine.predictor import (
    Predictor,
    channels_first,
    forward,
    loss_and_gradients,
    normalized,
)

__all__ = [
    "Normalization",
    "Predictor",
    "channels_first",
    "check_images",
    "forward",
    "input_gradient",
    "loss_and_gradients",
    "normalized",
]
