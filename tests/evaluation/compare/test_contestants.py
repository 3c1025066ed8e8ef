import pytest

from lenet.errors import LenetError
from lenet.evaluation.compare.classifiers import CHOSEN
from lenet.evaluation.compare.contestants import CONTESTANTS, contestants_named
from lenet.networks import NETWORKS, network_named
from lenet.training.recipes import RECIPES


def test_each_can_be_trained() -> None:
    names = [one.name for one in CONTESTANTS]
    assert len(set(names)) == len(names) == 10
    for one in CONTESTANTS:
        if one.recipe is None:
            assert one.name in CHOSEN
        else:
            assert one.recipe in RECIPES
            assert one.name in NETWORKS


def test_the_mlps_are_of_like_size_and_of_like_work() -> None:
    lenet, small, large = (network_named(name)() for name in ("lenet", "mlp-77", "mlp-524"))
    assert small.parameters == pytest.approx(lenet.parameters, rel=0.01)
    assert large.multiply_accumulates == pytest.approx(lenet.multiply_accumulates, rel=0.01)


def test_what_the_paper_has_is_a_number_first() -> None:
    for one in CONTESTANTS:
        for figure in (one.paper_error, one.paper_rejected):
            assert not figure or 0 < float(figure.split()[0]) < 100


def test_names_keep_the_usual_order() -> None:
    assert [one.name for one in contestants_named(["knn", "lenet", "knn"])] == ["lenet", "knn"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("svm", "known are lenet, modern"), ("knm", r"Did you mean 'knn'\?"), ("", "''")],
)
def test_an_unknown_name_is_told(name: str, told: str) -> None:
    with pytest.raises(LenetError, match=told):
        contestants_named(["lenet", name])
