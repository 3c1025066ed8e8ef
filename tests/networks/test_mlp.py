import pytest

from lenet.errors import LenetError
from lenet.networks import lenet_network, mlp_network, network_named
from lenet.networks.layers import Activation


def test_one_is_of_lenets_size_and_one_of_its_cost() -> None:
    small, large = network_named("mlp-77")(), network_named("mlp-524")()
    assert small.parameters == 784 * 77 + 77 + 77 * 10 + 10 == 61_225
    assert large.multiply_accumulates == 784 * 524 + 524 * 10 == 416_056
    lenet = lenet_network()
    assert small.parameters == pytest.approx(lenet.parameters, rel=0.01)
    assert large.multiply_accumulates == pytest.approx(lenet.multiply_accumulates, rel=0.01)
    assert (small.name, large.name) == ("mlp-77", "mlp-524")


def test_hidden_layers_follow_each_other_with_the_activation_between() -> None:
    network = mlp_network((5, 4), "tanh", classes=("a", "b"), in_channels=3, input_size=2)
    assert [stage.output_shape for stage in network.stages()] == [
        (12,),
        (5,),
        (5,),
        (4,),
        (4,),
        (2,),
    ]
    kinds = [layer.kind for layer in network.layers if isinstance(layer, Activation)]
    assert kinds == ["tanh", "tanh"]
    assert network.name == "mlp-5-4-tanh"
    assert mlp_network(()).parameters == 7_850


@pytest.mark.parametrize("width", [0, -3, 1.5, True])
def test_a_width_that_is_no_sane_number_is_refused(width: int) -> None:
    with pytest.raises(LenetError, match="units must be a whole number"):
        mlp_network((width,))
