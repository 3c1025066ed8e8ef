"""Jobs in real processes: results as in this one, and what becomes of those that go wrong."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.exceptions import HTTPException
from tests.attacks.heavy_files import many_scans, plain
from tests.serving.service import SEVEN, as_file, drawn

from lenet.artifact import load
from lenet.serving.http.limits import Limits
from lenet.serving.work.children import Child, Children
from lenet.serving.work.jobs import Job, run
from lenet.serving.work.messages import Message

PREDICT = Job("predict", pictures="digits", shape=(1, 28, 28))


async def never() -> bool:
    return False


@contextmanager
def children(limits: Limits | None = None) -> Generator[Callable[[Job, bytes], Message]]:
    """Give a function that does a job in a process."""
    several = Children(limits or Limits(), load)
    with asyncio.Runner() as runner:

        async def begin() -> None:
            several.open()

        runner.run(begin())
        try:
            yield lambda job, body: runner.run(several.do(job, body, never))
        finally:
            several.close()


def assert_same(one: Message, other: Message) -> None:
    assert one.table == other.table
    assert len(one.arrays) == len(other.arrays)
    assert all(map(np.array_equal, one.arrays, other.arrays))


@pytest.mark.slow
def test_results_are_those_of_this_process() -> None:
    reader = load("reader")
    form = b'--b\r\nContent-Disposition: form-data; name="a"; filename="7"\r\n\r\n%s\r\n--b--\r\n'
    boundary = "multipart/form-data; boundary=b"
    tensor = b'{"inputs":[{"name":"image","datatype":"FP32","shape":[1,2],"data":[3,4]}]}'
    jobs = [
        (PREDICT, SEVEN),
        (replace(PREDICT, source="form", content_type=boundary), form % SEVEN),
        (replace(PREDICT, source="json"), b'{"images":[[[0,255]],{"b64":"AAAA"}]}'),
        (Job("read", network="reader", trellis=True, length=1), SEVEN),
        (Job("tensors"), tensor),
        (PREDICT, as_file(drawn(size=(2100, 2100)), "PNG")),  # it takes a turn
    ]
    with children() as do:
        for job, body in jobs * 2:
            assert_same(do(job, body), run(job, body, reader, has_turn=True))


@pytest.mark.slow
def test_a_request_that_is_refused_is_refused_here() -> None:
    with children() as do:
        with pytest.raises(HTTPException, match="the body must be") as refused:
            do(replace(PREDICT, source="json"), b"{}")
        assert refused.value.status_code == 422
        # A picture that cannot be read is no reason to refuse the others.
        assert "error" in do(PREDICT, b"x").table["pages"][0]


@pytest.mark.slow
def test_a_job_that_takes_too_long_is_ended() -> None:
    heavy = as_file(np.random.default_rng(0).integers(0, 256, (2400, 2400), np.uint8), "PNG")
    with children(Limits(seconds=0.05)) as do:
        with pytest.raises(HTTPException, match=r"takes more than 0\.05 s of work") as refused:
            do(PREDICT, heavy)
        assert refused.value.status_code == 413
    with children() as do:
        assert "more than 100 scans" in do(PREDICT, many_scans()).table["pages"][0]["error"]


@pytest.mark.slow
def test_a_process_that_dies_is_replaced() -> None:
    child = Child()
    child.start()

    async def scene() -> None:
        several = Children(Limits(), load)
        several.open()
        several._idle.append(child)  # pyright: ignore[reportPrivateUsage]
        process = child.start()
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(HTTPException, match="crashed") as refused:
            await several.do(PREDICT, SEVEN, never)
        assert refused.value.status_code == 422
        assert "several" in (await several.do(PREDICT, SEVEN, never)).table["pages"][0]
        several.close()

    asyncio.run(scene())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
def test_memory_is_bounded() -> None:
    limits = Limits(pixels=100_000_000)
    small = replace(limits, pixels=26_000_000)
    with children(limits) as do:
        job = replace(PREDICT, limits=replace(small, pixels=1_000_000))
        lists = b'{"pixels":[[' + b"[]," * 2_700_000 + b"[]]]}"
        with pytest.raises(HTTPException, match="more memory") as refused:
            do(replace(job, source="json"), lists)
        assert refused.value.status_code == 413
        # A large picture of a format whose decoder speaks of no memory has its turn.
        large = plain("WEBP", 2500, method=0)
        found = do(replace(PREDICT, limits=small), large)
        assert "error" not in found.table["pages"][0]


@pytest.mark.slow
def test_who_has_left_and_who_is_one_too_many() -> None:
    async def gone() -> bool:
        return True

    async def scene() -> None:
        several = Children(Limits(concurrent=4), load)
        several.open()
        with pytest.raises(HTTPException, match="closed"):
            await several.do(PREDICT, SEVEN, gone)
        crowd: list[Awaitable[Message]] = [several.do(PREDICT, SEVEN, never) for _ in range(5)]
        done = await asyncio.gather(*crowd, return_exceptions=True)
        refused = [one.status_code for one in done if isinstance(one, HTTPException)]
        assert refused == [503] * 3  # two of four may wait
        several.close()

    asyncio.run(scene())


@pytest.mark.slow
def test_processes_end_with_the_service(tmp_path: Path) -> None:
    child = Child()
    process = child.start()
    assert process.stdin is not None
    process.stdin.close()  # as when the service is killed
    assert process.wait(20) == 0
    child.kill()
    child.close_pipes()
