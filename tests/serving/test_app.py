"""What the service offers around its answers: networks, files, health, figures, guards."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from safetensors.numpy import load as load_tensors
from tests.serving.client import Client, client_of
from tests.serving.service import SEVEN

import lenet
from lenet import weights
from lenet.artifact import load
from lenet.errors import LenetError
from lenet.serving.api.registry import Served
from lenet.serving.http.page_files import add_page


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with client_of() as one:
        yield one


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "digits"  # called as one that ships
    folder.mkdir(parents=True)
    load("digits").save(folder)
    return folder


def test_the_shipped_networks_come_first_and_runs_after_them(run: Path) -> None:
    twin = run.parent / "elsewhere" / "digits"
    twin.mkdir(parents=True)
    load("fashion").save(twin)
    with client_of(Served([run, twin])) as client:
        models = client.get("/v1/models").json()["models"]
        names = [one["name"] for one in models]
        assert names == [*weights.names(), "digits-2", "digits-3"]
        assert models[-1] == {
            "name": "digits-3",
            "kind": "predict",
            "source": "run",
            "pictures": "clothing",
            "classes": list(load("fashion").classes),
            "input_shape": [1, 28, 28],
            "parameters": load("fashion").network.parameters,
            "run": True,
        }
        assert models[names.index("reader")]["kind"] == "read"
        label = client.post("/v1/predict?model=digits-2", content=SEVEN).json()["results"][0]
        assert label["label"] == "7"


def test_a_run_that_is_none_is_said_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(LenetError, match="nowhere is not a run folder"):
        Served([tmp_path / "nowhere"])


def test_a_networks_files_are_its_own_and_are_not_sent_twice(client: Client) -> None:
    config = client.get("/v1/models/digits/config.json")
    assert config.content == (weights.FOLDER / "digits" / "config.json").read_bytes()
    assert config.headers["content-type"] == "application/json"
    found = client.get("/v1/models/digits/model.safetensors")
    assert set(load_tensors(found.content)) == set(load("digits").parameters)
    tag = found.headers["etag"]
    assert tag != config.headers["etag"]
    again = client.get("/v1/models/digits/model.safetensors", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = client.get("/v1/models/fashion/model.safetensors", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_a_reader_can_be_fetched_whole(client: Client, tmp_path: Path) -> None:
    files = [path for path in (weights.FOLDER / "reader").rglob("*") if path.suffix != ".md"]
    for path in filter(Path.is_file, files):
        within = path.relative_to(weights.FOLDER / "reader")
        found = client.get(f"/v1/models/reader/{within}")
        assert found.status_code == 200, within
        (tmp_path / within).parent.mkdir(exist_ok=True)
        (tmp_path / within).write_bytes(found.content)
    assert [one.network for one in load(tmp_path).members] == [
        one.network for one in load("reader").members
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("reader/beside-0/config.json", 404),
        ("reader/beside-2/config.json", 404),
        ("reader/beside--1/config.json", 404),
        ("digits/beside-1/model.safetensors", 404),
        ("nothing/beside-1/config.json", 404),
        ("reader/beside-../config.json", 422),
    ],
)
def test_what_does_not_stand_beside_a_network_is_not_there(
    client: Client, path: str, status: int
) -> None:
    answer = client.get(f"/v1/models/{path}")
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_files_that_are_gone_are_said_to_be(run: Path) -> None:
    with client_of(Served([run])) as client:
        (run / "model.safetensors").unlink()
        answer = client.get("/v1/models/digits-2/model.safetensors")
    assert answer.status_code == 404
    assert answer.json() == {"error": "the model.safetensors of digits-2 is no longer there"}


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/nothing", 404, "there is nothing at /nothing; GET /docs lists all paths"),
        ("GET", "/v1/models/", 404, "there is nothing at /v1/models/"),
        ("GET", "/v1/predict", 405, "/v1/predict does not take GET, only POST"),
        ("DELETE", "/v1/models", 405, "/v1/models does not take DELETE, only GET"),
        ("GET", "/v1/models/digit/config.json", 404, "Did you mean 'digits'?"),
        ("GET", "/v1/models/digits/CARD.md", 404, "there is nothing at"),
        ("GET", "/v1/models/..%2f..%2fweights/config.json", 404, "there is nothing at"),
        ("GET", "/v1/models/%2e%2e/config.json", 404, "there is no model '..' here"),
        ("POST", "/v1/predict?model=digit", 404, "there is no model 'digit' here"),
        ("POST", "/v1/predict?reject_error=1", 422, "reject_error: '1' is not an error rate"),
        ("POST", "/v1/predict?reject_error=nan", 422, "reject_error: 'nan' is not an error rate"),
        ("POST", "/v1/predict?reject_error=0.5", 422, "reject_error: '0.5' can mean two error"),
        ("POST", "/v1/read?reject_error=0.5", 422, "write 50%, or 0.5% (which is 0.005)"),
        ("POST", "/v1/read?reject_error=0.5%251", 422, "reject_error: '0.5%1' is not an error"),
        ("POST", "/v1/read?length=1e9", 422, "length: input should be a valid integer"),
    ],
)
def test_every_error_is_one_sentence(
    client: Client, method: str, path: str, status: int, sentence: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert sentence in answer.json()["error"]


def test_a_defect_shows_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("lenet.serving.api.pictures.predictions_of", fail)
    with client_of() as client:
        answer = client.post("/v1/predict", content=SEVEN)
    assert answer.status_code == 500
    assert answer.json() == {
        "error": "the service failed because of a defect; see the server's log"
    }
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/v1/models", "/nothing", "/healthz"])
def test_browsers_are_told_what_they_may_do(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'" in (
        policy
    )
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_the_api_is_described_without_scripts(client: Client) -> None:
    page = client.get("/docs").text
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/predict", "/v1/read", "/v2/models/{name}/infer"} <= set(paths)
    for path in paths:
        assert f"<code>{path}</code>" in page
    assert "<script" not in page
    assert not re.search("https?://", page)


def test_health_and_readiness(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    with client_of(start=False) as waiting:  # its networks have not been asked yet
        assert waiting.get("/healthz").status_code == 200
        assert waiting.get("/readyz").status_code == 503


def test_prometheus_figures() -> None:
    with client_of() as client, client_of() as other:
        client.post("/v1/predict", content=SEVEN)
        client.post("/v1/predict", content=SEVEN)
        client.post("/v1/predict?model=fashion", json={"pixels": [[0] * 28] * 28})  # is rejected
        client.post("/v1/predict", content=b"garbage")
        client.get("/made-up")
        client.request("BREW", "/made-up")
        text = client.get("/metrics").text
        for line in (
            'lenet_requests_total{method="POST",route="/v1/predict",status="200"} 3.0',
            'lenet_requests_total{method="POST",route="/v1/predict",status="422"} 1.0',
            'lenet_requests_total{method="GET",route="none",status="404"} 1.0',
            'lenet_request_seconds_count{route="/v1/predict"} 4.0',
            'lenet_images_total{model="digits",rejected="false"} 2.0',
            'lenet_images_total{model="fashion",rejected="true"} 1.0',
            "lenet_requests_in_flight 1.0",
        ):
            assert f"{line}\n" in text
        assert "BREW" not in text
        assert "made-up" not in text
        assert 'route="/v1/predict"' not in other.get("/metrics").text


HOSTS = ["localhost", "127.0.0.1", "::1", "lenet.example"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8000", 200),
        ("lenet.example", 200),
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
def test_a_foreign_name_is_refused(host: str, status: int) -> None:
    with client_of(hosts=HOSTS) as client:
        answer = client.get("/healthz", headers={"Host": host})
    assert answer.status_code == status
    assert status == 200 or "is not a name of this service" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "origin", "status"),
    [
        ("POST", "http://127.0.0.1", 200),
        ("POST", None, 200),
        ("POST", "http://evil.example", 403),
        ("POST", "http://127.0.0.1:81", 403),
        ("POST", "null", 403),
        ("POST", "http://[", 403),
        ("GET", "http://evil.example", 403),
        ("GET", "http://127.0.0.1", 405),
    ],
)
def test_a_foreign_page_may_not_let_a_browser_work(
    client: Client, method: str, origin: str | None, status: int
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    answer = client.request(method, "/v1/predict", content=SEVEN, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/runs/chapter", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("/v1/runs/chapter", {"Sec-Fetch-Site": "same-site"}, 403),
        ("/v1/runs/chapter", {"Referer": "http://evil.example/page"}, 403),
        ("/v1/runs/chapter", {"User-Agent": "Mozilla/5.0"}, 403),
        ("/v1/runs/chapter", {"User-Agent": "Mozilla/5.0", "Referer": "http://[", "X": "y"}, 403),
        ("/v1/models/chapter/config.json", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("/v1/runs/nothing", {"Sec-Fetch-Site": "same-origin"}, 404),
        ("/v1/runs/nothing", {"Sec-Fetch-Site": "none"}, 404),  # typed into the browser
        (
            "/v1/runs/nothing",
            {"User-Agent": "Mozilla/5.0", "Referer": "http://127.0.0.1/#networks"},
            404,
        ),
        ("/v1/runs/nothing", {"User-Agent": "curl/8"}, 404),
        ("/v1/models", {"User-Agent": "Mozilla/5.0"}, 200),
        ("/", {"Sec-Fetch-Site": "cross-site"}, 200),  # a link
    ],
)
def test_another_sites_page_may_not_start_work(
    client: Client, path: str, headers: dict[str, str], status: int
) -> None:
    assert client.get(path, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("path", "given", "status"),
    [
        ("/v1/models", None, 401),
        ("/v1/models", "Bearer secret", 200),
        ("/v1/models", "bearer secret", 200),
        ("/v1/models", "BEARER  secret", 200),
        ("/v1/models", "Bearer", 401),
        ("/v1/models", "Bearer secre", 401),
        ("/v1/models", "Bearer secrets", 401),
        ("/v1/models", "secret", 401),
        ("/v1/models", "Basic secret", 401),
        ("/v1/models", "Bearer \xe9", 401),
        ("/v1/nothing", None, 401),
        ("/v2", None, 401),
        ("/v2", "Bearer secret", 200),
        ("/v2/health/live", None, 401),
        ("/healthz", None, 200),
        ("/metrics", None, 200),
        ("/docs", None, 200),
    ],
)
def test_a_key(path: str, given: str | None, status: int) -> None:
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    with client_of(key="secret") as client:
        answer = client.get(path, headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json() == {
            "error": "this service needs its key: send Authorization: Bearer KEY"
        }


def test_the_page_and_its_files(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<h1>page</h1>")
    (tmp_path / "assets" / "main-1a2b.js").write_text("draw()")
    (tmp_path.parent / "outside.txt").write_text("not for you")
    app = FastAPI(redirect_slashes=False)
    add_page(app, tmp_path)
    with Client(app) as client:
        assert "<h1>page</h1>" in client.get("/").text
        assert client.get("/").headers["cache-control"] == "no-cache"
        script = client.get("/assets/main-1a2b.js")
        assert script.text == "draw()"
        assert "immutable" in script.headers["cache-control"]
        for path in (
            "/../outside.txt",
            "/%2e%2e/outside.txt",
            "/assets/%00",
            "/assets",
            "/a" * 3000,
        ):
            assert client.get(path).status_code == 404


def test_without_a_page_the_way_to_it_is_shown(tmp_path: Path) -> None:
    app = FastAPI()
    add_page(app, tmp_path)
    with Client(app) as client:
        assert "npm run build" in client.get("/").text


def test_the_service_says_its_version(client: Client) -> None:
    assert client.get("/openapi.json").json()["info"]["version"] == lenet.__version__
