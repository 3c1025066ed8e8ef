"""What the service reads, against what `lenet.read` reads; and what it shows of how."""

from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from tests.serving.client import Client, client_of
from tests.serving.service import BLANK, SEVEN, as_file, drawn

import lenet
from lenet.networks.reader import SYMBOLS
from lenet.pictures.field import HEIGHT
from lenet.pictures.image import read_image

NUMBER = as_file(drawn("777", (240, 112)))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with client_of() as one:
        yield one


@pytest.mark.parametrize(
    ("query", "pattern"),
    [("", None), ("pattern=77d", "77d"), ("length=4", "dddd"), ("reject_error=0.02", None)],
)
@pytest.mark.parametrize("content", [SEVEN, NUMBER, BLANK])
def test_a_number_is_read_as_by_the_command_line(
    client: Client, content: bytes, query: str, pattern: str | None
) -> None:
    error = 0.02 if "reject_error" in query else None
    (expected,) = lenet.read([read_image(BytesIO(content))], error, pattern)
    answer = client.post(f"/v1/read?{query}", content=content).json()
    assert answer == {
        "model": "reader",
        "results": [expected.to_json(None)],
    }


def test_several_bodies(client: Client) -> None:
    files = [("a", ("n.png", NUMBER)), ("b", ("broken.png", NUMBER[:99])), ("c", ("7.png", SEVEN))]
    results = client.post("/v1/read", files=files).json()["results"]
    assert [one["path"] for one in results] == ["n.png", "broken.png", "7.png"]
    assert [one.get("text") for one in results] == ["777", None, "7"]
    assert "broken.png: cannot be read as an image" in results[1]["error"]
    pixels = np.asarray(drawn("77", (180, 112))).tolist()
    assert client.post("/v1/read", json={"pixels": pixels}).json()["results"][0]["text"] == "77"


def test_what_is_behind_a_reading(client: Client) -> None:
    (result,) = client.post("/v1/read?trellis=true", content=NUMBER).json()["results"]
    trellis = result["trellis"]
    left, top, width, height = trellis["field"]
    assert (left, top) >= (0, 0)
    assert (left + width, top + height) <= (240, 112)
    for digit in result["digits"]:  # they lie in the field
        x, _, w, _ = digit["box"]
        assert left <= x
        assert x + w <= left + width
    ink = read_image(BytesIO(b64decode(trellis["ink"])))
    assert len(ink) == HEIGHT
    assert (ink.shape[1] + 1) // 2 == len(trellis["columns"])
    assert np.allclose(np.sum(trellis["columns"], axis=1), 1, atol=2e-4)
    assert trellis["symbols"] == list(SYMBOLS)
    spelt = [trellis["symbols"][place] for place in trellis["path"]]
    runs = [one for k, one in enumerate(spelt) if k == 0 or one != spelt[k - 1]]
    assert "".join(one for one in runs if one != "none") == "777"
    best = trellis["alternatives"][0]
    assert (best["text"], best["confidence"]) == (result["text"], result["confidence"])
    confidences = [one["confidence"] for one in trellis["alternatives"]]
    assert confidences == sorted(confidences, reverse=True)
    assert len({one["text"] for one in trellis["alternatives"]}) == len(confidences) <= 5


def test_behind_blank_paper_there_is_nothing(client: Client) -> None:
    (result,) = client.post("/v1/read?trellis=true", content=BLANK).json()["results"]
    assert (result["text"], result["rejected"], result["trellis"]) == ("", True, None)


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("model=digits", 422, "POST /v1/predict?model=digits"),
        ("model=readr", 404, "Did you mean 'reader'?"),
        ("length=-1", 422, "length: input should be greater than or equal to 0"),
        ("length=101", 422, "length: input should be less than or equal to 100"),
        ("length=4&pattern=dddd", 422, "give length or pattern, not both"),
        ("pattern=x", 422, "has 'x' at character 1"),
        ("pattern=d*1d{20}", 422, "needs more than 1000 states"),
        (f"pattern={'d' * 201}", 422, "pattern: string should have at most 200 characters"),
        ("trellis=perhaps", 422, "trellis: input should be a valid boolean"),
        ("reject_error=0.0000001", 422, "no threshold for an error rate of"),
    ],
)
def test_what_cannot_be_asked(client: Client, query: str, status: int, sentence: str) -> None:
    answer = client.post(f"/v1/read?{query}", content=SEVEN)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert sentence in answer.json()["error"]
