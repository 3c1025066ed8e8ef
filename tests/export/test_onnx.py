from typing import Any

import numpy as np
import pytest
import torch

from lenet.export.onnx import session
from lenet.models.lenet import LeNet


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"activation": "relu", "pooling": "max", "in_channels": 3, "classes": 4},
        {"activation": "leaky relu", "pooling": "max"},
        {"activation": "tanh", "input_size": 32, "hidden": ()},
    ],
)
def test_onnx_runtime_answers_as_pytorch_does(case: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = LeNet(**case)
    pixels = torch.randn(5, *model.definition.input_shape)
    parameters = {name: value.detach().numpy() for name, value in model.named_parameters()}
    scores = session(model.definition, parameters, 1)(pixels.numpy())
    np.testing.assert_allclose(scores, model(pixels).detach().numpy(), rtol=1e-4, atol=1e-5)
