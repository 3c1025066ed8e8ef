"""Admission control, tried with applications that read, wait, or answer in pieces."""

import asyncio
import json

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.serving.http.admission import AdmissionMiddleware
from lenet.serving.http.limits import HEAD_BYTES, SMALL_BODY, Limits
from lenet.serving.http.responses import problem

LIMITS = Limits(body=100, concurrent=2, seconds=1)


class Answer:
    """What was answered, and how much of the body was taken."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.taken = 0


async def ask(
    app: ASGIApp,
    body: list[bytes] | None = None,
    headers: dict[str, str] | None = None,
    path: str = "/v1/x",
    waits: bool = False,
) -> Answer:
    """Send a request whose body comes in pieces; with `waits` it is never complete."""
    answer, pieces = Answer(), list(body or [])

    async def receive() -> Message:
        if not pieces and waits:
            await asyncio.sleep(60)
        piece = pieces.pop(0) if pieces else b""
        answer.taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces) or waits}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            answer.body += message["body"]

    named = {"content-length": str(sum(map(len, pieces)))} if headers is None else headers
    encoded = [(name.encode(), value.encode()) for name, value in named.items()]
    await app({"type": "http", "path": path, "method": "POST", "headers": encoded}, receive, send)
    return answer


async def reads(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when the whole body is read, as an application whose errors are answered would."""
    try:
        while (await receive()).get("more_body"):
            pass
    except HTTPException as error:
        await problem(error.status_code, error.detail)(scope, receive, send)
        return
    await answers(scope, receive, send)


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"well"})


async def waits(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(60)


async def streams(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer for longer than an answer may take to begin."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.sleep(2 * LIMITS.seconds)
    await send({"type": "http.response.body", "body": b"at last"})


@pytest.mark.parametrize(
    ("body", "headers", "status", "taken"),
    [
        ([b"x" * 100], None, 200, 100),
        ([b"x" * 50] * 2, {"transfer-encoding": "chunked"}, 200, 100),
        # A little too much is read to its end, so that the client reads our answer.
        ([b"x" * 101], None, 413, 101),
        ([b"x" * 50] * 4, {"transfer-encoding": "chunked"}, 413, 200),
        # Far too much is not, nor what says that it is.
        ([b"x" * 50] * 400, {"transfer-encoding": "chunked"}, 413, 250),
        ([b"x" * 50] * 400, {"content-length": "7"}, 413, 250),
        ([b"x" * 50] * 400, {"content-length": "20000"}, 413, 50),
        ([b"x"], {"content-length": "9" * 5000}, 413, 1),
        ([b"x" * 101], {"content-length": "-1"}, 413, 101),
    ],
)
def test_a_body_is_counted_as_it_comes(
    body: list[bytes], headers: dict[str, str] | None, status: int, taken: int
) -> None:
    gate = AdmissionMiddleware(reads, LIMITS)
    answer = asyncio.run(ask(gate, body, headers))
    assert (answer.status, answer.taken) == (status, taken)
    assert (gate.working, gate.held) == (0, 0)


def test_what_was_not_read_ends_the_connection() -> None:
    unread = asyncio.run(ask(AdmissionMiddleware(answers, LIMITS), [b"x"] * 5))
    assert unread.headers["connection"] == "close"
    assert (
        "connection" not in asyncio.run(ask(AdmissionMiddleware(reads, LIMITS), [b"x"] * 5)).headers
    )
    assert "connection" not in asyncio.run(ask(AdmissionMiddleware(answers, LIMITS))).headers


@pytest.mark.parametrize(
    ("app", "never_complete", "status", "sentence"),
    [
        (waits, False, 503, "the answer was not ready after 1 s"),
        (reads, True, 408, "the request was not complete after 1 s"),
        (waits, True, 408, "the request was not complete after 1 s"),
        pytest.param(streams, False, 200, None, marks=pytest.mark.slow),
    ],
)
def test_time(app: ASGIApp, never_complete: bool, status: int, sentence: str | None) -> None:
    gate = AdmissionMiddleware(app, LIMITS)
    headers = {"content-length": "10"} if never_complete else None
    answer = asyncio.run(ask(gate, [b"x"] if never_complete else [], headers, waits=never_complete))
    assert answer.status == status
    if sentence is None:
        assert answer.body == b"at last"
    else:
        assert json.loads(answer.body) == {"error": sentence}
        assert answer.headers.get("retry-after") == ("1" if status == 503 else None)
    assert (gate.working, gate.held) == (0, 0)


async def crowd(gate: AdmissionMiddleware, paths: list[str]) -> list[Answer]:
    return list(await asyncio.gather(*(ask(gate, path=path) for path in paths)))


@pytest.mark.slow
def test_one_too_many_is_told_to_come_again() -> None:
    gate = AdmissionMiddleware(waits, LIMITS)
    statuses = [one.status for one in asyncio.run(crowd(gate, ["/v1/x"] * 3))]
    assert statuses == [503, 503, 503]  # two were too slow
    answers_ = asyncio.run(crowd(AdmissionMiddleware(waits, LIMITS), ["/v1/x", "/v2/x", "/v1/x"]))
    assert b"busy with 2 requests" in answers_[2].body
    assert answers_[2].headers["retry-after"] == "1"
    assert gate.working == 0


def test_health_is_told_when_all_is_busy() -> None:
    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        await (answers if scope["path"] == "/healthz" else waits)(scope, receive, send)

    found = asyncio.run(crowd(AdmissionMiddleware(busy, LIMITS), ["/v1/x", "/v1/x", "/healthz"]))
    assert found[2].status == 200


@pytest.mark.slow
def test_an_answer_that_goes_on_makes_room() -> None:
    found = asyncio.run(crowd(AdmissionMiddleware(streams, LIMITS), ["/v1/x"] * 9))
    assert {one.status for one in found} == {200}


def test_all_bodies_together_are_bounded() -> None:
    limits = Limits(body=100_000, concurrent=1000, seconds=1)
    gate = AdmissionMiddleware(reads, limits)

    async def many(size: int) -> list[int]:
        headers = {"content-length": "100000"}
        asked = [ask(gate, [b"x" * size], headers, "/v1/predict", waits=True) for _ in range(9)]
        return [one.status for one in await asyncio.gather(*asked)]

    held = limits.held // 90_000
    assert asyncio.run(many(90_000)) == [408] * held + [503] * (9 - held)
    assert asyncio.run(many(SMALL_BODY)) == [408] * 9  # there is always room for small ones
    assert gate.held == 0


def test_a_body_that_has_not_come_takes_no_place() -> None:
    gate = AdmissionMiddleware(reads, LIMITS)

    async def uploads_and_one_more() -> list[Answer]:
        headers = {"content-length": "10"}
        slow = [ask(gate, [b"x"], headers, waits=True) for _ in range(5 * LIMITS.concurrent)]
        return list(await asyncio.gather(*slow, ask(gate, [b"x"])))

    assert [one.status for one in asyncio.run(uploads_and_one_more())] == [408] * 10 + [200]


def test_other_paths_take_small_bodies_only() -> None:
    gate = AdmissionMiddleware(reads, Limits())
    large = [b"x" * (SMALL_BODY + 1)]
    assert asyncio.run(ask(gate, large, path="/v1/training")).status == 413
    for path in ("/v1/predict", "/v1/read", "/v2/models/digits/infer", "/v1/models/a:predict"):
        assert asyncio.run(ask(gate, large, path=path)).status == 200


def test_a_large_answer_is_sent_in_pieces_and_they_are_bounded_together() -> None:
    most = Limits(body=25_000, seconds=1)  # 100,000 bytes together
    sizes: list[int] = []

    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            sizes.append(len(message.get("body", b"")))
            await asyncio.sleep(0)  # as a client that does not read yet
            await send(message)

        await Response(b"x" * 90_000)(scope, receive, noted)

    gate = AdmissionMiddleware(large, most)
    answers_ = asyncio.run(crowd(gate, ["/v1/x", "/v1/x"]))
    assert [one.status for one in answers_] == [200, 503]
    assert answers_[0].body == b"x" * 90_000
    assert gate.answering == 0


def test_a_long_head() -> None:
    answer = asyncio.run(ask(AdmissionMiddleware(answers, LIMITS), headers={"x": "y" * HEAD_BYTES}))
    assert answer.status == 431


def test_a_defect_passes_and_leaves_no_trace() -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("defect")

    gate = AdmissionMiddleware(fails, LIMITS)
    with pytest.raises(RuntimeError, match="defect"):
        asyncio.run(ask(gate))
    assert (gate.working, gate.held) == (0, 0)
