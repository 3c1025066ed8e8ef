"""Runs trainings for the service, one at a time, each in a process of its own."""

import asyncio
import json
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from lenet.data.catalog import CATALOG
from lenet.ending.temporary import make_folder
from lenet.errors import did_you_mean
from lenet.serving.api.paths import sentence_without_paths
from lenet.serving.training.events import History

_STOP_SECONDS = 3.0


class TrainingSettings(BaseModel):
    """The settings of a training; a setting that is left out is the recipe's."""

    model_config = ConfigDict(extra="forbid")

    data: str = Field("fashion-mnist", description="A data set's name in lenet's catalog.")
    recipe: Literal["chapter", "own"] | None = Field(
        None, description="By default chapter for fashion-mnist, and own for other data."
    )
    activation: Literal["sigmoid", "relu", "tanh"] | None = None
    pooling: Literal["avg", "max"] | None = None
    learning_rate: float | None = Field(None, gt=0, le=1e30, allow_inf_nan=False)
    epochs: int | None = Field(None, ge=1, le=30)
    batch_size: int | None = Field(None, ge=1, le=4096)
    seed: int = Field(0, ge=0, lt=2**32)


@dataclass(eq=False)
class Training:
    """A training: its process, its events, and the temporary folder with its network."""

    number: int
    settings: TrainingSettings
    folder: Path
    process: asyncio.subprocess.Process

    def __post_init__(self) -> None:
        self.history = History()
        self._stopping = False
        self._reading = asyncio.create_task(self._read_events())

    async def _read_events(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            event: dict[str, Any] = json.loads(line)
            name = event.pop("event")
            if "error" in event:
                event["error"] = sentence_without_paths(event["error"])
            self.history.add(name, {"id": self.number, **event} if name == "started" else event)
        code = await self.process.wait()
        # These are ignored if the process itself has sent its last event.
        if self._stopping:
            self.history.add("stopped", {})
        else:
            self.history.add("failed", {"error": self._why_it_ended(code)})

    def _why_it_ended(self, code: int) -> str:
        text = (self.folder / "stderr").read_text(encoding="utf-8", errors="replace").strip()
        last = text.split("\n")[-1].strip()
        why = f"training ended unexpectedly (exit code {code})" + (f": {last}" if last else "")
        return sentence_without_paths(why)

    async def stop(self) -> None:
        """End the process, and wait for its end."""
        self._stopping = True
        assert self.process.stdin is not None
        self.process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._reading), _STOP_SECONDS)
        if not self._reading.done():
            with suppress(ProcessLookupError):
                self.process.kill()
        await self._reading

    async def remove(self) -> None:
        """Stop the training and remove its files."""
        await self.stop()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


async def start_process(settings: TrainingSettings, folder: Path) -> asyncio.subprocess.Process:
    """Start a process that trains into `folder`; `HTTPException` (503) if the system refuses."""
    command = [sys.executable, "-m", "lenet.serving.training.process", str(folder)]
    try:
        with (folder / "stderr").open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                # A Ctrl-C in the terminal goes to the service alone, which then ends the process.
                start_new_session=True,
            )
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        sentence = f"the training cannot be started: {error.strerror or error}"
        raise HTTPException(503, sentence) from error
    assert process.stdin is not None
    process.stdin.write(settings.model_dump_json().encode() + b"\n")
    return process


class Trainings:
    """Runs one training at a time, and keeps the last one until the next begins."""

    def __init__(self) -> None:
        self._last: Training | None = None
        self._count = 0
        self._lock = asyncio.Lock()

    async def start(self, settings: TrainingSettings) -> Training:
        """Start a training.

        Raises
        ------
        HTTPException
            409: another training is running. 422: unknown data. 503: the
            system refuses the process. 507: no folder can be made, for example on a full disk.
        """
        if settings.data not in CATALOG:
            data = settings.data[:80]
            raise HTTPException(
                422,
                f"there is no data set {data!r}; known are {', '.join(CATALOG)}."
                + did_you_mean(data, CATALOG),
            )
        async with self._lock:
            if self._last is not None:
                if not self._last.history.ended:
                    raise HTTPException(
                        409,
                        f"training {self._last.number} is running: stop it (DELETE /v1/training) "
                        "or wait until it is done",
                    )
                await self._last.remove()
            try:
                folder = await asyncio.to_thread(make_folder, "training")
            except OSError as error:
                reason = error.strerror or "the temporary folder cannot be written"
                sentence = f"there is no place for the files of a training: {reason}"
                raise HTTPException(507, sentence) from error
            self._count += 1
            process = await start_process(settings, folder)
            self._last = Training(self._count, settings, folder, process)
            return self._last

    def last(self, number: int | None = None) -> Training:
        """Return the last training; `HTTPException` (404) if there is none or not this `number`."""
        last = self._last
        if last is None:
            raise HTTPException(404, "nothing has been trained here: POST /v1/training starts it")
        if number is not None and number != last.number:
            sentence = f"there is no training {number} here; the last one is {last.number}"
            raise HTTPException(404, sentence)
        return last

    def state(self) -> dict[str, Any]:
        """Return the last training, or None, under the key ``training``."""
        last = self._last
        training = last and {
            "id": last.number,
            "settings": last.settings.model_dump(),
            "running": not last.history.ended,
        }
        return {"training": training}

    async def close(self) -> None:
        """Stop the last training and remove its files."""
        async with self._lock:
            if self._last is not None:
                await self._last.remove()
