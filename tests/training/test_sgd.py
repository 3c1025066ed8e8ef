import pytest
import torch

from lenet.models.lenet import LeNet
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
    mine = SGD(ours.parameters(), momentum, weight_decay)
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
            mine = SGD(ours.parameters(), momentum, weight_decay)
            mine.load_state_dict(state)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_checkpoint_keeps_velocities_only_where_there_is_momentum() -> None:
    model = LeNet()
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    plain, heavy = SGD(model.parameters()), SGD(model.parameters(), 0.9)
    for optimizer in (plain, heavy):
        optimizer.step(0.1)
    assert plain.state_dict() == {"velocities": []}
    shapes = [tuple(value.shape) for value in heavy.state_dict()["velocities"]]
    assert shapes == [tuple(parameter.shape) for parameter in model.parameters()]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_a_parameter_without_a_gradient_stays_and_the_others_go(
    momentum: float, weight_decay: float
) -> None:
    ours, theirs = LeNet(), LeNet()
    theirs.load_state_dict(ours.state_dict())
    before = ours.get_parameter("fc2.bias").clone()
    mine = SGD(ours.parameters(), momentum, weight_decay)
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
