import numpy as np
import pytest
import torch

from lenet.models.lenet import LeNet
from lenet.training.autograd import TorchSGD
from lenet.training.sgd import SGD


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 5e-4, 0.1])
@pytest.mark.parametrize("resumed", [False, True])
def test_it_takes_pytorchs_steps_to_the_bit(
    momentum: float, weight_decay: float, resumed: bool
) -> None:
    torch.manual_seed(0)
    ours, theirs = LeNet(), LeNet()
    theirs.load_state_dict(ours.state_dict())
    mine = TorchSGD(ours, momentum, weight_decay)
    reference = torch.optim.SGD(
        theirs.parameters(), lr=0.9, momentum=momentum, weight_decay=weight_decay
    )
    for rate in (0.9, 0.5, 0.5, 0.01):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        reference.param_groups[0]["lr"] = rate
        mine.step(rate)
        reference.step()
        if resumed:
            state = mine.state_dict()
            mine = TorchSGD(ours, momentum, weight_decay)
            mine.load_state_dict(state)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 5e-4, 0.1])
@pytest.mark.parametrize("resumed", [False, True])
def test_on_arrays_it_takes_the_same_steps(
    momentum: float, weight_decay: float, resumed: bool
) -> None:
    if torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"):
        pytest.skip("PyTorch fuses with AVX2 or AVX-512")
    torch.manual_seed(0)
    model = LeNet()
    theirs = TorchSGD(model, momentum, weight_decay)
    values = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
    gradients = {name: np.empty_like(value) for name, value in values.items()}
    mine = SGD(values, gradients, momentum, weight_decay)
    for rate in (0.9, 0.5, 0.5, 0.01):
        for name, parameter in model.named_parameters():
            parameter.grad = torch.randn_like(parameter)
            gradients[name][...] = parameter.grad.numpy()
        theirs.step(rate)
        mine.step(rate)
        if resumed:  # each goes on from the other's checkpoint
            states = mine.state_dict(), theirs.state_dict()
            mine = SGD(values, gradients, momentum, weight_decay)
            theirs = TorchSGD(model, momentum, weight_decay)
            theirs.load_state_dict(states[0])
            mine.load_state_dict(states[1])
    for name, parameter in model.named_parameters():
        assert np.array_equal(values[name], parameter.detach().numpy())


def test_a_checkpoint_keeps_velocities_only_where_there_is_momentum() -> None:
    model = LeNet()
    values = {name: parameter.detach().numpy() for name, parameter in model.named_parameters()}
    shapes = {name: value.shape for name, value in values.items()}
    for momentum in (0.0, 0.9):
        for one in (SGD(values, values, momentum), TorchSGD(model, momentum)):
            found = {name: value.shape for name, value in one.state_dict().items()}
            assert found == (shapes if momentum else {})


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_a_parameter_without_a_gradient_stays_and_the_others_go(
    momentum: float, weight_decay: float
) -> None:
    ours, theirs = LeNet(), LeNet()
    theirs.load_state_dict(ours.state_dict())
    before = ours.get_parameter("fc2.bias").clone()
    mine = TorchSGD(ours, momentum, weight_decay)
    reference = torch.optim.SGD(
        theirs.parameters(), lr=0.9, momentum=momentum, weight_decay=weight_decay
    )
    for model in (ours, theirs):
        for name, parameter in model.named_parameters():
            parameter.grad = None if name == "fc2.bias" else torch.ones_like(parameter)
    mine.step(0.9)
    reference.step()
    assert torch.equal(ours.get_parameter("fc2.bias"), before)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)
