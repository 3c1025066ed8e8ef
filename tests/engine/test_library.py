import ctypes
from typing import Any

import numpy as np
import pytest
from tests.engine.chains import parameters

from lenet.engine import library
from lenet.errors import LenetError
from lenet.networks import lecun1989_network


def test_without_the_library_it_is_said_what_that_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenet.engine.library._library", lambda: None)
    assert not library.available()
    assert library.variants() == ()
    with pytest.raises(LenetError, match="was not built"):
        library.loaded()


@pytest.mark.skipif(not library.available(), reason="the engine was not built here")
def test_the_plainest_instruction_set_is_always_there() -> None:
    assert library.variants()
    assert len(set(library.variants())) == len(library.variants())
    assert isinstance(library.loaded(), ctypes.CDLL)


def test_pointers_are_the_arrays_places() -> None:
    network = lecun1989_network()
    arrays = list(parameters(network, 0).values())
    table = library.Pointers(network, arrays).table
    assert list(table) == [array.ctypes.data for array in arrays]


def test_other_arrays_than_the_networks_are_refused() -> None:
    network = lecun1989_network()
    arrays = list(parameters(network, 0).values())
    first, *rest = arrays
    spoilt: list[list[Any]] = [
        rest,
        [*arrays, first],
        [first.astype(np.float64), *rest],
        [first.T, *rest],
        [np.asfortranarray(first), *rest],
        arrays[::-1],
    ]
    for wrong in spoilt:
        with pytest.raises(LenetError, match="contiguous float32"):
            library.Pointers(network, wrong)


def test_a_status_is_an_error_of_its_kind() -> None:
    library.check_status(0)
    with pytest.raises(MemoryError):
        library.check_status(1)
    with pytest.raises(LenetError, match="this machine cannot run 'avx99'"):
        library.check_status(2, "avx99")
    for other in (3, -1):
        with pytest.raises(ValueError, match="does not take these arguments"):
            library.check_status(other)
