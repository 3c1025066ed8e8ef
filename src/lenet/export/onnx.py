"""Converts a network to an ONNX graph, and computes its scores with ONNX Runtime."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime  # pyright: ignore[reportMissingTypeStubs] there are none
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
    """Return a graph from ``pixels``, normalised float32 ``[N, C, H, W]``, to ``scores``.

    Raises
    ------
    LenetError
        A layer is not supported: one of 1989 to 1998, or a residual block.
    """
    names = ["pixels", *(layer.name for layer in network.layers[:-1]), "scores"]
    nodes = [_node(layer, names[n], names[n + 1]) for n, layer in enumerate(network.layers)]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        network.name,
        [value("pixels", TensorProto.FLOAT, ["N", *network.input_shape])],
        [value("scores", TensorProto.FLOAT, ["N", network.classes])],
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
            raise LenetError(f"layer {layer.name} ({layer.label}) cannot be exported to ONNX")


def session(
    network: Network, parameters: Mapping[str, Floats], threads: int
) -> Callable[[Floats], Floats]:
    """Return a function that computes scores from normalised pixels with ONNX Runtime."""
    runtime: Any = onnxruntime  # untyped
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    model = to_onnx(network, parameters).SerializeToString()
    running = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda pixels: running.run(None, {"pixels": pixels})[0]
