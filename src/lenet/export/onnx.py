"""A network as an ONNX graph, and ONNX Runtime to run it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] it has none
from onnx import TensorProto, helper, numpy_helper

from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks import Layer, Network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import LEAK, Activation, Flatten, Linear, Pooling

_OPSET = 18
_ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}
_POOLINGS = {"average": "AveragePool", "max": "MaxPool"}


def to_onnx(network: Network, parameters: Mapping[str, Floats]) -> onnx.ModelProto:
    """Return the graph: ``pixels`` (normalised float32 ``[N, C, H, W]``) in, ``scores`` out.

    Raises
    ------
    LenetError
        A layer of 1989 to 1998.
    """
    nodes: list[Any] = []
    value = "pixels"
    for number, layer in enumerate(network.layers, start=1):
        output = "scores" if number == len(network.layers) else layer.name
        nodes.append(_node(layer, value, output))
        value = output
    graph = helper.make_graph(
        nodes,
        network.name,
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", *network.input_shape])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", network.classes])],
        [numpy_helper.from_array(np.array(a), name) for name, a in parameters.items()],
    )
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=10)
    onnx.checker.check_model(model)
    return model


def _node(layer: Layer, value: str, output: str) -> Any:
    inputs = [value, f"{layer.name}.weight", f"{layer.name}.bias"]
    match layer:
        case Convolution(
            kernel=kernel, padding=padding, stride=1, border=0, bias="map", table=None
        ):
            return helper.make_node(
                "Conv", inputs, [output], kernel_shape=[kernel, kernel], pads=[padding] * 4
            )
        case Linear():
            return helper.make_node("Gemm", inputs, [output], transB=1)
        case Activation(kind=kind) if kind in _ACTIVATIONS:
            return helper.make_node(_ACTIVATIONS[kind], [value], [output])
        case Activation(kind="leaky relu"):
            return helper.make_node("LeakyRelu", [value], [output], alpha=LEAK)
        case Pooling(kind=kind, size=size):
            return helper.make_node(
                _POOLINGS[kind], [value], [output], kernel_shape=[size] * 2, strides=[size] * 2
            )
        case Flatten():
            return helper.make_node("Flatten", [value], [output])
        case _:
            raise LenetError(f"layer {layer.name} ({layer.label}) has no ONNX form yet")


def session(
    network: Network, parameters: Mapping[str, Floats], threads: int
) -> Callable[[Floats], Floats]:
    """Return a function from normalised pixels ``[N, C, H, W]`` to scores, by ONNX Runtime."""
    runtime: Any = onnxruntime  # untyped
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    model = to_onnx(network, parameters).SerializeToString()
    running = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(pixels: Floats) -> Floats:
        return running.run(None, {"pixels": pixels})[0]

    return run
