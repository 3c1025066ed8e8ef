"""Decodes the pages of the files in a request; makes the objects of those that cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException

from lenet.pictures.image import ImageError
from lenet.pictures.pages import page_name
from lenet.pictures.types import Images
from lenet.serving.api.uploads import Upload


@dataclass(frozen=True)
class SentPage:
    """A page of a request's file, without its pixels, which are not kept.

    `path` names it, `notice` is as for `Page`, `is_array` as for `Upload`; `alone` is True if the
    request has no other picture.
    """

    path: str | None
    notice: str | None
    is_array: bool
    alone: bool


def sent_pages(uploads: list[Upload], most: int) -> Iterator[tuple[SentPage, Images | ImageError]]:
    """Decode the pages of files one by one; `HTTPException` (413) for more than `most` pages."""
    count = 0
    for upload in uploads:
        for page in upload.pages():
            count += 1
            if count + page.pages - (page.number or 1) > most:  # with those that follow
                raise HTTPException(413, f"the files have more than the {most} pages allowed")
            several = page.number is not None
            path = page_name(upload.path or "", page.number) if several else upload.path
            alone = len(uploads) == 1 and not several
            yield SentPage(path, page.notice, upload.is_array, alone), page.result


def notice(sent: SentPage) -> dict[str, str]:
    """Return what is added to a page's object: the notice, if there is one."""
    return {} if sent.notice is None else {"notice": sent.notice}


def failed(sent: SentPage, error: ImageError) -> dict[str, Any]:
    """Return the object of a page that cannot be read; `HTTPException` (422) if it is alone."""
    if sent.alone:
        raise HTTPException(422, str(error))
    return {"path": sent.path, "error": str(error)}
