"""Reads image files in JSON, as KServe and TensorFlow Serving write them: ``{"b64": "iVB..."}``."""

from base64 import b64decode
from typing import cast

from starlette.exceptions import HTTPException

_KEY = "b64"
_URL_SAFE = str.maketrans("-_", "+/")


def is_base64(value: object) -> bool:
    """Return whether a value of JSON stands for an image file rather than for pixels."""
    return isinstance(value, dict)


def file_in_base64(value: object, name: str) -> bytes:
    """Return the content of an image file.

    The text may be a data URL, have line ends, use the alphabet for URLs, or lack its padding.

    Parameters
    ----------
    value
        ``{"b64": text}``; or that under one other key, as ``{"image_bytes": {"b64": text}}``.
    name
        Where it stands, for messages.

    Raises
    ------
    HTTPException
        It is something else, or the text is not base64 (422).
    """
    table = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    inner = next(iter(table.values())) if len(table) == 1 else None
    if isinstance(inner, dict):
        table = cast("dict[str, object]", inner)
    text = table.get(_KEY)
    if len(table) != 1 or not isinstance(text, str):
        raise HTTPException(
            422, f'{name}: an image file in JSON is {{"b64": "..."}}, its bytes in base64'
        )
    if text.startswith("data:"):
        head, comma, text = text.partition(",")
        if not comma or not head.endswith(";base64"):
            raise HTTPException(422, f"{name}: the data URL is not in base64")
    plain = "".join(text.split()).translate(_URL_SAFE).rstrip("=")
    try:
        return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError as error:  # letters that are not ASCII too
        raise HTTPException(422, f"{name}: the text is not base64 ({str(error)[:100]})") from error
