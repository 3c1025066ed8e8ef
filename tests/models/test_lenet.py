import math

import pytest
import torch
from torch import nn

from lenet import LeNet, LenetError
from lenet.models.lenet import he_normal, xavier_uniform


def chapter() -> nn.Sequential:
    """The chapter's own listing."""
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2),
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5),
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.Sigmoid(),
        nn.Linear(120, 84),
        nn.Sigmoid(),
        nn.Linear(84, 10),
    )


def test_it_computes_what_the_chapters_listing_computes() -> None:
    theirs, ours = chapter(), LeNet()
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    images = torch.rand(3, 1, 28, 28)
    assert torch.equal(ours(images), theirs(images))
    assert sum(p.numel() for p in ours.parameters()) == 61_706


@pytest.mark.parametrize("layers", [LeNet(), LeNet().net])
def test_the_chapters_loop_over_layers_prints_the_chapters_shapes(layers: nn.Sequential) -> None:
    value = torch.rand(size=(1, 1, 28, 28), dtype=torch.float32)
    printed: list[tuple[str, tuple[int, ...]]] = []
    for layer in layers:
        value = layer(value)
        printed.append((layer.__class__.__name__, tuple(value.shape)))
    assert printed == [
        ("Conv2d", (1, 6, 28, 28)),
        ("Sigmoid", (1, 6, 28, 28)),
        ("AvgPool2d", (1, 6, 14, 14)),
        ("Conv2d", (1, 16, 10, 10)),
        ("Sigmoid", (1, 16, 10, 10)),
        ("AvgPool2d", (1, 16, 5, 5)),
        ("Flatten", (1, 400)),
        ("Linear", (1, 120)),
        ("Sigmoid", (1, 120)),
        ("Linear", (1, 84)),
        ("Sigmoid", (1, 84)),
        ("Linear", (1, 10)),
    ]


def test_parameters_have_the_definitions_names_and_shapes() -> None:
    model = LeNet("relu", "max", (3, 5), (7,), classes=4, in_channels=3, input_size=32)
    shapes = {name: tuple(value.shape) for name, value in model.named_parameters()}
    assert shapes == model.definition.parameter_shapes
    assert any(isinstance(layer, nn.MaxPool2d) for layer in model)
    assert not any(isinstance(layer, nn.Sigmoid) for layer in model)


def test_a_wrong_argument_is_told() -> None:
    with pytest.raises(LenetError, match="28×28 or 32×32"):
        LeNet(input_size=29)


def test_xavier_draws_within_glorots_bound_and_by_the_generator() -> None:
    first, second = LeNet(), LeNet()
    biases = [p.clone() for name, p in first.named_parameters() if name.endswith("bias")]
    for model in (first, second):
        xavier_uniform(model, torch.Generator().manual_seed(5))
    weight = first.get_parameter("fc1.weight").detach()
    bound = math.sqrt(6 / (400 + 120))
    assert float(weight.abs().max()) <= bound
    assert float(weight.std()) == pytest.approx(bound / math.sqrt(3), rel=0.02)
    assert torch.equal(weight, second.get_parameter("fc1.weight"))
    kept = [p for name, p in first.named_parameters() if name.endswith("bias")]
    assert all(torch.equal(a, b) for a, b in zip(biases, kept, strict=True))


def test_he_draws_with_a_deviation_by_what_comes_in_and_by_the_generator() -> None:
    first, second = LeNet(), LeNet()
    for model in (first, second):
        he_normal(model, torch.Generator().manual_seed(5))
    for name, fan_in in (("conv2.weight", 6 * 25), ("fc1.weight", 400), ("fc2.weight", 120)):
        weight = first.get_parameter(name).detach()
        assert float(weight.std()) == pytest.approx(math.sqrt(2 / fan_in), rel=0.05)
        assert torch.equal(weight, second.get_parameter(name))
    biases = [value for name, value in first.named_parameters() if name.endswith("bias")]
    assert all(bool((bias == 0).all()) for bias in biases)
