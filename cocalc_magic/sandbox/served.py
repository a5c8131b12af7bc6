"""What is sent in response to a request, where a function answers in place of a socket."""

from __future__ import annotations

from http.client import responses
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from urllib3 import HTTPHeaderDict, HTTPResponse

NOBODY = "http://127.0.0.1:9"
"""An address that nobody listens at."""


class Served(NamedTuple):
    """What is sent in response to a request.

    Args:
        body: What is sent of the body, of which a fault may cut the end; `Content-Length` tells of all.
        delay: Seconds before it is sent.
        dropped: The connection is closed instead.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    delay: float = 0.0
    dropped: bool = False

    def received(self, method: str) -> HTTPResponse:
        """Return the response as it is when its headers have arrived, to a request by this method."""
        from urllib3 import HTTPHeaderDict, HTTPResponse  # late: the server behind a socket needs none of it

        headers = HTTPHeaderDict()
        for name, value in self.headers:
            headers.add(name, value)
        return HTTPResponse(
            BytesIO(self.body),
            headers,
            self.status,
            reason=responses.get(self.status, ""),
            preload_content=False,
            enforce_content_length=method != "HEAD",
            original_response=_Original(headers),  # type: ignore[arg-type]  # what is asked of it is there
            request_method=method,
        )


class _Original:
    """What is asked of the response below urllib3's: its headers, which requests takes cookies from."""

    def __init__(self, headers: HTTPHeaderDict) -> None:
        self.msg = headers

    def isclosed(self) -> bool:
        return False

    def close(self) -> None:
        """Do nothing: there is no connection."""
