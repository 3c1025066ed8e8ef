"""Applies stochastic gradient descent with momentum and weight decay to arrays."""

from collections.abc import Mapping

import numpy as np

from lenet.engine.checks import Floats
from lenet.engine.descent import descent


class SGD:
    """Stochastic gradient descent: the same as `torch.optim.SGD`, to the bit.

    Parameters
    ----------
    parameters, gradients
        Contiguous float32 arrays by name. The parameters are changed in place.
    momentum, weight_decay
        As PyTorch defines them.

    Examples
    --------
    >>> parameters = {"bias": np.array([1.0], np.float32)}
    >>> SGD(parameters, {"bias": np.array([0.5], np.float32)}).step(learning_rate=0.25)
    >>> parameters["bias"].tolist()
    [0.875]
    """

    def __init__(
        self,
        parameters: Mapping[str, Floats],
        gradients: Mapping[str, Floats],
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        self._velocities = {
            name: np.zeros_like(value) for name, value in parameters.items() if momentum
        }
        self.step = descent(
            list(parameters.values()),
            [gradients[name] for name in parameters],
            list(self._velocities.values()) if momentum else None,
            momentum,
            weight_decay,
        )

    def state_dict(self) -> dict[str, Floats]:
        """Return the velocities, which a checkpoint must keep; none without momentum."""
        return self._velocities

    def load_state_dict(self, state: Mapping[str, Floats]) -> None:
        """Restore what `state_dict` returned."""
        for name, velocity in self._velocities.items():
            velocity[...] = state[name]
