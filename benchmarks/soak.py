"""Sends mutated requests and picture files to ``lenet serve``, and watches it.

    python benchmarks/soak.py                # 50,000 requests, 20,000 files of each format
    python benchmarks/soak.py --share 0.01 --out /tmp/soak.json  # a hundredth, as the tests do

It fails if the service answers 500, ends, writes a traceback, gives an honest picture another
answer, or if its memory grows. Raw results: ``benchmarks/results/soak.json``;
table: ``docs/security.md``.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from PIL import Image

from load import request
from mutated import endlessly, mutated, pictures
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results" / "soak.json"
REQUESTS = 50_000
FILES = 20_000  # of each format
CONNECTIONS = 8
IN_FORM = 8  # files in a request
PATIENCE = 60.0  # seconds for an answer, on a machine that has much else to do
GROWTH = 1.25  # of the memory after a fifth of the requests
SLACK = 40  # MB


@dataclass
class Found:
    """What the service answered, and how much memory it had."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    faults: list[str] = field(default_factory=list[str])
    memory: list[int] = field(default_factory=list[int])


def honest() -> bytes:
    """Return a request whose answer is known: a one as MNIST has it."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    file = Path(tempfile.gettempdir()) / f"soak-{os.getpid()}.png"
    Image.fromarray(image).save(file)
    content = file.read_bytes()
    file.unlink()
    return request("/v1/predict", content, "image/png")


def requests(random: Generator) -> list[bytes]:
    """Return whole requests of each kind."""
    pixels = json.dumps({"pixels": random.integers(0, 256, (28, 28)).tolist()}).encode()
    fractions = json.dumps({"instances": random.random((3, 12, 12)).round(2).tolist()}).encode()
    tensor = {"name": "image", "datatype": "FP32", "shape": [1, 28, 28], "data": [0.5] * 784}
    infer = json.dumps({"inputs": [tensor], "outputs": [{"name": "label"}]}).encode()
    file = pictures()["PNG"][0]
    part = (
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n%s\r\n--b--\r\n'
    )
    kind = "application/json"
    heads = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        for path in ("/", "/v1/models", "/v1/models/digits/config.json", "/metrics", "/v2", "/docs")
    ]
    return [
        request("/v1/predict?reject_error=0.01", file, "image/png"),
        request("/v1/read?pattern=d{2,4}", file, "image/png"),
        request("/v1/predict", pixels, kind),
        request("/v1/models/digits:predict", fractions, kind),
        request("/v2/models/digits/infer", infer, kind),
        request("/v1/predict", part % file, "multipart/form-data; boundary=b"),
        *heads,
    ]


def bodies_mutated(random: Generator) -> Iterator[tuple[bytes, bool]]:
    """Yield requests with a mutated body, or, in every fourth, a mutated head; and which it is."""
    whole = requests(random)
    while True:
        one = whole[int(random.integers(len(whole)))]
        head, _, body = one.partition(b"\r\n\r\n")
        if not body or random.integers(4) == 0:
            yield mutated(one, random), False
            continue
        body = mutated(body, random)
        lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
        yield b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body]), True


def forms(contents: list[bytes], count: int, random: Generator) -> Iterator[tuple[bytes, bool]]:
    """Yield requests with `count` mutated files together."""
    files = islice(endlessly(contents, random), count)
    paths = ("/v1/predict?model=digits", "/v1/read", "/v1/predict?model=fashion")
    number = 0
    while some := list(islice(files, IN_FORM)):
        boundary = b"soak%016x" % int(random.integers(1 << 62))
        body = b"".join(
            b'--%s\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n%s\r\n'
            % (boundary, one)
            for one in some
        )
        body += b"--%s--\r\n" % boundary
        kind = f"multipart/form-data; boundary={boundary.decode()}"
        yield request(paths[number % len(paths)], body, kind), True
        number += 1


def memory_of(process: int) -> int:
    """Return the resident memory of a process and of those that it started, in MB."""
    with suppress(OSError):
        status = Path(f"/proc/{process}/status").read_text()
        own = int(status.partition("VmRSS:")[2].split()[0]) // 1024
        children = {
            int(one)
            for task in Path(f"/proc/{process}/task").iterdir()
            for one in (task / "children").read_text().split()
        }
        return own + sum(memory_of(one) for one in children)
    return 0


async def answer_of(port: int, sent: bytes, is_whole: bool = True) -> tuple[int, bytes]:
    """Send a request over a connection of its own; return its status, 0 for none, and its body."""
    writer = None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            if not is_whole:
                writer.write_eof()  # the service need not wait for the rest
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].split()[:1]
            body = await reader.readexactly(int(length[0])) if length else b""
            return int(head.split()[1]), body
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return 0, b""
    finally:
        if writer is not None:
            writer.transport.abort()


async def send(port: int, process: int, sent: Iterator[tuple[bytes, bool]], found: Found) -> None:
    """Send requests over some connections at a time; now and then an honest one."""
    known = honest()

    async def worker() -> None:
        for number, one in enumerate(sent):
            try:
                status, body = await answer_of(port, *one)
            except TimeoutError:
                status, body = -1, b""
            found.statuses[status] += 1
            if (status >= 500 and status != 503) or status == -1:
                found.faults.append(f"{status} {body[:200]!r} to {one[0][:300]!r}")
            if number % 50 == 0:
                found.memory.append(memory_of(process))
                status, body = await answer_of(port, known)
                if status != 200 or b'"label":"1"' not in body:
                    found.faults.append(f"an honest picture got {status} {body[:200]!r}")

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
    await asyncio.sleep(0.1)  # until the connections are closed


def soak(share: float, seed: int = 0) -> dict[str, Any]:
    """Run all of it, or a share; return what was found, with all faults.

    Raises
    ------
    AssertionError
        The service did not start.
    """
    random = np.random.default_rng(seed)
    begin = time.monotonic()
    rows: dict[str, Any] = {}
    faults: list[str] = []
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lenet", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert ":" in line, "the service did not start"
            port = int(line.rpartition(":")[2].split()[0])
            jobs: dict[str, tuple[int, Iterator[tuple[bytes, bool]]]] = {
                "requests": (
                    int(share * REQUESTS),
                    islice(bodies_mutated(random), int(share * REQUESTS)),
                )
            }
            for name, contents in pictures().items():
                jobs[name] = (int(share * FILES), forms(contents, int(share * FILES), random))
            memory: list[int] = []
            for name, (count, sent) in jobs.items():
                found, start = Found(), time.monotonic()
                asyncio.run(send(port, process.pid, sent, found))
                memory += found.memory
                faults += [f"{name}: {one}" for one in found.faults]
                rows[name] = {
                    "count": count,
                    "statuses": {str(k): n for k, n in sorted(found.statuses.items())},
                    "seconds": round(time.monotonic() - start, 1),
                    "memory_mb": found.memory[-1] if found.memory else 0,
                }
                print(name, rows[name], flush=True)
                if process.poll() is not None:
                    faults.append(f"the service ended with {process.returncode}")
                    break
            early = max(memory[: max(len(memory) // 5, 1)])
            late = sorted(memory[-max(len(memory) // 5, 1) :])
            if late[len(late) // 2] > GROWTH * early + SLACK:
                faults.append(f"it grew from {early} to {late[len(late) // 2]} MB")
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
            if process.stdout is not None:
                process.stdout.close()
        if code:
            faults.append(f"after SIGTERM it ended with {code}")
        log.seek(0)
        written = log.read()
    if written:
        faults.append(f"it wrote {written[-3000:]}")
    return {
        "share": share,
        "seed": seed,
        "python": platform.python_version(),
        "seconds": round(time.monotonic() - begin, 1),
        "memory_mb": {"early": early, "late": late[len(late) // 2], "most": max(memory)},
        "rows": rows,
        "faults": faults,
    }


def table(result: dict[str, Any]) -> str:
    """Return what was sent and what came of it."""
    rows = result["rows"]
    lines = ["| sent | mutations | answers: status and count |", "|---|--:|---|"]
    for name, row in rows.items():
        statuses = ", ".join(
            f"{'closed' if status == '0' else status} {count:,}"
            for status, count in row["statuses"].items()
        )
        lines.append(f"| {name} | {row['count']:,} | {statuses} |")
    memory = result["memory_mb"]
    faults = len(result["faults"])
    lines += [
        "",
        f"{result['share']:.0%} of the soak of {REQUESTS:,} requests and {FILES:,} files of each "
        f"format, {IN_FORM} files in a request: {faults or 'no'} faults (an answer 500, a "
        "traceback, a crash, a wrong answer to an honest picture). All processes together had "
        f"{memory['early']} MB at first, {memory['late']} MB at the end, {memory['most']} MB at "
        "most.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of all requests and files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", action="store_true", help="only write the table again")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    if not arguments.table:
        result = soak(arguments.share, arguments.seed)
        arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    result = json.loads(arguments.out.read_text())
    if arguments.out == RESULTS:
        replace_table("soak", table(result), ROOT / "docs" / "security.md")
    for one in result["faults"]:
        print(one, file=sys.stderr)
    sys.exit(1 if result["faults"] else 0)


if __name__ == "__main__":
    main()
