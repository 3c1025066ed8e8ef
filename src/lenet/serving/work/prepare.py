"""Makes a network's inputs of the pictures in a request."""

from dataclasses import asdict, dataclass
from typing import Any

from lenet.pictures.image import ImageError
from lenet.pictures.network_input import NetworkInput, array_shape, prepared_input
from lenet.pictures.types import Images, Pictures
from lenet.serving.http.limits import Limits
from lenet.serving.work.files import Opened
from lenet.serving.work.messages import Message
from lenet.serving.work.pages import SentPage, sent_pages


@dataclass(frozen=True)
class Prepared:
    """A page, and the network's input made of it, or why there is none."""

    sent: SentPage
    made: NetworkInput | str


def prepared(
    pictures: list[Opened], kind: Pictures, shape: tuple[int, ...], limits: Limits
) -> list[Prepared]:
    """Decode pictures and preprocess them for a network.

    Parameters
    ----------
    kind, shape
        As for `lenet.pictures.network_input.prepared_input`.

    Raises
    ------
    HTTPException, MemoryError
        As for `sent_pages`.
    """
    return [
        Prepared(sent, _made(picture, sent.is_array, kind, shape))
        for sent, picture in sent_pages(pictures, limits)
    ]


def _made(
    picture: Images | ImageError, is_array: bool, kind: Pictures, shape: tuple[int, ...]
) -> NetworkInput | str:
    if isinstance(picture, ImageError):
        return str(picture)
    try:
        if is_array and picture.shape == array_shape(shape):  # it is not preprocessed
            return NetworkInput(picture)
        return prepared_input(picture, kind, shape)
    except ImageError as error:
        return str(error)


def to_message(pages: list[Prepared]) -> Message:
    """Write pages as a message."""
    table: list[dict[str, Any]] = []
    images: list[Images] = []
    for page in pages:
        entry: dict[str, Any] = asdict(page.sent)
        if isinstance(page.made, NetworkInput):
            entry["several"] = bool(page.made.several)
            images.append(page.made.image)
        else:
            entry["error"] = page.made
        table.append(entry)
    return Message({"pages": table}, list(images))


def from_message(message: Message) -> list[Prepared]:
    """Read the pages that `to_message` wrote."""
    images = iter(message.arrays)
    found: list[Prepared] = []
    for entry in message.table["pages"]:
        several, error = entry.pop("several", False), entry.pop("error", None)
        made = NetworkInput(next(images), several) if error is None else str(error)
        found.append(Prepared(SentPage(**entry), made))
    return found
