"""Requests to a server from a page, which the browser sends: urllib3 hands them to it.

The browser decides what goes out: it asks the server whether it allows pages of other sites (CORS), sets
headers of its own, and follows redirects, without the key to another site. It does not say why one failed.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING

from urllib3 import PoolManager
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TooLate
from urllib3.util import Timeout

from cocalc_magic.client.incoming import PoolResponse
from cocalc_magic.client.streams import LocalFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.client.pool import Timeouts
    from cocalc_magic.client.streams import LocalBody
    from cocalc_magic.config import Server

_REFUSED = "the browser gave nothing back; likely the server does not allow other pages (CORS)"


class PageRequests:
    """What sends requests to a server by the browser."""

    headers: Mapping[str, str] = {"Accept": "*/*"}
    watched = False

    def __init__(self, server: Server) -> None:
        self._server, self._pools = server, PoolManager()

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | LocalBody, timeout: Timeouts
    ) -> PoolResponse:
        """Send a request; see `Connections.send`."""
        try:
            whole = (body if isinstance(body, bytes) else b"".join(body)) or None
            with _reported_here():
                response = self._pools.request(
                    method,
                    self._server.url + path,
                    body=whole,
                    headers={**self.headers, **headers},
                    retries=False,
                    redirect=False,
                    timeout=Timeout(*timeout),
                )
        except LocalFailure:
            raise
        except (HTTPError, HTTPException) as problem:
            if isinstance(problem, TooLate) and not isinstance(problem, NewConnectionError):
                raise
            # Without its cause, whose frames hold the key.
            raise ConnectionRefusedError(0, _REFUSED) from None
        return _Whole(response)

    def close(self) -> None:
        """Forget the connections, which are the browser's."""
        self._pools.clear()


@contextmanager
def _reported_here() -> Iterator[None]:
    """Keep Pyodide from showing a request that fails, which it does though it is caught (its issue 4912)."""
    hook, sys.excepthook = sys.excepthook, lambda *_: None
    try:
        yield
    finally:
        sys.excepthook = hook


class _Whole(PoolResponse):
    """A response that the browser has read to its end."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self._response.data

    def received(self) -> int:
        """Return the bytes of the body."""
        return len(self._response.data)
