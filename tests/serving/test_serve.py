"""The command: what it prints, what it refuses, how it ends."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.command import lenet as command
from tests.serving.service import SEVEN, Service, as_file, drawn, read_all, serving

from lenet.artifact import load
from lenet.errors import LenetError
from lenet.serving.api.registry import Served
from lenet.serving.http.server import Server, bind, names_of, url_of


def lenet(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lenet", "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.slow
def test_a_run_a_key_and_another_name(tmp_path: Path) -> None:
    run = tmp_path / "my run"
    run.mkdir()
    load("digits").save(run)
    options = ("--run", str(run), "--allow-host", "lenet.example")
    with serving(*options, LENET_API_KEY="secret") as service:
        asked = "GET /v1/models HTTP/1.1\r\nHost: lenet.example\r\n"
        assert b"401 Unauthorized" in service.raw(f"{asked}\r\n".encode())
        found = service.raw(f"{asked}Authorization: Bearer secret\r\n\r\n".encode())
        assert b'"name":"my run"' in found
        other = f"{asked.replace('lenet.', 'evil.')}Authorization: Bearer secret\r\n\r\n"
        assert b"421 Misdirected Request" in service.raw(other.encode())


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        ([], {"LENET_API_KEY": ""}, "lenet: the API key is empty"),
        ([], {"LENET_API_KEY": "  "}, "lenet: the API key is empty"),
        (["--api-key", ""], {}, "lenet: the API key is empty"),
        (["--api-key", "a\nb"], {}, "lenet: the API key has signs that cannot be sent"),
    ],
)
def test_an_empty_key_is_no_key(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    message: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = command("serve", "--port", "0", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)


@pytest.mark.parametrize(
    ("host", "key", "warned"),
    [("0.0.0.0", None, True), ("0.0.0.0", "secret", False), ("127.0.0.1", None, False)],
)
def test_a_service_that_is_open_to_all_says_so(
    monkeypatch: pytest.MonkeyPatch, host: str, key: str | None, warned: bool
) -> None:
    def run(self: Server, _: object) -> None:
        self._started()  # pyright: ignore[reportPrivateUsage]

    monkeypatch.setattr(Server, "run", run)
    options = ["--host", host, "--port", "0", *([] if key is None else ["--api-key", key])]
    done = command("serve", *options)
    assert ("WARNING: no key is set" in done.stderr) is warned
    assert done.stdout.startswith("lenet serves on http://")


def test_what_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Served) -> None:
        raise MemoryError

    monkeypatch.setattr(Served, "warm_up", fail)
    done = command("serve", "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("lenet: the service could not start; the lines above say why\n")


@pytest.mark.parametrize(("code", "expected"), [(None, 0), (0, 0), (3, 3), ("a reason", 1)])
def test_an_exit_keeps_its_code(
    monkeypatch: pytest.MonkeyPatch, code: int | str | None, expected: int
) -> None:
    def leave(*_: object) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(Server, "__init__", leave)
    assert command("serve", "--port", "0").returncode == expected


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = lenet("--port", str(port))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"lenet: port {port} of 127.0.0.1 is in use: choose another with --port, 0 for a free one\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "65536"], "65536 is not in the range"),
        (["--port", "http"], "'http' is not a valid integer"),
        (["--port", "0", "--run", "nowhere"], "nowhere is not a run folder"),
        (["--port", "0", "--host", "203.0.113.7"], "203.0.113.7 is not an address of this machine"),
        (
            ["--port", "0", "--host", "no such host"],
            "no such host is not an address of this machine",
        ),
        (["--timeout", "0"], "0 is not in the range"),
        (["--timeout", "nan"], "'nan' is not a valid integer"),
        (["--max-body", "0"], "0 is not in the range"),
        (["--max-concurent", "9"], "Did you mean"),
        (["folder"], "unexpected extra argument"),
    ],
)
def test_what_cannot_be_served(arguments: list[str], message: str) -> None:
    done = lenet(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_finishes_what_is_in_flight(number: signal.Signals, code: int) -> None:
    with serving() as service, contextlib.ExitStack() as stack:
        # Some that take tens of milliseconds each, more than there are threads for.
        page = as_file(drawn(size=(700, 700)))
        busy = [stack.enter_context(service.connect()) for _ in range(12)]
        idle = stack.enter_context(service.connect())
        for connection in busy:
            connection.sendall(post("/v1/predict", page))
        wait_until_busy(service, len(busy))
        service.process.send_signal(number)
        answers = [read_all(connection) for connection in busy]
        assert all(b"HTTP/1.1 200 OK" in answer for answer in answers)
        assert idle.recv(100) == b""
        assert service.process.wait(20) == code
        errors = service.process.stderr
        assert errors is not None
        assert errors.read().strip() == ("lenet: interrupted" if code else "")


def wait_until_busy(service: Service, count: int) -> None:
    """Wait until all requests have been taken; or answered, on a fast machine."""
    for _ in range(200):
        text = service.raw(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").decode()
        figures = dict(
            line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("lenet_requests")
        )
        done = 'lenet_requests_total{method="POST",route="/v1/predict",status="200"}'
        # One of those in flight asks for this.
        taken = float(figures["lenet_requests_in_flight"]) - 1 + float(figures.get(done, 0))
        if taken >= count:
            return
        time.sleep(0.01)
    raise AssertionError("the requests never came")


@pytest.mark.slow
def test_more_than_can_be_worked_on_is_refused_and_not_kept_waiting() -> None:
    with serving("--max-concurrent", "2") as service, contextlib.ExitStack() as stack:
        page = as_file(drawn(size=(700, 700)))
        crowd = [stack.enter_context(service.connect()) for _ in range(20)]
        for connection in crowd:
            connection.sendall(post("/v1/predict", page))
        answers = [read_all(connection) for connection in crowd]
        good = [one for one in answers if b"HTTP/1.1 200 OK" in one]
        refused = [one for one in answers if b"HTTP/1.1 503 Service Unavailable" in one]
        assert len(good) + len(refused) == 20
        assert good
        assert all(b"retry-after: 1" in one for one in refused)
        assert b"HTTP/1.1 200 OK" in service.raw(post("/v1/predict", SEVEN))


def test_help_starts_quickly_and_serving_needs_no_training() -> None:
    def loaded(code: str) -> set[str]:
        code += "; print(*{name.partition('.')[0] for name in sys.modules})"
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; {code}"],
            capture_output=True,
            text=True,
            check=True,
        )
        return set(done.stdout.splitlines()[-1].split())

    slow = {"torch", "sklearn", "matplotlib", "jinja2", "scipy"}
    quick = loaded("import lenet.cli.serve")
    assert not quick & {*slow, "fastapi", "uvicorn", "starlette", "prometheus_client", "numpy"}
    served = loaded(
        "from lenet.serving.app import create_app; from lenet.serving.api.registry import Served; "
        "import lenet.serving.http.server; create_app(Served())"
    )
    assert {"fastapi", "uvicorn"} <= served
    assert not served & slow


@pytest.mark.parametrize(
    ("host", "further", "names"),
    [
        ("127.0.0.1", [], ["localhost", "127.0.0.1", "::1", "127.0.0.1"]),
        ("localhost", ["a.example"], ["localhost", "127.0.0.1", "::1", "localhost", "a.example"]),
        ("::1", [], ["localhost", "127.0.0.1", "::1", "::1"]),
        ("0.0.0.0", [], None),
        ("0.0.0.0", ["a.example"], ["0.0.0.0", "a.example"]),
        ("192.168.0.7", [], None),
    ],
)
def test_under_which_names(host: str, further: list[str], names: list[str] | None) -> None:
    assert names_of(host, further) == names


def test_two_servers_do_not_share_a_port() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LenetError, match="is in use"):
            bind("127.0.0.1", port)


def test_addresses() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert url_of("127.0.0.1", taken) == f"http://127.0.0.1:{port}"
        assert url_of("::1", taken) == f"http://[::1]:{port}"
    with pytest.raises(LenetError, match="not an address"):
        bind("300.0.0.1", 0)
