"""Applies stochastic gradient descent with momentum and weight decay."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn


class SGD:
    """Stochastic gradient descent: the same as `torch.optim.SGD`, to the bit.

    PyTorch's class is not used because the first optimizer in a process imports PyTorch's compiler.
    That takes 0.8 s, as long as two epochs of the textbook's LeNet.

    The parameters are changed in place, by their ``grad``; `momentum` and `weight_decay` are
    defined as in PyTorch.

    Examples
    --------
    >>> weight = nn.Parameter(torch.tensor([1.0]))
    >>> weight.grad = torch.tensor([0.5])
    >>> SGD([weight]).step(learning_rate=0.1)
    >>> weight.data
    tensor([0.9500])
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        self._parameters = list(parameters)
        self._momentum = momentum
        self._weight_decay = weight_decay
        self._velocities: list[Tensor] = []

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Take one step; parameters without a gradient stay unchanged."""
        moved = [p for p in self._parameters if p.grad is not None]
        gradients = [p.grad for p in moved if p.grad is not None]
        if self._weight_decay:
            gradients = [
                gradient.add(parameter, alpha=self._weight_decay)
                for gradient, parameter in zip(gradients, moved, strict=True)
            ]
        if self._momentum:
            if not self._velocities:
                self._velocities = [torch.zeros_like(gradient) for gradient in gradients]
            for velocity, gradient in zip(self._velocities, gradients, strict=True):
                velocity.mul_(self._momentum).add_(gradient)
            gradients = self._velocities
        for parameter, gradient in zip(moved, gradients, strict=True):
            parameter.add_(gradient, alpha=-learning_rate)

    def state_dict(self) -> dict[str, Any]:
        """Return the velocities, which a checkpoint must keep; none without momentum."""
        return {"velocities": self._velocities}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        device = self._parameters[0].device  # a checkpoint is loaded to the CPU
        self._velocities = [velocity.to(device) for velocity in state["velocities"]]
