"""Answers the pictures of a request, in a thread unless that costs more than the answer."""

from collections.abc import Callable
from typing import Any

from lenet.serving.api.uploads import Upload
from lenet.serving.http.workers import SMALL, Workers

Results = list[dict[str, Any]]


async def answer_uploads(
    sent: list[Upload] | bytes,
    parse: Callable[[bytes], list[Upload]],
    job: Callable[[list[Upload]], Results],
    workers: Workers,
    small: int = -1,
) -> Results:
    """Return what `job` makes of the pictures of a request.

    Parameters
    ----------
    sent
        The pictures, or JSON that holds them.
    parse
        Finds the pictures in JSON. Image files in JSON say only then how many pixels they have.
    small
        Pictures with at most so many pixels are answered on the event loop.
    """
    if isinstance(sent, bytes):
        content = sent
        if len(content) <= SMALL:
            uploads = parse(content)
        else:
            uploads = await workers.do(lambda: parse(content), text=len(content))
    else:
        uploads = sent
    sizes = [one.pixels for one in uploads]
    if sum(sizes) <= small:
        return job(uploads)
    return await workers.do(lambda: job(uploads), max(sizes))
