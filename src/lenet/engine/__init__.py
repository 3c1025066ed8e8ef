"""Computes without torch: from uint8 images to class scores and gradients."""

from lenet.engine.backward import input_gradient
from lenet.engine.checks import check_images
from lenet.engine.normalization import Normalization
from lenet.engine.predictor import Predictor, channels_first, normalized

__all__ = [
    "Normalization",
    "Predictor",
    "channels_first",
    "check_images",
    "input_gradient",
    "normalized",
]
