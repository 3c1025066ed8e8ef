"""Stochastic gradient descent, plain: each parameter takes a step against its gradient."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn


class SGD:
    """``parameter -= learning_rate * gradient``, to the bit what `torch.optim.SGD` does.

    PyTorch's own class is not used for this one line because the first optimizer made in a process
    imports PyTorch's compiler: 0.8 s, as long as two epochs of the chapter take. It has PyTorch's
    interface, and any of PyTorch's optimizers can stand in its place.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float) -> None:
        self.parameters = list(parameters)
        self.learning_rate = learning_rate

    @torch.no_grad()
    def step(self) -> None:
        """Take one step with the gradients at hand."""
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.add_(parameter.grad, alpha=-self.learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must keep: nothing, a plain step remembers nothing."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
