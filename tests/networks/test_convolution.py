from typing import Any

import pytest

from lenet.engine.sequence import covers
from lenet.errors import LenetError
from lenet.networks.checks import Shape
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Flatten, Linear
from lenet.networks.network import Network

TABLE = ("X.X", "XX.")  # from two maps to three


def test_links_run_by_the_map_they_lead_to_then_by_the_one_they_come_from() -> None:
    assert Convolution("c", 3, table=TABLE).links(2) == [(0, 0), (0, 1), (1, 1), (2, 0)]
    assert Convolution("c", 2).links(2) == [(0, 0), (0, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize(
    ("layer", "shape", "output", "weight", "bias", "macs", "connections"),
    [
        # 5 - 3 + 1 = 3 places each way; 9 places of 9 weights; and 9 biases.
        (Convolution("c", 1, 3), (1, 5, 5), (1, 3, 3), (1, 1, 3, 3), (1,), 81, 90),
        # Every second place: (5 - 3) // 2 + 1 = 2.
        (Convolution("c", 1, 3, stride=2), (1, 5, 5), (1, 2, 2), (1, 1, 3, 3), (1,), 36, 40),
        # A column is left over at the right, and a row at the bottom.
        (Convolution("c", 1, 3, stride=2), (1, 6, 6), (1, 2, 2), (1, 1, 3, 3), (1,), 36, 40),
        # (6 + 4 - 3) // 2 + 1 = 4 rows, (3 + 4 - 3) // 2 + 1 = 3 columns.
        (Convolution("c", 2, 3, 2, 2, -1), (1, 6, 3), (2, 4, 3), (2, 1, 3, 3), (2,), 216, 240),
        # A stride beyond the kernel leaves cells unread.
        (Convolution("c", 1, 1, stride=3), (2, 7, 7), (1, 3, 3), (1, 2, 1, 1), (1,), 18, 27),
        # 4 links, each with 2·2 weights at 2·2 places; a bias for each of 3 maps' 4 units.
        (Convolution("c", 3, 2, table=TABLE), (2, 3, 3), (3, 2, 2), (4, 2, 2), (3,), 64, 76),
        (
            Convolution("c", 3, 2, table=TABLE, bias="unit"),
            (2, 3, 3),
            (3, 2, 2),
            (4, 2, 2),
            (3, 2, 2),
            64,
            76,
        ),
        (
            Convolution("c", 2, 2, bias="unit"),
            (1, 2, 3),
            (2, 1, 2),
            (2, 1, 2, 2),
            (2, 1, 2),
            16,
            20,
        ),
    ],
)
def test_shapes_and_counts_by_hand(
    layer: Convolution,
    shape: Shape,
    output: Shape,
    weight: Shape,
    bias: Shape,
    macs: int,
    connections: int,
) -> None:
    assert layer.output_shape(shape) == output
    assert layer.parameter_shapes(shape) == {"weight": weight, "bias": bias}
    assert layer.multiply_accumulates(shape) == macs
    assert layer.connections(shape) == connections


@pytest.mark.parametrize(
    ("change", "message"),
    [
        *(
            ({"table": table}, "table must have a row of 3 'X' or '.'")
            for table in (
                (),
                ("X.",),
                ("XXX", "XX"),
                ("XXX", "XXXX"),
                ("xxx",),
                ("X1.",),
                ("X X",),
                (1, 2),
                (("X", "X", "X"),),
                ["XXX"],
                "XXX",
                3,
                {"XXX": 1},
                (None,),
            )
        ),
        ({"table": ("X.X", "X.X")}, "leaves a map without any connection"),
        ({"table": ("...",)}, "leaves a map without any connection"),
        *(
            ({"border": border}, "border must be a number from")
            for border in (float("nan"), float("inf"), -float("inf"), 1e7, "0", None, True, [0])
        ),
        *(
            ({"stride": stride}, "stride must be a whole number from 1")
            for stride in (0, -1, 65, 1.0, "2", None, True)
        ),
        *(({"padding": padding}, "padding must be") for padding in (-1, 65, 0.5, None)),
        *(({"kernel": kernel}, "kernel must be") for kernel in (0, 65, "5", 2.0)),
        ({"channels": 0}, "channels must be"),
        ({"bias": "none"}, "bias must be one of map, unit"),
        ({"bias": "units"}, "Did you mean 'unit'"),
        ({"bias": None}, "bias must be one of"),
    ],
)
def test_what_no_convolution_can_be_is_refused(change: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {"name": "C3", "channels": 3, **change}
    with pytest.raises(LenetError, match=message) as caught:
        Convolution(**values)
    assert str(caught.value).startswith("C3: ")


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (Convolution("c", 3, 1, table=TABLE), (3, 4, 4), "the table has 2 rows for 3 maps"),
        (Convolution("c", 3, 1, table=TABLE), (1, 4, 4), "the table has 2 rows for 1 maps"),
        (Convolution("c", 1, 5), (1, 4, 9), "5×5 kernel does not fit into maps of 4×9"),
        (Convolution("c", 1, 5, 1), (1, 9, 2), "5×5 kernel does not fit into maps of 9×2"),
        (Convolution("c", 1), (400,), "needs maps"),
    ],
)
def test_maps_that_do_not_fit_are_told(layer: Convolution, shape: Shape, message: str) -> None:
    with pytest.raises(LenetError, match=f"^c: .*{message}"):
        layer.output_shape(shape)


def test_the_label_says_what_is_unusual() -> None:
    assert Convolution("c", 6).label == "convolution 5×5"
    layer = Convolution("c", 3, 3, padding=2, stride=2, border=-1.0, table=TABLE)
    assert layer.label == "convolution 3×3, stride 2, padding 2 of -1, connection table"


def test_counting_does_not_list_the_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two dense convolutions of 4,096 maps have 17 million links, in a config of 400 bytes."""

    def links(self: Convolution, channels: int) -> list[tuple[int, int]]:
        assert self.link_count(channels) < 10_000, "millions of links were listed"
        return [(out, into) for out in range(self.channels) for into in range(channels)]

    monkeypatch.setattr(Convolution, "links", links)
    layers = (Convolution("a", 4096, 1), Convolution("b", 4096, 1), Flatten("f"), Linear("l", 2))
    network = Network("wide", (1, 2, 2), layers)
    assert next(network.stages()).parameters == 2 * 4096
    assert network.parameters == 2 * 4096 + 4096 * 4097 + 2 * (4 * 4096 + 1)
    assert network.connections == 4 * (2 * 4096 + 4096 * 4097) + 2 * (4 * 4096 + 1)
    assert not covers(network)


@pytest.mark.parametrize("table", [None, TABLE])
def test_the_links_are_as_many_as_counted(table: tuple[str, ...] | None) -> None:
    layer = Convolution("c", 3, table=table)
    assert layer.link_count(2) == len(layer.links(2))
