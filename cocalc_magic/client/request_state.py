"""The state of one HTTP request: its phase, its limits, and how another thread aborts it."""

from __future__ import annotations

import contextvars
import enum
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_TIMEOUT = 5.0  # seconds for a connection, and as many for a TLS handshake
MAX_HEAD = 1024 * 1024  # bytes of status line and headers, with those of interim answers (100 Continue)


class TooMuchReceived(Exception):
    """Raised when a server sends more than the request allows."""


class Phase(enum.Enum):
    """The phases of a request."""

    UNKNOWN = "on a connection that is not ours to watch"
    CONNECTING = "connecting"
    HANDSHAKE = "agreeing on encryption"
    SENDING = "sending"
    WAITING = "waiting for the answer to begin"
    READING = "reading the answer"


class Abortable(Protocol):
    """A connection that can be shut down from another thread."""

    def abort_for(self, state: RequestState) -> None:
        """Shut it down if it works for this request."""


class RequestState:
    """Phase and limits of one request, and a way to abort it from another thread.

    Args:
        limit: Seconds for all of it, from the connection to the last byte of the answer.
        max_bytes: Bytes of the answer's body, as they travel.
    """

    def __init__(self, limit: float, max_bytes: int) -> None:
        self.limit, self.max_bytes = limit, max_bytes
        self.deadline = time.monotonic() + limit
        self.phase = Phase.CONNECTING
        self.aborted = False
        self.body_received = 0  # bytes, as they travel
        self._head_received = 0  # what came before the body has ended, some of that included
        self._connection: Abortable | None = None

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make this the current request, here and in threads that copy this context."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @property
    def expired(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() >= self.deadline

    def remaining(self, limit: float | None = None) -> float:
        """Return the seconds that are left, at most `limit`.

        Raises:
            TimeoutError: The time is up.
            ConnectionAbortedError: After `abort()`.
        """
        if self.aborted:
            raise ConnectionAbortedError
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if limit is None else min(left, limit)

    def receive(self, count: int) -> None:
        """Count bytes that have arrived. Raises `TooMuchReceived`."""
        if self.phase is Phase.READING:
            self.body_received += count
        else:
            self._head_received += count
        if self._head_received > MAX_HEAD or self.body_received > self.max_bytes + MAX_HEAD:
            raise TooMuchReceived

    def begin_body(self, head: int) -> None:
        """Note that the headers, so many bytes, have been read."""
        self.body_received = self._head_received - head
        self.phase = Phase.READING

    def abort(self) -> None:
        """Fail the request where it waits for its connection, and every later attempt to use one."""
        self.aborted = True
        if connection := self._connection:
            connection.abort_for(self)

    def use(self, connection: Abortable) -> None:
        """Note which connection carries the request. Raises `ConnectionAbortedError` after `abort()`."""
        self._connection = connection
        if self.aborted:
            raise ConnectionAbortedError


_current: contextvars.ContextVar[RequestState | None] = contextvars.ContextVar("cocalc_request", default=None)


def current_request() -> RequestState | None:
    """Return the current request, or `None`."""
    return _current.get()
