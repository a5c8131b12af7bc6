"""HTTP responses whose bodies have yet to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from urllib3 import BaseHTTPResponse

PIECE = 64 * 1024  # bytes of a body that are read at once


class Incoming(Protocol):
    """A response whose headers have arrived."""

    status: int
    reason: str
    headers: list[tuple[str, str]]

    def cookies(self) -> Iterable[tuple[str, str]]:
        """Return the names and values of the cookies that it sets."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body, decompressed."""

    def received(self) -> int | None:
        """Return the bytes of the body that have arrived, as they travel; `None` where that is not known."""

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""


def header(response: Incoming, name: str) -> str:
    """Return a header by its name in lower case, or nothing."""
    return next((value for key, value in response.headers if key.lower() == name), "")


class PoolResponse:
    """A response of urllib3."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self.status, self.reason = response.status, response.reason or ""
        self.headers = list(response.headers.itermerged())

    def cookies(self) -> Iterable[tuple[str, str]]:
        """Return the names and values of the cookies that it sets."""
        for text in self._response.headers.getlist("Set-Cookie"):
            name, _, value = text.partition(";")[0].partition("=")
            yield name.strip(), value.strip().strip('"')

    def pieces(self) -> Iterator[bytes]:
        """Yield the body, decompressed."""
        return self._response.stream(PIECE, decode_content=True)

    def received(self) -> int | None:
        """Return nothing: its connection counts what arrives."""
        return None

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        self._response.close()
