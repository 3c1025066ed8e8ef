"""The Open Inference Protocol: Triton's own client, unchanged; and what does not follow it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.serving.client import Client, client_of
from tests.serving.service import Service, serving

from lenet import weights
from lenet.artifact import load
from lenet.serving.http.limits import Limits

triton = pytest.importorskip("tritonclient.http")

DIGITS = load("digits")
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 1, 28, 28), dtype=np.uint8)
SCORES = DIGITS.forward(IMAGES[:, 0])
READS = r"reader reads whole numbers: POST /v1/read\?model=reader"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving("--max-images", "8") as one:
        yield one


@pytest.fixture(scope="module")
def theirs(service: Service) -> Iterator[Any]:
    with triton.InferenceServerClient(f"127.0.0.1:{service.port}") as client:
        yield client


@pytest.mark.slow
def test_their_client_finds_its_way(theirs: Any) -> None:
    assert theirs.is_server_live()
    assert theirs.is_server_ready()
    assert theirs.get_server_metadata()["name"] == "lenet"
    index = theirs.get_model_repository_index()
    # An ensemble that reads numbers has no tensors of its own.
    assert [one["name"] for one in index] == [one for one in weights.names() if one != "reader"]
    assert not theirs.is_model_ready("reader")
    with pytest.raises(triton.InferenceServerException, match=READS):
        theirs.get_model_metadata("reader")
    assert {one["state"] for one in index} == {"READY"}
    for one in index:
        assert theirs.is_model_ready(one["name"])
        assert theirs.is_model_ready(one["name"], one["version"])
        metadata = theirs.get_model_metadata(one["name"], one["version"])
        artifact = load(one["name"])
        assert metadata["inputs"] == [
            {"name": "image", "datatype": "UINT8", "shape": [-1, *artifact.network.input_shape]}
        ]
        shapes = {output["name"]: output["shape"] for output in metadata["outputs"]}
        classes = artifact.network.classes
        assert shapes == {"scores": [-1, classes], "probabilities": [-1, classes], "label": [-1]}
    assert not theirs.is_model_ready("nothing")
    with pytest.raises(triton.InferenceServerException, match="there is no model 'nothing'"):
        theirs.get_model_metadata("nothing")


@pytest.mark.slow
def test_their_client_infers_over_a_socket(theirs: Any) -> None:
    result = theirs.infer("digits", [sent(IMAGES)])
    assert result.as_numpy("scores") == pytest.approx(SCORES, abs=1e-6)
    with pytest.raises(triton.InferenceServerException, match=r"\[N, 1, 28, 28\], not \[1, 1, 9"):
        theirs.infer("digits", [sent(np.zeros((1, 9, 9), np.uint8))])


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with client_of(limits=Limits(images=8)) as one:
        yield one


def sent(values: NDArray[Any], binary: bool = True) -> Any:
    """Return a tensor as their client sends it."""
    kind = "UINT8" if values.dtype == np.uint8 else "FP32"
    given = triton.InferInput("image", list(values.shape), kind)
    given.set_data_from_numpy(values, binary_data=binary)
    return given


def inferred(
    client: Client, name: str, given: Any, outputs: Any = None, request_id: str = ""
) -> Any:
    """Ask in this process: their client writes the request, and reads the response."""
    theirs = triton.InferenceServerClient
    body, length = theirs.generate_request_body([given], outputs, request_id)
    key = "Inference-Header-Content-Length"
    headers = {} if length is None else {key: str(length)}
    answer = client.post(f"/v2/models/{name}/infer", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    header = answer.headers.get(key)
    return theirs.parse_response_body(
        answer.content, header_length=None if header is None else int(header)
    )


@pytest.mark.parametrize("binary_input", [True, False])
@pytest.mark.parametrize("binary_output", [True, False, None])
@pytest.mark.parametrize("kind", ["UINT8", "FP32", "FP32 to 1", "FP32 above 1"])
@pytest.mark.parametrize("flat", [True, False])
def test_their_client_infers(
    client: Client, binary_input: bool, binary_output: bool | None, kind: str, flat: bool
) -> None:
    values: NDArray[Any] = IMAGES[:, 0] if flat else IMAGES
    if kind != "UINT8":
        values = values.astype(np.float32) / (1 if kind == "FP32" else 255)
        values *= np.float32(1.0000002 if kind == "FP32 above 1" else 1)
    wanted = None
    if binary_output is not None:
        names = ("scores", "probabilities", "label")
        wanted = [triton.InferRequestedOutput(name, binary_data=binary_output) for name in names]
    result = inferred(client, "digits", sent(values, binary_input), wanted, "mine")
    response = result.get_response()
    assert (response["model_name"], response["model_version"]) == ("digits", "1")
    assert response["id"] == "mine"
    assert result.as_numpy("scores") == pytest.approx(SCORES, abs=1e-6)
    probabilities = DIGITS.calibration.probabilities(DIGITS.network, SCORES)
    assert result.as_numpy("probabilities") == pytest.approx(probabilities, abs=1e-6)
    labels = [one.decode() if isinstance(one, bytes) else one for one in result.as_numpy("label")]
    assert labels == [DIGITS.classes[best] for best in SCORES.argmax(axis=1)]


def test_only_what_is_asked_for_comes(client: Client) -> None:
    wanted = [triton.InferRequestedOutput("label")]
    result = inferred(client, "digits", sent(IMAGES[0]), wanted)
    assert [one["name"] for one in result.get_response()["outputs"]] == ["label"]


def test_other_networks_have_other_sizes(client: Client) -> None:
    for name in weights.names():
        artifact = load(name)
        if artifact.pictures == "numbers":
            answer = client.post(f"/v2/models/{name}/infer", json=inputs(tensor()))
            assert re.search(READS, answer.json()["error"])
            continue
        images = np.full([2, *artifact.network.input_shape], 9, np.uint8)
        scores = inferred(client, name, sent(images)).as_numpy("scores")
        assert scores == pytest.approx(artifact.forward(images[:, 0]), abs=1e-5)


def test_metadata_names_the_tensors(client: Client) -> None:
    assert client.get("/v2").json()["name"] == "lenet"
    assert client.get("/v2/models/digits").json()["inputs"] == [
        {"name": "image", "datatype": "UINT8", "shape": [-1, 1, 28, 28]}
    ]
    index = client.post("/v2/repository/index", json={}).json()
    # An ensemble that reads numbers has no tensors of its own.
    assert [one["name"] for one in index] == [one for one in weights.names() if one != "reader"]


def tensor(**changes: Any) -> dict[str, Any]:
    ones = {"name": "image", "datatype": "UINT8", "shape": [1, 28, 28], "data": [1] * 784}
    return {key: value for key, value in {**ones, **changes}.items() if value is not None}


def inputs(*tensors: object, **further: Any) -> dict[str, Any]:
    return {"inputs": list(tensors), **further}


def test_data_may_be_flat_or_nested(client: Client) -> None:
    flat, nested = IMAGES.ravel().tolist(), IMAGES.tolist()
    answers = [
        client.post(
            "/v2/models/digits/infer", json=inputs(tensor(shape=[3, 1, 28, 28], data=data))
        ).json()
        for data in (flat, nested)
    ]
    assert answers[0] == answers[1]
    assert answers[0]["outputs"][0] == {
        "name": "scores",
        "datatype": "FP32",
        "shape": [3, 10],
        "data": pytest.approx(SCORES.ravel().tolist(), abs=1e-6),
    }


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ([], "the body must be a JSON object"),
        ({}, "inputs: field required"),
        (inputs(), "there must be one input, called 'image'"),
        (inputs(7), "inputs.0: input should be an object"),
        (inputs(tensor(name=None)), "inputs.0.name: field required"),
        (inputs(tensor(name="picture")), "there must be one input, called 'image'"),
        (inputs(tensor(), tensor()), "there are two inputs called 'image'"),
        (inputs(tensor(), tensor(name="b")), "there must be one input, called 'image'"),
        (inputs(tensor(datatype="INT64")), "inputs.0.datatype: input should be 'UINT8' or 'FP32'"),
        (inputs(tensor(datatype=None)), "inputs.0.datatype: field required"),
        (inputs(tensor(datatype=["UINT8"])), "inputs.0.datatype: input should be"),
        (inputs(tensor(shape=None)), "inputs.0.shape: field required"),
        (inputs(tensor(shape=[1, 28, "28"])), "inputs.0.shape.2: input should be a valid integer"),
        (inputs(tensor(shape=[1, -28, -28])), "inputs.0.shape.1: input should be greater than"),
        (inputs(tensor(shape=[1.0, 28, 28])), "inputs.0.shape.0: input should be a valid int"),
        (inputs(tensor(shape=[True, 28, 28])), "inputs.0.shape.0: input should be a valid int"),
        (inputs(tensor(shape=[10**30, 28, 28])), "inputs.0.shape.0: input should be less than"),
        (
            inputs(tensor(shape=[1] * 60 + [28, 28])),
            "inputs.0.shape: list should have at most 8 items",
        ),
        (inputs(tensor(shape=[2, 28, 28])), "do not fill the shape [2, 28, 28]"),
        (inputs(tensor(shape=[28, 28])), "takes images of shape [N, 1, 28, 28], not [28, 28]"),
        (inputs(tensor(shape=[784])), "takes images of shape [N, 1, 28, 28], not [784]"),
        (inputs(tensor(shape=[1, 1, 1, 28, 28])), "takes images of shape [N, 1, 28, 28]"),
        (inputs(tensor(shape=[1, 14, 56])), "takes images of shape [N, 1, 28, 28]"),
        (inputs(tensor(shape=[0, 28, 28], data=[])), "'image' of shape [0, 28, 28] is empty"),
        (inputs(tensor(data=[])), "do not fill the shape [1, 28, 28]"),
        (inputs(tensor(data={})), "'image': give a list of numbers"),
        (inputs(tensor(data=None)), "'image': give a list of numbers"),
        (inputs(tensor(data="1" * 784)), "'image': give a list of numbers"),
        (inputs(tensor(data=["1"] * 784)), "'image': give a list of numbers"),
        (inputs(tensor(data=[[1] * 3, [1]])), "all lists of one level must have the same length"),
        (inputs(tensor(data=[256] * 784)), "UINT8 data must be whole numbers from 0 to 255"),
        (inputs(tensor(data=[-1] * 784)), "UINT8 data must be whole numbers from 0 to 255"),
        (inputs(tensor(data=[0.5] * 784)), "UINT8 data must be whole numbers from 0 to 255"),
        (inputs(tensor(datatype="FP32", data=[-0.5] * 784)), "pixels run from -0.5 to -0.5"),
        (inputs(tensor(datatype="FP32", data=[1e300] * 784)), "pixels run from inf to inf"),
        (inputs(tensor(), outputs=[{"name": "x"}]), "there is no output 'x', only scores"),
        (inputs(tensor(), outputs="label"), "outputs: input should be a valid list"),
        (inputs(tensor(parameters=7)), "inputs.0.parameters: input should be a valid dictionary"),
        (
            inputs(tensor(parameters={"binary_data_size": 784})),
            "binary_data_size is 784, and 0 bytes are left",
        ),
        (inputs(tensor(parameters={"binary_data_size": -1})), "binary_data_size is -1"),
        (inputs(tensor(parameters={"binary_data_size": "784"})), "binary_data_size is 784"),
    ],
)
def test_what_does_not_follow_the_protocol(client: Client, request_: object, sentence: str) -> None:
    answer = client.post("/v2/models/digits/infer", json=request_)
    assert (answer.status_code, list(answer.json())) == (400, ["error"]), answer.text
    assert sentence in answer.json()["error"]


HEADER = json.dumps(
    inputs(tensor(data=None, parameters={"binary_data_size": 784})), separators=(",", ":")
).encode()


@pytest.mark.parametrize(
    ("length", "body", "sentence"),
    [
        (str(len(HEADER)), HEADER + b"x" * 783, "binary_data_size is 784, and 783 bytes are left"),
        (str(len(HEADER)), HEADER + b"x" * 785, "1 bytes of binary data belong to no input"),
        (str(len(HEADER) + 999), HEADER, "of its JSON"),
        ("9" * 5000, HEADER, "of its JSON"),
        ("-1", HEADER, "must be a number of bytes"),
        ("ten", HEADER, "must be a number of bytes"),
        ("0", HEADER, "the body is not JSON"),
        (None, HEADER + b"\0" * 784, "the body is not JSON"),
        (None, b"[" * 50_000, "the body is not JSON"),
        (None, b"\xff", "the body is not JSON"),
    ],
)
def test_bytes_that_do_not_fit(
    client: Client, length: str | None, body: bytes, sentence: str
) -> None:
    headers = {} if length is None else {"Inference-Header-Content-Length": length}
    answer = client.post("/v2/models/digits/infer", content=body, headers=headers)
    assert (answer.status_code, list(answer.json())) == (400, ["error"]), answer.text
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/digits/versions/2", 404),
        ("GET", "/v2/models/digits/versions/1", 200),
        ("POST", "/v2/models/nothing/infer", 404),
        ("POST", "/v2/models/digits/versions/2/infer", 404),
        ("GET", "/v2/models/digits/infer", 405),
        ("GET", "/v2/models", 404),
        ("GET", "/v2/health/ready", 200),
    ],
)
def test_paths(client: Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert status == 200 or list(answer.json()) == ["error"]


def test_too_many_images(client: Client) -> None:
    request = inputs(tensor(shape=[9, 28, 28], data=[0] * 784 * 9))
    answer = client.post("/v2/models/digits/infer", json=request)
    assert answer.status_code == 413
    assert "9 images are more than the 8 allowed" in answer.json()["error"]
