"""Decides whether a job is done at once, on the event loop, or in a process."""

from lenet.serving.work.cost import SMALL
from lenet.serving.work.files import opened
from lenet.serving.work.jobs import Job, sent_in
from lenet.serving.work.prepare import Prepared, prepared


def done_at_once(job: Job, body: bytes) -> list[Prepared] | None:
    """Return the pages of a request that surely takes little work; None for all others.

    A picture of the network's own size, as PNG or as numbers, costs less than handing it to a
    process. Whether it does is known from its bytes: no picture's decoder runs before.

    Raises
    ------
    HTTPException
        The request is refused.
    """
    if job.source == "form" or (job.source != "file" and len(body) > SMALL):
        return None
    sent = sent_in(job, body)
    sizes = [one.small_pixels for one in sent]
    if None in sizes or sum(size or 0 for size in sizes) > SMALL:
        return None
    return prepared([opened(one, job.limits) for one in sent], job.pictures, job.shape, job.limits)
