"""Decodes the pages of the files in a request one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException

from lenet.pictures.image import ImageError
from lenet.pictures.pages import page_name
from lenet.pictures.types import Images
from lenet.serving.http.limits import Limits
from lenet.serving.work.files import Opened

_MOST_TOGETHER = 4  # times the pixels that one picture may have


@dataclass(frozen=True)
class SentPage:
    """A page of a request's file, without its pixels, which are not kept.

    Parameters
    ----------
    path
        Its name, if the file has one or has several pages.
    notice
        As for `lenet.pictures.pages.Page`.
    is_array
        As for `Opened`.
    alone
        True if the request has no other picture.
    """

    path: str | None
    notice: str | None
    is_array: bool
    alone: bool


def sent_pages(
    pictures: list[Opened], limits: Limits
) -> Iterator[tuple[SentPage, Images | ImageError]]:
    """Decode the pages of pictures one by one.

    Raises
    ------
    HTTPException
        There are more pages than pictures are allowed, or too many pixels in all pages together
        (413).
    MemoryError
        A page does not fit into the memory of this process.
    """
    most, most_pixels = limits.images, _MOST_TOGETHER * limits.pixels
    count = together = 0
    for one in pictures:
        path = one.sent.path
        for page in one.pages():
            count += 1
            if count + page.pages - (page.number or 1) > most:  # with those that follow
                raise HTTPException(413, f"the files have more than the {most} pages allowed")
            result = page.result
            if isinstance(result, ImageError):
                if isinstance(result.__cause__, MemoryError):
                    raise MemoryError
            else:
                together += result.shape[0] * result.shape[1]
                if together > most_pixels:
                    sentence = f"the pages have more than {most_pixels:,} pixels together"
                    raise HTTPException(413, sentence)
            several = page.number is not None
            name = page_name(path or "", page.number) if several else path
            alone = len(pictures) == 1 and not several
            yield SentPage(name, page.notice, one.is_array, alone), result


def notice(sent: SentPage) -> dict[str, str]:
    """Return what is added to a page's object: the notice, if there is one."""
    return {} if sent.notice is None else {"notice": sent.notice}


def failed(sent: SentPage, error: str) -> dict[str, Any]:
    """Return the object of a page that cannot be read; `HTTPException` (422) if it is alone."""
    if sent.alone:
        raise HTTPException(422, error)
    return {"path": sent.path, "error": error}
