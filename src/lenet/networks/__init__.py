"""The networks as definitions: layers, shapes, counts. One file a network; torch is not needed."""

from collections.abc import Callable

from lenet.errors import LenetError, did_you_mean
from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network, Stage

NETWORKS: dict[str, Callable[..., Network]] = {"lenet": lenet_network}
"""Every network that has a name on the command line."""


def network_named(name: str) -> Callable[..., Network]:
    """Return the definition called `name`; an unknown name is a `LenetError`."""
    if name not in NETWORKS:
        raise LenetError(
            f"no network is called {name!r}; known are {', '.join(NETWORKS)}."
            + did_you_mean(name, NETWORKS)
        )
    return NETWORKS[name]


__all__ = ["NETWORKS", "Network", "Stage", "lenet_network", "network_named"]
