"""Chooses the native kernels that compute a network, or NumPy; no other module does."""

from lenet.engine import native
from lenet.engine.family import covers
from lenet.engine.sequence import SequencePlan
from lenet.engine.sequence import covers as covers_sequence
from lenet.networks.network import Network


def plan_for(network: Network) -> native.Plan | SequencePlan | None:
    """Return a plan of the native kernels for a network.

    Returns
    -------
    `native.Plan` for networks such as LeNet, `SequencePlan` for the networks of 1989 to 1998, or
    None if the library was not built or no kernels know the network: then NumPy computes.

    Examples
    --------
    >>> from lenet.networks import network_named
    >>> plan_for(network_named("mlp-77")()) is None
    True
    """
    if not native.available():
        return None
    if covers(network):
        return native.Plan(network)
    return SequencePlan(network) if covers_sequence(network) else None
