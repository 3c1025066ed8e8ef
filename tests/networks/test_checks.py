from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks.checks import check_choice, check_number, check_range, class_count, map_shape


@pytest.mark.parametrize("value", [1, 5, 9])
def test_whole_numbers_within_pass(value: int) -> None:
    check_range("layer", "width", value, 1, 9)


@pytest.mark.parametrize("value", [0, 10, -5, 5.0, "5", None, True, [5], float("nan")])
def test_others_are_told_with_the_layers_name(value: object) -> None:
    with pytest.raises(LenetError, match=r"^layer: width must be a whole number from 1 to 9, not "):
        check_range("layer", "width", value, 1, 9)


@pytest.mark.parametrize("value", [-1, 0, 0.5, 1])
def test_numbers_within_pass(value: float) -> None:
    check_number("layer", "value", value, -1, 1)


@pytest.mark.parametrize("value", [1.01, -2, float("nan"), float("inf"), "0", None, False, [0]])
def test_other_numbers_are_told(value: object) -> None:
    with pytest.raises(LenetError, match=r"^layer: value must be a number from -1 to 1, not "):
        check_number("layer", "value", value, -1, 1)


def test_a_choice_is_told_with_the_nearest() -> None:
    check_choice("layer", "kind", "sum", ("sum", "average"))
    for value in ("summ", "su"):
        with pytest.raises(LenetError, match=r"^layer: kind must be one of .* mean 'sum'"):
            check_choice("layer", "kind", value, ("sum", "average"))


@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (1, 3, 4, 5)])
def test_maps_have_three_sides(shape: tuple[int, ...]) -> None:
    assert map_shape("layer", (3, 4, 5)) == (3, 4, 5)
    with pytest.raises(LenetError, match=r"^layer: needs maps"):
        map_shape("layer", shape)


@pytest.mark.parametrize(("classes", "count"), [(7, 7), (("a", "b"), 2), ((), 0)])
def test_classes_are_counted_or_named(classes: Any, count: int) -> None:
    assert class_count(classes) == count
