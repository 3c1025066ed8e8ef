"""Answers ``POST /v2/models/NAME/infer``: a network's outputs for images in a tensor."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.pictures.types import Images
from lenet.serving.api.classification import best_classes, class_count
from lenet.serving.api.registry import ServedNetwork
from lenet.serving.api.statistics import Statistics, Stopwatch
from lenet.serving.work.arrays import pixels
from lenet.serving.work.tensors import Read, write_response

INPUT = "image"
VERSION = "1"
HEADER_LENGTH = "Inference-Header-Content-Length"


def infer_response(
    one: ServedNetwork,
    read: Callable[[], Read],
    statistics: Statistics,
    watch: Stopwatch,
) -> Response:
    """Answer an inference request, and count it.

    Parameters
    ----------
    read
        Returns the request and its inputs (`lenet.serving.work.tensors.read_request`).
    watch
        Begun when the request arrived.

    Raises
    ------
    HTTPException
        The request does not follow the protocol (400), or has too many images (413).
    """
    try:
        response, images = _answered(one, read, watch)
    except HTTPException:
        statistics.failed(watch)
        raise
    statistics.succeeded(watch, images)
    return response


def _answered(
    one: ServedNetwork,
    read: Callable[[], Read],
    watch: Stopwatch,
) -> tuple[Response, int]:
    """Return the response and the number of images."""
    watch.lap("queue")
    request, inputs = read()
    if list(inputs) != [INPUT]:
        raise HTTPException(400, f"there must be one input, called {INPUT!r}")
    artifact = one.artifact
    images = _images(one, inputs[INPUT])
    watch.lap("compute_input")
    scores = artifact.forward(images)
    best: list[int] = scores.argmax(axis=1).tolist()
    results: dict[str, NDArray[Any]] = {
        "scores": scores,
        "probabilities": artifact.calibration.probabilities(artifact.network, scores),
        "label": np.array([artifact.classes[index] for index in best]),
    }
    watch.lap("compute_infer")
    binary = request.parameters.get("binary_data_output") is True
    wanted = {
        output.name: output.parameters.get("binary_data", binary) is True
        for output in request.outputs
    } or dict.fromkeys(results, binary)
    if unknown := wanted.keys() - results:
        raise HTTPException(
            400, f"there is no output {min(unknown)[:100]!r}, only {', '.join(results)}"
        )
    for output in request.outputs:
        values = results[output.name]
        count = class_count(output.parameters, output.name, values)
        if count is not None:
            results[output.name] = best_classes(values, artifact.classes, count)
    table = {"model_name": one.name, "model_version": VERSION}
    if isinstance(request.id, str):
        table["id"] = request.id
    text, json_length = write_response(
        table, [(name, results[name], as_binary) for name, as_binary in wanted.items()]
    )
    watch.lap("compute_output")
    if json_length is None:
        return Response(text, media_type="application/json"), len(images)
    headers = {HEADER_LENGTH: str(json_length)}
    kind = "application/octet-stream"
    return Response(text, headers=headers, media_type=kind), len(images)


def _images(one: ServedNetwork, tensor: NDArray[Any]) -> Images:
    """Return a tensor ``[N, C, H, W]``, or ``[N, H, W]`` for grey, in the form of `Artifact`."""
    channels, height, width = one.artifact.network.input_shape
    if tensor.ndim == 3 and channels == 1:
        tensor = tensor[:, None]
    if tensor.shape[1:] != (channels, height, width):
        raise HTTPException(
            400,
            f"{one.name} takes images of shape [N, {channels}, {height}, {width}], not "
            f"{list(tensor.shape)}",
        )
    images = pixels([tensor], INPUT, 400)[0]
    return images[:, 0] if channels == 1 else np.ascontiguousarray(images.transpose(0, 2, 3, 1))
