"""The real data sets, from wherever this machine can have them."""

import pytest

from lenet.data import load_data


@pytest.mark.parametrize(
    ("name", "bytes_hash"),
    [
        ("fashion-mnist", "6fb27bf75c0f3d26b0b4f27dcd3dfaf864d8163356bef660af61470a57ed96a9"),
        ("mnist", None),
    ],
)
@pytest.mark.usefixtures("real_cache")
def test_the_real_data_is_what_its_papers_say(name: str, bytes_hash: str | None) -> None:
    data = load_data(name)
    assert data.train.images.shape == (60_000, 28, 28)
    assert data.test.images.shape == (10_000, 28, 28)
    assert len(data.classes) == 10
    assert set(data.train.labels.tolist()) == set(range(10))
    assert bytes_hash in (None, data.sha256())
