"""Describes a network's configuration as Triton does: ``GET /v2/models/NAME/config``.

The fields are those of Triton's ``ModelConfig`` (triton-inference-server/common,
``protobuf/model_config.proto``), as far as they say something of a network here.
"""

from typing import Any

from lenet.artifact import WEIGHTS
from lenet.serving.api.registry import ServedNetwork


def model_config(one: ServedNetwork, most_images: int) -> dict[str, Any]:
    """Return the configuration; its dimensions leave out the first one, that of the images.

    Parameters
    ----------
    most_images
        The greatest number of images in a request.
    """
    network = one.artifact.network
    scores = {"data_type": "TYPE_FP32", "dims": [network.classes]}
    return {
        "name": one.name,
        "platform": "lenet",
        "backend": "lenet",
        "version_policy": {"latest": {"num_versions": 1}},
        "max_batch_size": most_images,
        "input": [
            {
                "name": "image",
                "data_type": "TYPE_UINT8",
                "format": "FORMAT_NONE",
                "dims": list(network.input_shape),
            }
        ],
        "output": [
            {"name": "scores", **scores},
            {"name": "probabilities", **scores},
            {"name": "label", "data_type": "TYPE_STRING", "dims": []},
        ],
        "instance_group": [{"name": one.name, "kind": "KIND_CPU", "count": 1}],
        "default_model_filename": WEIGHTS,
        "parameters": {
            "classes": {"string_value": ", ".join(one.artifact.classes)},
        },
    }
