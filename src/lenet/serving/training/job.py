"""One training, in a process of its own."""

import asyncio
import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lenet.serving.http.errors import Refusal
from lenet.serving.training.events import History

_PATIENCE_SECONDS = 3.0


class TrainingSettings(BaseModel):
    """What a training is asked for; the defaults are the chapter's."""

    model_config = ConfigDict(extra="forbid")

    data: str = Field("fashion-mnist", description="A data set's name in lenet's catalog.")
    activation: Literal["sigmoid", "relu", "tanh"] = "sigmoid"
    pooling: Literal["avg", "max"] = "avg"
    learning_rate: float = Field(0.9, gt=0, le=1e30, allow_inf_nan=False)
    epochs: int = Field(10, ge=1, le=30)
    batch_size: int = Field(256, ge=1, le=4096)
    seed: int = Field(0, ge=0, lt=2**32)


class Training:
    """One training: its process, what it said, and where its network lies.

    Parameters
    ----------
    number
        Its id.
    folder
        A temporary one, of its own.
    """

    def __init__(
        self,
        number: int,
        settings: TrainingSettings,
        folder: Path,
        process: asyncio.subprocess.Process,
    ) -> None:
        self.number = number
        self.settings = settings
        self.folder = folder
        self.history = History()
        self._process = process
        self._stopping = False
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            event: dict[str, Any] = json.loads(line)
            name = event.pop("event")
            if name == "started":
                event = {"id": self.number, **event}
            self.history.add(name, event)
        code = await self._process.wait()
        if self._stopping:
            self.history.add("stopped", {})
        else:  # unless it said so itself, it did not end well
            self.history.add("failed", {"error": self._last_words(code)})

    def _last_words(self, code: int) -> str:
        lines = (self.folder / "stderr").read_text(encoding="utf-8", errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"training ended unexpectedly (exit code {code})" + (f": {said}" if said else "")

    async def stop(self) -> None:
        """End it now, if it has not ended; returns when it has."""
        self._stopping = True
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._listening), _PATIENCE_SECONDS)
        if not self._listening.done():
            with suppress(ProcessLookupError):
                self._process.kill()
        await self._listening

    async def remove(self) -> None:
        """Stop it and remove its files."""
        await self.stop()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


async def start_process(settings: TrainingSettings, folder: Path) -> asyncio.subprocess.Process:
    """Start the process that trains into `folder`, and tell it what to do.

    Raises
    ------
    Refusal
        503: the system starts no further process.
    """
    try:
        with (folder / "stderr").open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "lenet.serving.training.process", str(folder),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                # A Ctrl-C in the terminal is the service's to act on.
                start_new_session=True,
            )  # fmt: skip
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Refusal(503, f"training cannot be started: {error.strerror or error}") from error
    assert process.stdin is not None
    process.stdin.write(settings.model_dump_json().encode() + b"\n")
    return process
