"""Bodies that are sent and answers that are kept piece by piece: files, which can fail by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Body(Protocol):
    """A body that is sent piece by piece; its length is how many bytes they are together."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""

    def __len__(self) -> int:
        """Return how many bytes they are."""


class Sink(Protocol):
    """What takes the body of a good answer as it arrives: an open file, for one."""

    def write(self, data: bytes, /) -> object:
        """Take the next piece."""


class LocalFailure(Exception):
    """What is sent could not be read, or what comes could not be written: no failure of HTTP."""

    def __init__(self, problem: OSError) -> None:
        super().__init__()
        self.problem = problem


class LocalBody:
    """A body whose own failures are not taken for those of HTTP."""

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
    """A sink whose own failures are not taken for those of HTTP."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> None:
        """Take the next piece. Raises `LocalFailure`."""
        try:
            self._sink.write(data)
        except OSError as problem:
            raise LocalFailure(problem) from None
