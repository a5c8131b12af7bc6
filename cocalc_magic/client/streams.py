"""Streamed request and response bodies: files, whose own failures are kept apart from those of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Body(Protocol):
    """A body that is sent piece by piece; its length is the total number of bytes."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""

    def __len__(self) -> int:
        """Return the total number of bytes."""


class Sink(Protocol):
    """Takes the body of a response with status 200 as it arrives, such as an open file."""

    def write(self, data: bytes, /) -> object:
        """Write the next piece."""


class LocalFailure(Exception):
    """Raised when a body can't be read or a sink can't be written, which is not a failure of HTTP."""

    def __init__(self, problem: OSError) -> None:
        super().__init__()
        self.problem = problem


class LocalBody:
    """Wraps a body, so that its failures are not mistaken for those of HTTP."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body
        except OSError as problem:
            raise LocalFailure(problem) from None

    def __len__(self) -> int:
        return len(self._body)


class LocalSink:
    """Wraps a sink, so that its failures are not mistaken for those of HTTP."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> None:
        """Write the next piece. Raises `LocalFailure`."""
        try:
            self._sink.write(data)
        except OSError as problem:
            raise LocalFailure(problem) from None
