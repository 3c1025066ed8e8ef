"""Defines the jobs of the service: what is done with a request's body, here or in a process."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from lenet.artifact import Artifact
from lenet.pictures.types import Pictures
from lenet.serving.http.limits import DEFAULT, Limits
from lenet.serving.work.cost import NeedsTurn
from lenet.serving.work.files import Opened, Sent, in_file, in_form, in_instances, in_json, opened
from lenet.serving.work.messages import Message
from lenet.serving.work.prepare import prepared, to_message

Source = Literal["file", "form", "json", "instances"]

LARGE = 4_000_000
"""Pixels of a picture, from which on decoding takes so much memory that pictures take turns."""

LONG = 256 * 1024
"""Bytes of JSON that take turns too: Python's objects take about twenty times as much."""


@dataclass(frozen=True)
class Job:
    """What is done with a body.

    Parameters
    ----------
    does
        ``"predict"`` makes a network's inputs of pictures; ``"read"`` reads the numbers in them;
        ``"tensors"`` reads an inference request of the Open Inference Protocol.
    source
        Where the body has its pictures: see `lenet.serving.work.files`.
    content_type
        Of a form, with its boundary.
    header_length
        As for `lenet.serving.work.tensors.read_request`.
    pictures, shape
        Of the network, for ``"predict"``.
    network
        The name of the network that reads.
    reject_error, pattern, length, trellis
        As ``POST /v1/read`` has them.
    """

    does: Literal["predict", "read", "tensors"]
    source: Source = "file"
    content_type: str = ""
    header_length: str | None = None
    pictures: Pictures = "plain"
    shape: tuple[int, ...] = ()
    network: str = ""
    reject_error: float | None = None
    pattern: str | None = None
    length: int | None = None
    trellis: bool = False
    limits: Limits = DEFAULT

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: dict[str, Any]) -> "Job":
        """Return the job that `to_json` wrote."""
        limits, shape = Limits(**table["limits"]), tuple(cast("list[int]", table["shape"]))
        values: dict[str, Any] = {**table, "limits": limits, "shape": shape}
        return cls(**values)


def sent_in(job: Job, body: bytes) -> list[Sent]:
    """Return the pictures in a body; errors are those of `lenet.serving.work.files`."""
    match job.source:
        case "file":
            return in_file(body)
        case "form":
            return in_form(body, job.content_type, job.limits)
        case "json":
            return in_json(body, job.limits)
        case "instances":
            return in_instances(body, job.limits)


def run(job: Job, body: bytes, reader: Artifact | None, has_turn: bool) -> Message:
    """Do a job.

    Parameters
    ----------
    reader
        The network that reads, for ``"read"``.
    has_turn
        True if no other process does a job that needs much memory.

    Raises
    ------
    NeedsTurn
        It needs much memory, and has no turn.
    HTTPException
        The request is refused.
    """
    if job.does == "tensors":
        from lenet.serving.work.tensors import read_request
        from lenet.serving.work.tensors import to_message as tensors_to_message

        return tensors_to_message(*read_request(body, job.header_length, job.limits.images))
    found = [opened(one, job.limits, has_turn) for one in sent_in(job, body)]
    if not has_turn and max((one.pixels for one in found), default=0) > LARGE:
        raise NeedsTurn
    if job.does == "read":
        return _read(job, found, reader)
    return to_message(prepared(found, job.pictures, job.shape, job.limits))


def _read(job: Job, found: list[Opened], reader: Artifact | None) -> Message:
    from lenet.reading.pattern import Pattern
    from lenet.reading.reader import inside_reader
    from lenet.serving.work.readings import readings

    known = job.pattern if job.length is None else Pattern.length(job.length)
    read = inside_reader(job.reject_error, known, reader=reader)
    return Message({"results": readings(read, job.trellis, found, job.limits)}, [])
