"""The networks as definitions: layers, shapes, counts. One file a network; torch is not needed."""

from functools import partial
from typing import Protocol

from lenet.errors import LenetError, did_you_mean
from lenet.networks.lecun1989 import lecun1989_network
from lenet.networks.lecun1998 import lecun1998_network
from lenet.networks.lenet import lenet_network
from lenet.networks.lenet1 import lenet1_network
from lenet.networks.mlp import LIKE_COMPUTATION, LIKE_PARAMETERS, mlp_network
from lenet.networks.modern import modern_network
from lenet.networks.network import Layer, Network, Stage


class Define(Protocol):
    """Makes a network for the classes and the colours of a data set."""

    def __call__(self, *, classes: int | tuple[str, ...] = 10, in_channels: int = 1) -> Network:
        """Return the definition; a class count, or the classes' names."""
        ...


NETWORKS: dict[str, Define] = {
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
"""Every network that has a name on the command line."""


def network_named(name: str) -> Define:
    """Return the definition called `name`; an unknown name is a `LenetError`."""
    if name not in NETWORKS:
        raise LenetError(
            f"no network is called {name!r}; known are {', '.join(NETWORKS)}."
            + did_you_mean(name, NETWORKS)
        )
    return NETWORKS[name]


__all__ = [
    "NETWORKS",
    "Define",
    "Layer",
    "Network",
    "Stage",
    "lecun1989_network",
    "lecun1998_network",
    "lenet1_network",
    "lenet_network",
    "mlp_network",
    "modern_network",
    "network_named",
]
