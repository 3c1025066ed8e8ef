import torch

from lenet.models.lenet import LeNet
from lenet.training.sgd import SGD


def test_it_takes_pytorchs_steps_to_the_bit() -> None:
    torch.manual_seed(0)
    ours, theirs = LeNet(), LeNet()
    theirs.load_state_dict(ours.state_dict())
    mine = SGD(ours.parameters(), 0.9)
    reference = torch.optim.SGD(theirs.parameters(), lr=0.9)
    for _ in range(3):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            a.grad = torch.randn_like(a)
            b.grad = a.grad.clone()
        mine.step()
        reference.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)
    assert mine.state_dict() == {}


def test_a_parameter_without_a_gradient_stays() -> None:
    model = LeNet()
    before = [p.clone() for p in model.parameters()]
    SGD(model.parameters(), 0.9).step()
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
