"""KServe's protocol v1, and image files in base64, by every endpoint that takes JSON."""

import json
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.serving.client import Client, client_of
from tests.serving.service import BLANK, SEVEN, as_file, drawn

from lenet.serving.http.limits import Limits

B64 = b64encode(SEVEN).decode()
PIXELS = np.asarray(drawn()).tolist()
COLOUR = np.asarray(drawn().convert("RGB")).tolist()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with client_of(limits=Limits(images=4, pixels=100_000)) as one:
        yield one


def of_file(client: Client, content: bytes, path: str = "/v1/predict") -> dict[str, Any]:
    (result,) = client.post(path, content=content).json()["results"]
    return result


def test_predictions_are_those_of_files(client: Client) -> None:
    # The request of KServe's documents: a list of instances, and nothing else.
    sent = {"instances": [{"b64": B64}, PIXELS, COLOUR, {"image_bytes": {"b64": B64}}]}
    answer = client.post("/v1/models/digits:predict", json=sent)
    assert (answer.status_code, list(answer.json())) == (200, ["predictions"])
    seven = of_file(client, SEVEN)
    assert answer.json()["predictions"] == [seven] * 4


def test_a_reader_predicts_too(client: Client) -> None:
    number = as_file(drawn("77", (172, 112)))
    sent = {"instances": [{"b64": b64encode(number).decode()}], "signature_name": "serving_default"}
    answer = client.post("/v1/models/reader:predict", json=sent)
    assert answer.json() == {"predictions": [of_file(client, number, "/v1/read")]}


def test_a_broken_instance_has_its_error_in_its_place(client: Client) -> None:
    sent = {"instances": [{"b64": B64}, {"b64": "AAAA"}]}
    first, second = client.post("/v1/models/digits:predict", json=sent).json()["predictions"]
    assert first == of_file(client, SEVEN)
    assert list(second) == ["path", "error"]
    assert second["error"].startswith("instances[1]: cannot be read as an image")


def test_the_error_rate_is_taken_as_by_predict(client: Client) -> None:
    sent = {"instances": [{"b64": b64encode(BLANK).decode()}]}
    asked = "/v1/models/digits:predict?reject_error=0.5%25"
    assert client.post(asked, json=sent).json()["predictions"] == [of_file(client, BLANK)]


def test_whether_a_network_is_ready(client: Client) -> None:
    assert client.get("/v1/models/digits").json() == {"name": "digits", "ready": True}
    assert client.get("/v1/models/reader").json() == {"name": "reader", "ready": True}


@pytest.mark.parametrize(
    "text",
    [
        B64,
        encodebytes(SEVEN).decode(),  # with line ends
        urlsafe_b64encode(SEVEN).decode(),
        B64.rstrip("="),
        f"data:image/png;base64,{B64}",
    ],
)
def test_every_way_to_write_base64(client: Client, text: str) -> None:
    for path, sent in (
        ("/v1/predict", {"b64": text}),
        ("/v1/predict", {"images": [{"b64": text}]}),
        ("/v1/read", {"b64": text}),
        ("/v1/read", {"images": [{"b64": text}]}),
    ):
        answer = client.post(path, json=sent)
        assert answer.json()["results"] == [of_file(client, SEVEN, path)], (path, sent)


def test_files_and_pixels_may_stand_in_one_list(client: Client) -> None:
    answer = client.post("/v1/predict", json={"images": [PIXELS, {"b64": B64}]})
    assert answer.json()["results"] == [of_file(client, SEVEN)] * 2


def test_the_pixels_of_a_request_have_one_range(client: Client) -> None:
    dark = (np.asarray(drawn()) > 127).astype(int)  # of 255 levels, as the other picture says
    black_and_white = (255 * dark).tolist()
    for path, key, name in (
        ("/v1/models/digits:predict", "instances", "predictions"),
        ("/v1/predict", "images", "results"),
    ):

        def answers(*pictures: Any, path: str = path, key: str = key, name: str = name) -> Any:
            return client.post(path, json={key: pictures}).json()[name]

        (alone,) = answers(dark.tolist())
        assert alone == answers(black_and_white)[0]
        together = answers({"b64": B64}, dark.tolist(), PIXELS)
        assert together[0] == together[2] == of_file(client, SEVEN)
        assert together[1] == answers(dark.tolist(), PIXELS)[0] != alone
        above = (np.asarray(drawn()) / 255 * 1.0000002).tolist()
        assert answers(above)[0]["label"] == together[0]["label"]


NO_LIST = 'the body must be {"instances": [picture, ...]}'
WRONG: list[tuple[str, object, int, str]] = [
    ("digits:predict", {"instances": []}, 422, "instances: the list is empty"),
    ("digits:predict", {"instances": PIXELS}, 413, "112 pictures are more than the 4"),
    ("digits:predict", {"instances": [PIXELS] * 5}, 413, "5 pictures are more than the 4"),
    ("digits:predict", {"instances": "x"}, 422, NO_LIST),
    ("digits:predict", {"inputs": [PIXELS]}, 422, NO_LIST),
    ("digits:predict", {"instances": [PIXELS], "more": 1}, 422, NO_LIST),
    ("digits:predict", [PIXELS], 422, "the body must be a JSON object"),
    ("digits:predict", {"instances": [[1, 2, 3]]}, 422, "instances[0]: a picture has the"),
    ("digits:predict", {"instances": [{"b64": 7}]}, 422, "instances[0]: an image file in JSON"),
    ("digits:predict", {"instances": [{}]}, 422, "instances[0]: an image file in JSON"),
    ("digits:predict", {"instances": [{"b64": "é"}]}, 422, "the text is not base64"),
    ("digits:predict", {"instances": [{"b64": "A*=="}]}, 422, "the text is not base64"),
    ("digits:predict", {"instances": [{"b64": "AAAAA"}]}, 422, "the text is not base64"),
    ("digits:predict", {"instances": [{"b64": "data:image/png,x"}]}, 422, "the data URL is"),
    ("digits:predict", {"instances": [{"b64": ""}]}, 422, "instances[0]: cannot be read"),
    ("digits:predict", {"instances": [{"b64": "AAAA"}]}, 422, "instances[0]: cannot be read"),
    ("digts:predict", {"instances": [PIXELS]}, 404, "Did you mean 'digits'?"),
    ("digits:predict?reject_error=0.5", {"instances": [PIXELS]}, 422, "write 50%, or 0.5%"),
    ("digits:predict?reject_error=1e-9", {"instances": [PIXELS]}, 422, "no threshold for an"),
    ("reader:predict?reject_error=1e-9", {"instances": [PIXELS]}, 422, "no threshold for an"),
    ("digits:explain", {"instances": [PIXELS]}, 405, "does not take POST, only GET"),
]


@pytest.mark.parametrize(("path", "sent", "status", "sentence"), WRONG)
def test_what_is_wrong_takes_one_sentence(
    client: Client, path: str, sent: object, status: int, sentence: str
) -> None:
    answer = client.post(f"/v1/models/{path}", json=sent)
    assert (answer.status_code, list(answer.json())) == (status, ["error"]), answer.text
    assert sentence in answer.json()["error"]


def test_predict_is_asked_by_post(client: Client) -> None:
    answer = client.get("/v1/models/digits:predict")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_a_small_text_may_hold_a_large_picture(client: Client) -> None:
    blank = b64encode(as_file(np.zeros((400, 400), np.uint8))).decode()
    assert len(blank) < 4096  # it would be answered on the event loop if its pixels did not count
    answer = client.post("/v1/predict", json={"b64": blank})
    assert answer.status_code == 422
    assert answer.json()["error"] == "b64: 160,000 pixels, more than the 100,000 allowed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "Expecting property name enclosed in double quotes"),
        (b"[" * 900, "Expecting value"),
        (b"[" * 60_000, "nested too deep"),
        (b"\xff", ""),
        (b'{"data": mnist}', "Expecting value"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/training", "/v1/predict", "/v1/models/digits:predict"])
def test_a_body_that_is_not_json_is_called_so(
    client: Client, path: str, content: bytes, reason: str
) -> None:
    answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("the body is not JSON (")
    assert reason in answer.json()["error"]


def test_json_has_no_surprises_for_clients_that_read_strictly(client: Client) -> None:
    answer = client.post("/v1/models/digits:predict", json={"instances": [{"b64": B64}]})
    assert answer.headers["content-type"] == "application/json"
    json.loads(answer.content, parse_constant=lambda name: pytest.fail(name))
