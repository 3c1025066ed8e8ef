"""Defines the networks as lists of layers, with shapes and counts; one file per network.

Nothing here needs torch.
"""

from functools import partial
from typing import Protocol

from lenet.errors import LenetError, did_you_mean
from lenet.names import NETWORK_ALIASES
from lenet.networks.lecun1989 import lecun1989_network
from lenet.networks.lecun1998 import lecun1998_network
from lenet.networks.lenet import lenet_network
from lenet.networks.lenet1 import lenet1_network
from lenet.networks.mlp import LIKE_COMPUTATION, LIKE_PARAMETERS, mlp_network
from lenet.networks.modern import modern_network
from lenet.networks.network import Layer, Network, Stage


class NetworkFactory(Protocol):
    """A function that defines a network for the classes and channels of a data set."""

    def __call__(self, *, classes: int | tuple[str, ...] = 10, in_channels: int = 1) -> Network:
        """Return the network; `classes` is the number of classes, or their names."""
        ...


NETWORKS: dict[str, NetworkFactory] = {
    "lenet": lenet_network,
    "modern": modern_network,
    "modern-leaky": partial(modern_network, activation="leaky relu"),
    "modern-or-none": partial(modern_network, rubbish=0.0),
    "lecun1998": lecun1998_network,
    "lenet1": lenet1_network,
    "lecun1989": lecun1989_network,
    "mlp-77": partial(mlp_network, (LIKE_PARAMETERS,)),
    "mlp-77-sigmoid": partial(mlp_network, (LIKE_PARAMETERS,), "sigmoid"),
    "mlp-524": partial(mlp_network, (LIKE_COMPUTATION,)),
}
"""The networks by their names on the command line."""


TITLES = {
    "lenet": "The textbook's LeNet",
    "modern": "LeNet with ReLU and max pooling",
    "modern-leaky": "LeNet with leaky ReLU and max pooling",
    "modern-or-none": 'LeNet with ReLU, max pooling and a class "none"',
    "lecun1998": "LeNet-5 (1998)",
    "lenet1": "LeNet-1 (1989)",
    "lecun1989": "The zip-code network (1989)",
}
"""The networks' titles for people, as in 'LeNet-5 (1998)'."""


def network_name(name: str) -> str:
    """Return the key in `NETWORKS` for a name or an alias of a network; errors as `network_named`.

    Examples
    --------
    >>> network_name("LeNet-5")
    'lecun1998'
    """
    found = NETWORK_ALIASES.get(name.lower(), name)
    if found not in NETWORKS:
        raise LenetError(
            f"no network is called {name!r}; known are {', '.join(NETWORKS)}."
            + did_you_mean(name, [*NETWORKS, *NETWORK_ALIASES])
        )
    return found


def network_named(name: str) -> NetworkFactory:
    """Return the function that defines the network called `name`, which may be an alias.

    Raises
    ------
    LenetError
        No network has this name.

    Examples
    --------
    >>> network_named("lenet1")().parameters
    2578
    """
    return NETWORKS[network_name(name)]


__all__ = [
    "NETWORKS",
    "TITLES",
    "Layer",
    "Network",
    "NetworkFactory",
    "Stage",
    "lecun1989_network",
    "lecun1998_network",
    "lenet1_network",
    "lenet_network",
    "mlp_network",
    "modern_network",
    "network_name",
    "network_named",
]
