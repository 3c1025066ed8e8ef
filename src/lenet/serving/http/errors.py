"""What the service refuses, with the status that says whose fault it is."""

from collections.abc import Mapping

from lenet.errors import LenetError


class Refusal(LenetError):
    """A request that is not answered; the client gets ``{"error": sentence}``.

    Parameters
    ----------
    status
        Of HTTP: 400 to 599.
    sentence
        What is wrong, where, and what to do.
    headers
        Further ones of the response.
    """

    def __init__(
        self, status: int, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = dict(headers or {})
