"""What the service says to pictures, against what `lenet.Artifact.predict` says to the same."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.serving.client import Client, client_of
from tests.serving.service import BLANK, SEVEN, as_file, drawn

from lenet.artifact import load
from lenet.cli.output.answer_lines import json_line
from lenet.errors import LenetError
from lenet.pictures.image import read_image
from lenet.pictures.network_input import NetworkInput, network_input
from lenet.serving.http.limits import Limits

DIGITS = load("digits")
SMALL = np.asarray(drawn().resize((28, 28)))  # of the network's own size, but dark on white
COLOUR = Image.merge("RGB", [drawn()] * 2 + [Image.new("L", (112, 112), 200)])
LIMITS = Limits(body=200_000, pixels=90_000, images=4)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with client_of(limits=LIMITS) as one:
        yield one


def line(content: bytes, name: str = "", model: str = "digits") -> dict[str, Any]:
    """Return the command line's JSON for a picture."""
    artifact = load(model)
    shape = artifact.network.input_shape
    made = network_input(read_image(BytesIO(content)), artifact.pictures, shape)
    return json.loads(json_line(artifact.predict(made[None])[0].to_json(name)))


@pytest.mark.parametrize("model", ["digits", "fashion", "chapter", "lecun1998"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (SEVEN, "image/png"),
        (SEVEN, "application/octet-stream"),
        (SEVEN, "IMAGE/PNG; charset=binary"),
        (SEVEN, "image/whatever"),
        (SEVEN, "application/x-www-form-urlencoded"),  # what curl --data-binary says
        (as_file(drawn(), "JPEG"), "image/jpeg"),
        (as_file(drawn(), "WEBP"), "image/webp"),
        (as_file(drawn(), "GIF"), "image/gif"),
        (as_file(SMALL), "image/png"),
        (as_file(COLOUR), "image/png"),
        (BLANK, "image/png"),
    ],
)
def test_a_picture_is_answered_as_by_the_command_line(
    client: Client, content: bytes, kind: str, model: str
) -> None:
    answer = client.post(
        f"/v1/predict?model={model}", content=content, headers={"Content-Type": kind}
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    expected = {**line(content, model=model), "path": None}
    assert answer.json() == {"model": model, "results": [expected]}


def test_blank_paper_is_rejected_and_a_digit_is_not(client: Client) -> None:
    for content, rejected in ((BLANK, True), (SEVEN, False)):
        (result,) = client.post("/v1/predict", content=content).json()["results"]
        assert result["rejected"] is rejected
    assert result["label"] == "7"


def test_the_tolerable_error_decides_what_is_rejected(client: Client) -> None:
    unsure = as_file(np.asarray(drawn().resize((14, 14)).resize((112, 112))))
    for error in (0.002, 0.01, 0.05):
        (result,) = client.post(f"/v1/predict?reject_error={error}", content=unsure).json()[
            "results"
        ]
        least = DIGITS.calibration.threshold(error)
        none = DIGITS.calibration.most_none
        assert none is not None
        assert result["rejected"] == (result["probability"] < least or result["none"] > none)


def test_several_pictures_and_a_broken_one_among_them(client: Client) -> None:
    files = [
        ("a", ("seven.png", SEVEN, "image/png")),
        ("a", ("bröken\n.png", b"no picture", "image/png")),
        ("whatever", ("large.png", as_file(np.zeros((301, 300), np.uint8)), "image/png")),
        ("b", ("again.jpg", as_file(drawn(), "JPEG"), "image/jpeg")),
    ]
    answer = client.post("/v1/predict", files=files)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert results[0] == line(SEVEN, "seven.png")
    assert list(results[1]) == ["path", "error"]
    assert "cannot be read as an image (not one of PNG, JPEG" in results[1]["error"]
    assert results[2] == {
        "path": "large.png",
        "error": "large.png: 90,300 pixels, more than the 90,000 allowed",
    }
    assert results[3] == line(files[3][1][1], "again.jpg")


def test_pixels_of_the_networks_own_size_are_taken_as_they_are(client: Client) -> None:
    answer = client.post("/v1/predict", json={"pixels": SMALL.tolist()}).json()
    (expected,) = DIGITS.predict(SMALL)
    assert answer["results"] == [expected.to_json(None)]
    assert expected.to_json("") != line(as_file(SMALL))  # which a picture of that size is not


@pytest.mark.parametrize("scale", [1, 1 / 255])
@pytest.mark.parametrize("size", [(112, 112), (40, 60)])
def test_other_pixels_are_made_like_pictures(
    client: Client, size: tuple[int, int], scale: float
) -> None:
    picture = np.asarray(drawn().resize(size))
    answer = client.post("/v1/predict", json={"images": [(picture * scale).tolist()] * 2})
    assert answer.json()["results"] == [{**line(as_file(picture)), "path": None}] * 2


def test_ones_and_zeros_are_black_and_white(client: Client) -> None:
    picture = (np.asarray(drawn()) > 128).astype(int)
    expected = line(as_file((picture * 255).astype(np.uint8)))
    answer = client.post("/v1/predict", json={"pixels": picture.tolist()})
    assert answer.json()["results"] == [{**expected, "path": None}]


@pytest.mark.parametrize(
    "scale", [1 / 255, 1.0000001 / 255, 1.009 / 255, 1.0], ids=["1", "above 1", "1.009", "255"]
)
def test_the_range_of_pixels_is_found(client: Client, scale: float) -> None:
    values = (SMALL * scale).tolist()
    results = client.post("/v1/predict", json={"images": [values, values]}).json()["results"]
    exact = client.post("/v1/predict", json={"pixels": SMALL.tolist()}).json()["results"][0]
    for result in results:
        assert result["label"] == exact["label"]
        assert result["probability"] == pytest.approx(exact["probability"], abs=0.01)


def test_pixels_of_only_0_and_1_are_black_and_white(client: Client) -> None:
    drawn = SMALL > 127
    binary = client.post("/v1/predict", json={"pixels": drawn.astype(int).tolist()}).json()
    levels = client.post("/v1/predict", json={"pixels": (drawn * 255).tolist()}).json()
    assert binary["results"] == levels["results"]


def test_the_pictures_of_a_request_have_one_range(client: Client) -> None:
    dark = (SMALL > 127).astype(int)  # of 255 levels, since the other picture has them
    together = client.post("/v1/predict", json={"images": [dark.tolist(), SMALL.tolist()]}).json()
    alone = client.post("/v1/predict", json={"pixels": SMALL.tolist()}).json()
    assert together["results"][1] == alone["results"][0]
    expected = load("digits").answer([NetworkInput(dark.astype(np.uint8))])[0]
    assert together["results"][0] == expected.to_json(None)


def test_pixels_may_have_colours(client: Client) -> None:
    pixels = np.asarray(COLOUR.resize((50, 50)))
    answer = client.post("/v1/predict?model=fashion", json={"pixels": pixels.tolist()})
    assert answer.json()["results"] == [{**line(as_file(pixels), model="fashion"), "path": None}]


FORM = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="a"%s\r\n\r\n%s\r\n'
FILE = b'; filename="x.png"'


@pytest.mark.parametrize(
    ("content", "kind", "status", "sentence"),
    [
        (b"", "image/png", 422, "the picture: cannot be read as an image (it is empty)"),
        (b"GIF89a", "image/png", 422, "cannot be read as an image"),
        (SEVEN[:200], "image/png", 422, "the picture: cannot be read as an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "image/eps", 422, "not one of"),
        (as_file(np.zeros((301, 300), np.uint8)), "image/png", 422, "90,300 pixels, more than"),
        (b"x" * 200_001, "image/png", 413, "the body has more than 200,000 bytes"),
        (b"x" * 500_000, "image/png", 413, "the body has more than 200,000 bytes"),
        (SEVEN, "text/plain", 415, "'text/plain' is not supported"),
        (b"{}", "application/json", 422, 'the body must be {"pixels"'),
        (b"[]", "application/json", 422, "the body must be a JSON object"),
        (b"{", "application/json", 422, "the body is not JSON"),
        (b"\xff\xfe", "application/json", 422, "the body is not JSON"),
        (b"[" * 100_000, "application/json", 422, "nested too deep"),
        (b'{"pixels": [[1, 2], [3]]}', "application/json", 422, "must have the same length"),
        (b'{"pixels": []}', "application/json", 422, "pixels: a picture has the shape"),
        (b'{"pixels": [[]]}', "application/json", 422, "pixels: a picture has the shape"),
        (b'{"pixels": 7}', "application/json", 422, "pixels: give a list of numbers"),
        (b'{"pixels": [7]}', "application/json", 422, "pixels: a picture has the shape"),
        (b'{"pixels": [["a"]]}', "application/json", 422, "pixels: give a list of numbers"),
        (b'{"pixels": [[true]]}', "application/json", 422, "pixels: give a list of numbers"),
        (b'{"pixels": [[null]]}', "application/json", 422, "pixels: give a list of numbers"),
        (b'{"pixels": [[1e999]]}', "application/json", 422, "pixels run from inf to inf"),
        (b'{"pixels": [[NaN]]}', "application/json", 422, "pixels run from nan to nan"),
        (b'{"pixels": [[-1]]}', "application/json", 422, "pixels run from -1 to -1"),
        (b'{"pixels": [[256]]}', "application/json", 422, "pixels run from 256 to 256"),
        (b'{"pixels": [[0, 1.5]]}', "application/json", 422, "send whole numbers from 0 to 255"),
        (b'{"pixels": [[1%s]]}' % (b"0" * 400), "application/json", 422, "pixels"),
        (b'{"pixels": [[1%s]]}' % (b"0" * 9999), "application/json", 422, "not JSON"),
        (b'{"images": []}', "application/json", 422, 'the body must be {"pixels"'),
        (b'{"images": {}}', "application/json", 422, 'the body must be {"pixels"'),
        (
            b'{"images": [[[1]], [1]]}',
            "application/json",
            422,
            "images[1]: a picture has the shape",
        ),
        (b'{"images": [0,0,0,0,0]}', "application/json", 413, "5 pictures are more than the 4"),
        (b'{"pixels": [[0]], "model": "x"}', "application/json", 422, "the body must be"),
        (b'{"pixels": [%s]}' % (b"[0]," * 100_000), "application/json", 413, "more than 200,000"),
        (b"", FORM, 422, "the form holds no picture"),
        (b"--b--\r\n", FORM, 422, "the form holds no picture"),
        (PART % (b"", b"text") + b"--b--\r\n", FORM, 422, "the part 'a' is not a file"),
        (PART % (FILE, b"text") + b"--b--\r\n", FORM, 422, "x.png: cannot be read as an image"),
        (PART % (FILE, SEVEN) * 5 + b"--b--\r\n", FORM, 413, "more than the 4 pictures"),
        (PART % (b"", b"") * 5 + b"--b--\r\n", FORM, 413, "more than the 4 pictures"),
        (b"--b\r\n\r\nx\r\n--b--\r\n", FORM, 400, "Content-Disposition"),
        (b"garbage", FORM, 400, ""),
        (SEVEN, "multipart/form-data", 400, "boundary"),
    ],
)
def test_what_is_no_picture(
    client: Client, content: bytes, kind: str, status: int, sentence: str
) -> None:
    answer = client.post("/v1/predict", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, list(answer.json())) == (status, ["error"]), answer.text
    assert sentence in answer.json()["error"]


def test_a_body_is_not_unpacked(client: Client) -> None:
    answer = client.post("/v1/predict", content=SEVEN, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_reader_reads(client: Client) -> None:
    answer = client.post("/v1/predict?model=reader", content=SEVEN)
    assert answer.status_code == 422
    assert "POST /v1/read" in answer.json()["error"]


def test_a_network_without_thresholds_says_so(client: Client) -> None:
    artifact = load("lecun1998")
    asked = "/v1/predict?model=lecun1998&reject_error=0.0000001"
    answer = client.post(asked, content=SEVEN)
    assert answer.status_code == 422
    with pytest.raises(LenetError, match=r"threshold|does not know") as raised:
        artifact.predict(SMALL, 0.0000001)
    assert answer.json()["error"] == str(raised.value)
