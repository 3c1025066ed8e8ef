"""Requests that mean harm, to a real service: each is refused, it lives, its memory is bounded.

What is no HTTP is answered with 400 or by closing the connection. Whatever comes as JSON has the
form of every error.
"""

import contextlib
import json
import re
import socket
import struct
import time
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from tests.serving.service import SEVEN, Service, as_file, drawn, read_all, serving

BODY = 1_000_000
SECONDS = 5
MOST_MEMORY = 1000  # MB; without the limits, some of these take as much and more by themselves


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, more: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def post(path: str, body: bytes, kind: str = "image/png", headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{headers}"
    return head.encode("latin-1") + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def predict(body: bytes, kind: str = "image/png", headers: str = "") -> bytes:
    return post("/v1/predict", body, kind, headers)


def js(text: str | bytes, path: str = "/v1/predict") -> bytes:
    body = text if isinstance(text, bytes) else text.encode()
    return post(path, body, "application/json")


def get(path: str, headers: str = "", host: str = "127.0.0.1") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode("latin-1")


def form(body: bytes) -> bytes:
    return predict(body, "multipart/form-data; boundary=b")


def infer(table: object, behind: bytes = b"", headers: str = "") -> bytes:
    body = json.dumps(table).encode() + behind
    return post("/v2/models/digits/infer", body, "application/json", headers)


POST = b"POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="a"; filename="x.png"\r\n\r\n%s\r\n'
HOST = b"Host: 127.0.0.1\r\n"
LENGTH = b"Content-Length: "
TENSOR = {"name": "image", "datatype": "FP32", "shape": [1, 28, 28]}

# What it is called, the bytes, and the statuses that may answer; 0: the connection is closed.
HOSTILE: list[tuple[str, bytes, tuple[int, ...]]] = [
    ("garbage for a picture", predict(bytes(range(256)) * 40), (422,)),
    ("nothing for a picture", predict(b""), (422,)),
    ("half a PNG", predict(SEVEN[: len(SEVEN) // 2]), (422,)),
    ("a PNG's signature", predict(SEVEN[:8]), (422,)),
    ("half a JPEG", predict(as_file(drawn(), "JPEG")[:400]), (422,)),
    ("a PNG that claims 10 billion pixels", predict(png(100_000, 100_000, b"")), (422,)),
    ("one that claims 4 billion rows", predict(png(1, 2**32 - 1, b"")), (422,)),
    (
        "one of 900 million black pixels",
        predict(png(30_000, 30_000, zlib.compress(bytes(900_000)))),
        (422,),
    ),
    ("one of no pixels", predict(png(0, 0, zlib.compress(b""))), (422,)),
    (
        "a text chunk that unpacks to 500 MB",
        predict(
            png(
                1,
                1,
                zlib.compress(b"\0\0"),
                chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(500_000_000))),
            ),
        ),
        (200, 422),
    ),
    (
        "a GIF that claims 4 billion pixels",
        predict(b"GIF89a\xff\xff\xff\xff\0\0\0" + b"," + bytes(4) + b"\xff" * 4 + b"\0\2\1\0\0;"),
        (422,),
    ),
    (
        "a TIFF with tags in a circle",
        predict(b"II*\0\x08\0\0\0\1\0\0\1\3\0\1\0\0\0\1\0\0\0\x08\0\0\0"),
        (422,),
    ),
    (
        "PostScript",
        predict(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(w) (x) file\n"),
        (422,),
    ),
    ("a body beyond the limit", predict(bytes(BODY + 1)), (413,)),
    ("one far beyond it", predict(bytes(5 * BODY)), (413, 0)),
    (
        "one in chunks",
        POST + CHUNKED + b"\r\n" + (b"10000\r\n" + bytes(65536) + b"\r\n") * 40,
        (413,),
    ),
    ("an enormous length", POST + LENGTH + b"9" * 18 + b"\r\n\r\n" + SEVEN, (413,)),
    (
        "a longer length than the body",
        POST + LENGTH + b"%d\r\n\r\n" % (len(SEVEN) + 9) + SEVEN,
        (408,),
    ),
    ("a shorter length than the body", POST + LENGTH + b"20\r\n\r\n" + SEVEN, (422,)),
    ("a negative length", POST + LENGTH + b"-5\r\n\r\n", (400, 0)),
    ("a length that is none", POST + LENGTH + b"0x10\r\n\r\n", (400, 0)),
    ("two lengths", POST + LENGTH + b"5\r\n" + LENGTH + b"6\r\n\r\nhello", (400, 0)),
    (
        "length and chunks",
        POST
        + LENGTH
        + b"4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        (400, 422, 0),
    ),
    (
        "chunks of another kind",
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n",
        (400, 501, 0),
    ),
    ("a chunk of no size", POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", (400, 408, 0)),
    ("deep JSON", js("[" * 400_000), (422,)),
    ("deep JSON that ends", js('{"pixels":' + "[" * 90_000 + "]" * 90_000 + "}"), (422,)),
    ("a million empty lists", js('{"images":[' + "[]," * 300_000 + "[]]}"), (413,)),
    ("a million objects", js("[" + "{}," * 300_000 + "{}]"), (422,)),
    ("a number of 400,000 digits", js('{"pixels":[[' + "9" * 400_000 + "]]}"), (422,)),
    ("no number", js('{"pixels":[[NaN]]}'), (422,)),
    ("infinity", js('{"pixels":[[1e400]]}'), (422,)),
    ("pixels of many kinds", js('{"pixels":[[1,"1",null,{}]]}'), (422,)),
    ("ragged rows", js('{"pixels":[[1,2],[1]]}'), (422,)),
    ("null bytes in JSON", js(b"\0" * 1000), (422,)),
    ("JSON in UTF-16", js('{"pixels":[[0]]}'.encode("utf-16")), (200, 422)),
    ("65 pictures", js('{"images":[' + "[[0]]," * 64 + "[[0]]]}"), (413,)),
    ("65 parts", form(PART % SEVEN * 65 + b"--b--\r\n"), (413,)),
    ("parts without end", form(b"--b\r\n" * 100_000), (400,)),
    ("a part's head without end", form(b"--b\r\nX: " + b"x" * 900_000), (400,)),
    ("many heads of a part", form(b"--b\r\n" + b"X: y\r\n" * 100_000), (400,)),
    ("a form that does not end", form(PART % SEVEN), (200, 400, 422)),
    ("an endless boundary", predict(b"x", "multipart/form-data; boundary=" + "b" * 20_000), (400,)),
    ("no boundary", predict(b"x", "multipart/form-data"), (400,)),
    (
        "a name that climbs",
        form(PART.replace(b"x.png", b"../../etc/passwd") % b"x" + b"--b--\r\n"),
        (422,),
    ),
    (
        "a packed body",
        predict(zlib.compress(bytes(50_000_000)), headers="Content-Encoding: gzip\r\n"),
        (415,),
    ),
    (
        "a wrong data type",
        infer({"inputs": [{**TENSOR, "datatype": "FP16", "data": [0] * 784}]}),
        (400,),
    ),
    (
        "a shape beyond memory",
        infer({"inputs": [{**TENSOR, "shape": [2**31 - 1] * 8, "data": [0]}]}),
        (413,),
    ),
    (
        "a shape that overflows",
        infer({"inputs": [{**TENSOR, "shape": [2**62, 4], "data": [0]}]}),
        (400,),
    ),
    (
        "no numbers in a tensor",
        infer({"inputs": [{**TENSOR, "data": [float("nan")] * 784}]}),
        (400,),
    ),
    (
        "bytes that are not there",
        infer({"inputs": [{**TENSOR, "parameters": {"binary_data_size": 3136}}]}),
        (400,),
    ),
    (
        "a JSON longer than the body",
        infer({}, headers="Inference-Header-Content-Length: 99999999999\r\n"),
        (400,),
    ),
    ("an unknown network", post("/v1/predict?model=" + "x" * 3000, SEVEN), (404,)),
    ("a network that climbs", get("/v1/models/..%2F..%2F..%2Fetc%2Fpasswd/config.json"), (404,)),
    ("a file that climbs", get("/assets/../../../../etc/passwd"), (404,)),
    ("one that climbs in code", get("/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd"), (404,)),
    ("a null byte in a path", get("/assets/%00"), (404,)),
    ("a null byte in a name", post("/v1/predict?model=%00", SEVEN), (404,)),
    ("a path that is no UTF-8", get("/%ff%fe"), (404,)),
    ("a query of 30,000 signs", post("/v1/read?pattern=" + "d" * 30_000, SEVEN), (400, 422)),
    ("a pattern of many states", post("/v1/read?pattern=" + "d*1d%7B9%7D" * 9, SEVEN), (422,)),
    ("an unknown method", b"BREW /v1/predict HTTP/1.1\r\n" + HOST + b"\r\n", (405,)),
    ("TRACE", b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", (404, 405)),
    ("CONNECT", b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + HOST + b"\r\n", (400, 404, 405, 0)),
    ("a whole address", b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", (421,)),
    ("a foreign name", get("/v1/models", host="evil.example"), (421,)),
    ("no name", b"GET /v1/models HTTP/1.1\r\n\r\n", (400, 0)),
    ("two names", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", (400, 0)),
    ("a foreign page", predict(SEVEN, headers="Origin: http://evil.example\r\n"), (403,)),
    ("a head of 100,000 bytes", get("/", "X: " + "x" * 100_000 + "\r\n"), (400, 431, 0)),
    ("a head of 10,000 lines", get("/", "X: y\r\n" * 10_000), (400, 431, 0)),
    ("a line end in a head", get("/v1/models", "X: a\rb\r\n"), (400, 0)),
    ("a blank before the colon", get("/v1/models", "X : a\r\n"), (400, 0)),
    ("HTTP/0.9", b"GET /\r\n\r\n", (400, 0)),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 421, 0)),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), (400, 0)),
    (
        "an upgrade",
        get("/v1/models", "Connection: upgrade\r\nUpgrade: websocket\r\n"),
        (200, 400, 0),
    ),
    ("noise", np.random.default_rng(0).bytes(5000), (400, 0)),
]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving("--max-body", str(BODY), "--timeout", str(SECONDS)) as one:
        yield one
        assert one.process.poll() is None, "the service died"


def status_of(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0


def assert_well(service: Service) -> None:
    answer = service.raw(predict(SEVEN))
    assert status_of(answer) == 200
    assert b'"label":"7"' in answer
    assert service.greatest_resident < MOST_MEMORY


@pytest.mark.parametrize(("name", "sent", "statuses"), HOSTILE, ids=[one[0] for one in HOSTILE])
def test_harm_is_refused(
    service: Service, name: str, sent: bytes, statuses: tuple[int, ...]
) -> None:
    answer = service.raw(sent)
    assert status_of(answer) in statuses, answer[:500]
    assert b"Traceback" not in answer
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"application/json" in head and status_of(answer) >= 400:
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        assert list(json.loads(body[: int(length[1])])) == ["error"]
    assert_well(service)


def test_there_are_forty_of_them() -> None:
    assert len({name for name, _, _ in HOSTILE}) == len(HOSTILE) >= 40


def test_large_pictures_take_turns(service: Service) -> None:
    # 25 million pixels are allowed, and several at once must not be decoded at once.
    file = as_file(Image.new("RGBA", (5000, 5000), (255, 255, 255, 0)), optimize=False)
    assert len(file) < BODY
    with contextlib.ExitStack() as stack:
        open_ = [stack.enter_context(service.connect()) for _ in range(6)]
        for connection in open_:
            connection.sendall(predict(file))
        statuses = [status_of(read_all(connection)) for connection in open_]
    assert set(statuses) <= {200, 503}
    assert service.process.poll() is None
    assert service.greatest_resident < MOST_MEMORY


def test_a_slow_body_is_cut_off(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(predict(SEVEN)[:-100])
        for _ in range(20):
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x")
            time.sleep(SECONDS / 15)
        answer = read_all(connection)
    assert status_of(answer) == 408
    assert b"connection: close" in answer
    assert b"the request was not complete after 5 s" in answer
    assert_well(service)


def test_idle_connections_do_not_stay(service: Service) -> None:
    with service.connect() as nothing, service.connect() as slowly:
        slowly.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        start = time.monotonic()
        assert slowly.recv(1000) == b""
        assert nothing.recv(1000) == b""
        assert time.monotonic() - start < 19  # the sockets' own patience is 20
    assert_well(service)


def test_who_leaves_early_is_not_missed(service: Service) -> None:
    for sent in (predict(SEVEN), predict(SEVEN)[:-10], b"POST /v1", get("/metrics")):
        for _ in range(20):
            with service.connect() as connection:
                connection.sendall(sent)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert_well(service)
    # It hears of each in its own time; in the end this request for the count is the only one left.
    latest = time.monotonic() + 20
    while b"lenet_requests_in_flight 1.0" not in (text := service.raw(get("/metrics"))):
        assert time.monotonic() < latest, text


def test_many_requests_at_once_on_a_connection(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(get("/healthz") * 50 + get("/healthz", "Connection: close\r\n"))
        found = b""
        while part := connection.recv(65536):
            found += part
    assert found.count(b"HTTP/1.1 200 OK") == 51
