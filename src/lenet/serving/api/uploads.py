"""Tells where a request's body has its pictures: an image file, files in a form, or JSON."""

from fastapi import Request
from starlette.exceptions import HTTPException

from lenet.serving.work.jobs import Source

# The content types of an image file, besides image/*. curl --data-binary sends the second.
_FILE = ("application/octet-stream", "application/x-www-form-urlencoded", "")


def source_of(request: Request) -> Source:
    """Return where the pictures of a request are.

    Raises
    ------
    HTTPException
        It has a body of another type, or a compressed one (415).
    """
    not_compressed(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return "form"
    if kind.startswith("image/") or kind in _FILE:
        return "file"
    if kind == "application/json":
        return "json"
    raise HTTPException(
        415,
        f"the content type {kind[:100]!r} is not supported: send an image file (image/png, "
        "image/jpeg), multipart/form-data or application/json",
    )


def not_compressed(request: Request) -> None:
    """Refuse a body with a content encoding; `HTTPException` (415)."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "send the body without Content-Encoding")
