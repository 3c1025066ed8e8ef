"""The service while it is attacked: honest clients are answered, memory is bounded, it ends.

Each attack goes on for some seconds from many connections, and honest clients ask at the same time.
"""

import json
import signal
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cache, partial
from typing import Any

import pytest
from tests.attacks import heavy_files
from tests.attacks.honest import CONNECTIONS, ask, bar, flood, honest_clients
from tests.serving.service import serving

pytestmark = pytest.mark.slow

SECONDS = 3.0  # of each attack
LEAST_SHARE = 0.95  # of honest requests, which are answered within 5 seconds
MOST_MEMORY = 500  # MB, of all processes together
LIMIT = 10  # seconds: --timeout

Attack = Callable[[int, float], Any]
MB = 1_000_000


@cache
def files() -> dict[str, bytes]:
    return heavy_files.all_of_them()


def of_files(names: str = "") -> list[bytes]:
    paths = ("/v1/predict", "/v1/read")
    return [ask(file, path) for name, file in files().items() if names in name for path in paths]


def texts(unequal: bool = True) -> bytes:
    """Return rows of texts of very unequal length, of a megabyte."""
    rows = [["a"] * 1000 for _ in range(100)]
    rows[0][0] = "a" * (MB // 2 if unequal else 1)
    return json.dumps({"pixels": rows}).encode()


def json_bodies() -> list[bytes]:
    """Return bodies of JSON that take many times their size in memory."""
    tensor = {"name": "image", "datatype": "FP32", "shape": [1, 28, 28]}
    rows = json.loads(texts())["pixels"]
    infer = [json.dumps({"inputs": [{**tensor, "data": data}]}).encode() for data in (rows, [rows])]
    ragged = json.dumps({"images": [[[1] * (k % 1000)] for k in range(60)]}).encode()
    most = 8 * 1024 * 1024
    sized = [
        b'{"pixels":[[' + unit * ((most - 40) // len(unit)) + last + b"]]}"
        for unit, last in ((b"0,", b"0"), (b"0.5,", b"1"), (b"[],", b"[]"), (b"{},", b"{}"))
    ]
    kind = "application/json"
    return [
        *(ask(one, "/v1/predict", kind) for one in (texts(), ragged, *sized)),
        *(ask(one, "/v2/models/digits/infer", kind) for one in (*infer, sized[0], sized[2])),
        ask(b'{"instances":' + sized[3][10:], "/v1/models/digits:predict", kind),
        ask(sized[0], "/v1/training", kind),
    ]


def files_in_json() -> list[bytes]:
    """Return heavy files in base64, and in forms."""
    found: list[bytes] = []
    for file in files().values():
        if len(file) < 5 * MB:
            text = json.dumps({"instances": [{"b64": b64encode(file).decode()}]}).encode()
            found.append(ask(text, "/v1/models/digits:predict", "application/json"))
            part = b'--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\n'
            body = part + file + b"\r\n--b--\r\n"
            found.append(ask(body, "/v1/predict", "multipart/form-data; boundary=b"))
    near = b"\r\n--" + b"b" * 60
    body = b'--%s\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\n' % (b"b" * 69)
    body += near * (7 * MB // len(near))
    found.append(ask(body, "/v1/predict", "multipart/form-data; boundary=" + "b" * 69))
    return found


def held_open(sent: list[bytes], connections: int, drip: bytes = b"") -> Attack:
    """Return an attack by clients that send something and then, each second, a little or nothing.

    They read nothing, and come again when they are thrown out.
    """

    def attack(port: int, seconds: float) -> None:
        end = time.monotonic() + seconds
        open_: list[socket.socket | None] = [None] * connections
        with ExitStack() as stack:
            while time.monotonic() < end:
                for at in range(connections):
                    one = open_[at]
                    try:
                        if one is None:
                            one = socket.socket()
                            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                            one.settimeout(0.5)
                            one.connect(("127.0.0.1", port))
                            stack.callback(one.close)
                            one.sendall(sent[at % len(sent)])
                        elif drip:
                            one.sendall(drip)
                        open_[at] = one
                    except OSError:
                        if one is not None:
                            one.close()
                        open_[at] = None
                time.sleep(0.5)

    return attack


UPLOAD = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n".replace(
    b"Host: x", b"Host: 127.0.0.1"
)
GET = "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
WEIGHTS = (GET % "/v1/models/reader/model.safetensors").encode()
PAGE = (GET % "/").encode() * 50

IMAGES = (GET % "/v1/runs/digits/images?limit=1000&truth=3").encode()

ATTACKS: dict[str, Attack] = {
    "bodies of JSON": flood(json_bodies),
    "JPEGs of many scans": flood(partial(of_files, "scans"), 80),
    "animations and TIFFs": flood(partial(of_files, " of ")),
    "all heavy files": flood(of_files, 30),
    "heavy files in JSON and forms": flood(files_in_json),
    "uploads of a byte a second": held_open([UPLOAD], 66, b"x"),
    "many uploads of a byte a second": held_open([UPLOAD], 300, b"x"),
    "uploads that stop before their end": held_open([UPLOAD + bytes(4_900_000)], 20),
    "heads of a byte a second": held_open([b"GET / HTTP/1.1\r\nX: "], 300, b"y"),
    "connections that send nothing": held_open([b""], 600),
    "clients that do not read": held_open([WEIGHTS * 9, PAGE], 200),
    "requests that evaluate": flood(lambda: [IMAGES], 100),
    "clients that leave at once": flood(lambda: [ask(bar())[:-5], *of_files("scans")], 30),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_honest_clients_are_answered(name: str) -> None:
    attack = ATTACKS[name]
    attack_needs = files()  # made before the clock runs
    assert attack_needs
    with serving("--timeout", str(LIMIT)) as service:
        with honest_clients(service) as seen:
            attack(service.port, SECONDS)
        assert service.process.poll() is None, "the service died"
        assert seen.asked > CONNECTIONS  # other tests may take most of the processor
        assert seen.share >= LEAST_SHARE, seen
        assert max(seen.memory) < MOST_MEMORY
        # It ends within its limit although some of the attack is still at work.
        going_on = threading.Thread(target=attack, args=(service.port, 2.0))
        going_on.start()
        time.sleep(1)
        begin = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        with suppress(OSError):
            assert service.process.wait(LIMIT + 2) == 0
        took = time.monotonic() - begin
        going_on.join()
        assert service.process.stderr is not None
        log = service.process.stderr.read()
        print(
            f"{name}: {seen.answered}/{seen.asked}, slowest {seen.slowest:.2f} s, "
            f"{max(seen.memory)} MB, ended after {took:.1f} s"
        )
        assert "Traceback" not in log, log[-3000:]
