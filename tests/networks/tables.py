"""What the papers' own tables are held against."""

from lenet.networks import Network
from lenet.networks.checks import Shape

Row = tuple[str, Shape, int, int]


def rows(network: Network) -> list[Row]:
    """Return name, output shape, parameters and connections of what the papers call layers.

    What only reshapes or squashes belongs to the layer before it, and has neither.
    """
    stages = list(network.stages())
    bare = [s for s in stages if s.layer.name.endswith("_squash") or s.layer.name == "flatten"]
    assert all(s.parameters == 0 and s.connections == 0 for s in bare)
    assert all(s.output_shape == s.input_shape or s.layer.name == "flatten" for s in bare)
    return [
        (s.layer.name, s.output_shape, s.parameters, s.connections) for s in stages if s not in bare
    ]


def squashed(network: Network) -> list[str]:
    """Return the layers that are followed by the scaled hyperbolic tangent."""
    names = [layer.name for layer in network.layers]
    return [name for name in names if f"{name}_squash" in names]


def reads(table: tuple[str, ...] | None) -> list[set[int]]:
    """Return which maps each map of the output reads, from a table as the papers print it."""
    assert table is not None
    return [
        {row for row, cells in enumerate(table) if cells[out] == "X"}
        for out in range(len(table[0]))
    ]
