"""A real ``lenet serve``, and what tests send to it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw


def drawn(text: str = "7", size: tuple[int, int] = (112, 112)) -> Image.Image:
    """Draw a seven, or several, dark on white."""
    page = Image.new("L", size, 255)
    pen = ImageDraw.Draw(page)
    for k in range(len(text)):
        x = 30 + 60 * k
        pen.line([(x, 25), (x + 45, 25), (x + 12, 90)], 0, 9)
    return page


def as_file(image: Image.Image | NDArray[Any], kind: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(
        file, kind, **options
    )
    return file.getvalue()


SEVEN = as_file(drawn())
BLANK = as_file(np.full((50, 50), 255, np.uint8))


@dataclass(frozen=True)
class Service:
    """One that runs."""

    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def resident(self) -> int:
        """Return its memory at this moment, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    @property
    def greatest_resident(self) -> int:
        """Return the most memory it has had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, sent: bytes) -> bytes:
        """Send bytes, and return what comes until the connection is closed or says so itself."""
        with self.connect() as connection:
            with suppress(ConnectionError):  # it may have heard enough
                connection.sendall(sent)
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Return one answer: to its end, or to that of the connection."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
            head, end, body = found.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            if end and length and len(body) >= int(length[1]):
                break
    except ConnectionError:
        pass
    return found


@contextmanager
def serving(*options: str, **environment: str) -> Generator[Service]:
    """Run ``lenet serve`` on a free port; it must end by itself when it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lenet", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+?:(\d+) ", line)
        if found is None:
            process.kill()
            raise AssertionError(f"did not start: {line}{process.communicate()[1]}")
        yield Service(int(found[1]), process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            finally:
                process.kill()
        process.communicate()
