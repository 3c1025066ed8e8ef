"""Builds the torch module of a trained network."""

from collections.abc import Mapping

import torch
from torch import nn

from lenet.engine.checks import Floats
from lenet.models.build import modules
from lenet.networks.network import Network

Module = nn.Sequential


def trained_module(network: Network, parameters: Mapping[str, Floats]) -> Module:
    """Return a network as a torch module, with a copy of its parameters.

    Parameters
    ----------
    parameters
        float32 arrays with the names and shapes of ``network.parameter_shapes``.

    Raises
    ------
    LenetError
        The network has residual blocks.
    """
    with torch.random.fork_rng(devices=[]):  # the modules draw weights, which are replaced
        model = nn.Sequential(modules(network))
    with torch.no_grad():
        for name, value in parameters.items():
            model.get_parameter(name).copy_(torch.from_numpy(value.copy()))
    return model.eval()
