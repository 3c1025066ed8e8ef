"""How many requests ``lenet serve`` answers a second, and what it does with more than it can.

    python benchmarks/serving.py

Starts the service, and asks it on loopback from this process: both share the machine. Raw results:
``benchmarks/results/serving.json``; table: ``docs/serve.md``.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.data import load_data
from load import load, request
from readme import ROOT, replace_table

RESULTS = Path(__file__).parent / "results" / "serving.json"
PAGE = ROOT / "docs" / "serve.md"
PICTURES = 200
CONNECTIONS = 32
CROWD = 200  # connections, of which the service is told to work for 16


def png(image: NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def on_canvas(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Draw a digit as one does on a page: dark on white, 280 × 280, not in the middle."""
    page = Image.new("L", (280, 280), 255)
    page.paste(Image.fromarray(255 - image).resize((140, 140), Image.Resampling.BICUBIC), (90, 60))
    return np.asarray(page)


def kinds() -> dict[str, list[bytes]]:
    """Return requests of each kind."""
    images = load_data("mnist").test.images[:PICTURES]
    pixels = [json.dumps({"pixels": one.tolist()}).encode() for one in images]
    tensor = '{"inputs":[{"name":"image","shape":[1,28,28],"datatype":"UINT8","parameters":'
    tensor += '{"binary_data_size":784}}],"parameters":{"binary_data_output":true}}'
    length = f"Inference-Header-Content-Length: {len(tensor)}\r\n"
    return {
        "PNG, 28 × 28": [request("/v1/predict", png(one), "image/png") for one in images],
        "JSON, 28 × 28": [request("/v1/predict", one, "application/json") for one in pixels],
        "tensor, 28 × 28 (/v2, binary)": [
            request(
                "/v2/models/digits/infer",
                tensor.encode() + one.tobytes(),
                "application/octet-stream",
                length,
            )
            for one in images
        ],
        "PNG, 280 × 280": [
            request("/v1/predict", png(on_canvas(one)), "image/png") for one in images
        ],
        "a number of 4 digits (/v1/read)": [
            request("/v1/read", png(255 - np.hstack(list(images[k : k + 4]))), "image/png")
            for k in range(0, PICTURES - 4)
        ],
    }


@contextmanager
def service(*options: str) -> Generator[tuple[int, int]]:
    """Run ``lenet serve``; give its port and process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lenet", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r":(\d+) ", process.stdout.readline())
        assert found is not None, "the service did not start"
        yield int(found[1]), process.pid
    finally:
        process.terminate()
        process.wait()


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> int:
    """Return the greatest memory of a process so far, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def busy_elsewhere(seconds: float = 2.0) -> float:
    """Return how many processors others keep busy while we do nothing."""

    def spent() -> tuple[int, int]:
        fields = [int(one) for one in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        return sum(fields) - fields[3] - fields[4], sum(fields)

    before = spent()
    time.sleep(seconds)
    after = spent()
    share = (after[0] - before[0]) / max(after[1] - before[1], 1)
    return round(share * (os.cpu_count() or 1), 2)


def measured(
    port: int, process: int, requests: Sequence[bytes], connections: int, seconds: float
) -> dict[str, Any]:
    asyncio.run(load(port, requests, connections, 1.0))  # what comes first is slow
    before, own = processor_seconds(process), time.process_time()
    result = asyncio.run(load(port, requests, connections, seconds))
    return {
        **result.to_json(),
        "server_processors": round((processor_seconds(process) - before) / result.wall, 2),
        "client_processors": round((time.process_time() - own) / result.wall, 2),
    }


def measure(seconds: float) -> dict[str, Any]:
    requests = kinds()
    elsewhere = busy_elsewhere()
    rows: dict[str, Any] = {}
    with service() as (port, process):
        for name, ones in requests.items():
            rows[name] = measured(port, process, ones, CONNECTIONS, seconds)
            print(name, rows[name], flush=True)
        memory = resident(process)
    with service("--max-concurrent", "16") as (port, process):
        # Pictures that take some 10 ms: more come than can be answered.
        crowd = measured(port, process, requests["PNG, 280 × 280"], CROWD, seconds)
        print("crowd", crowd, flush=True)
    return {
        "connections": CONNECTIONS,
        "seconds": seconds,
        "processors": os.cpu_count(),
        "busy_elsewhere": elsewhere,
        "nice": os.nice(0),
        "python": platform.python_version(),
        "requests": rows,
        "greatest_resident_mb": memory,
        "crowd": {"connections": CROWD, "max_concurrent": 16, **crowd},
    }


def table(results: dict[str, Any]) -> str:
    lines = [
        "| a request | answers a second | p50 | p99 | server, client: processors |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, row in results["requests"].items():
        lines.append(
            f"| {name} | {row['a_second']:,.0f} | {row['p50_ms']:.0f} ms | {row['p99_ms']:.0f} ms "
            f"| {row['server_processors']:.2f}, {row['client_processors']:.2f} |"
        )
    crowd = results["crowd"]
    refused = crowd["statuses"].get("503", 0)
    lines += [
        "",
        f"{results['connections']} connections, {results['seconds']:.0f} s each, on loopback; "
        f"{results['processors']} processors, shared with the client and with other work that kept "
        f"{results['busy_elsewhere']:.1f} of them busy"
        + (f" (service and client at niceness {results['nice']})" if results["nice"] else "")
        + f". The greatest resident memory was "
        f"{results['greatest_resident_mb']} MB. With {crowd['connections']} connections and "
        f"`--max-concurrent {crowd['max_concurrent']}`, PNGs of 280 × 280: "
        f"{crowd['a_second']:,.0f} answers a second, {refused:,} of {crowd['requests']:,} requests "
        f"refused with 503, {crowd['lost']} connections lost, p99 {crowd['p99_ms']:.0f} ms.",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--table", action="store_true", help="only write the table again")
    arguments = parser.parse_args()
    if not arguments.table:
        RESULTS.write_text(json.dumps(measure(arguments.seconds), indent=1) + "\n")
    replace_table("serving", table(json.loads(RESULTS.read_text())), PAGE)


if __name__ == "__main__":
    main()
