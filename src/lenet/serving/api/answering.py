"""Answers the pictures of a request."""

from typing import Any

from fastapi import Request

from lenet.artifact import Artifact
from lenet.pictures.network_input import NetworkInput
from lenet.serving.http.workers import Workers
from lenet.serving.work.children import Jobs
from lenet.serving.work.here import done_at_once
from lenet.serving.work.jobs import Job
from lenet.serving.work.pages import failed, notice
from lenet.serving.work.prepare import Prepared, from_message

Results = list[dict[str, Any]]

_FEW = 4  # pages, for which a network takes less time than a thread does


async def predictions_of(
    artifact: Artifact,
    reject_error: float | None,
    job: Job,
    request: Request,
    jobs: Jobs,
    workers: Workers,
) -> Results:
    """Return the objects that ``lenet predict --json`` prints: one for each page of each file.

    A picture that cannot be read has an object with the error in its place.

    Parameters
    ----------
    job
        Finds and preprocesses the pictures in the body of `request`.

    Raises
    ------
    HTTPException
        The only picture cannot be read (422), or the request is refused for another reason.
    """
    body = await request.body()
    pages = done_at_once(job, body)
    if pages is None:
        pages = from_message(await jobs.do(job, body, request.is_disconnected))
    if len(pages) <= _FEW:
        return _results(artifact, reject_error, pages)
    known = pages
    return await workers.do(lambda: _results(artifact, reject_error, known))


def _results(artifact: Artifact, reject_error: float | None, pages: list[Prepared]) -> Results:
    good = [page.made for page in pages if isinstance(page.made, NetworkInput)]
    answers = iter(artifact.answer(good, reject_error))
    return [
        failed(page.sent, page.made)
        if isinstance(page.made, str)
        else {**next(answers).to_json(page.sent.path), **notice(page.sent)}
        for page in pages
    ]


async def readings_of(job: Job, request: Request, jobs: Jobs) -> Results:
    """Return the objects that ``lenet read --json`` prints; otherwise as `predictions_of`."""
    body = await request.body()
    results: Results = (await jobs.do(job, body, request.is_disconnected)).table["results"]
    return results
