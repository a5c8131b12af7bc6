"""Limits of the memory for request bodies while they arrive, over all connections together.

Callers without a valid key share a small part of it, so that they can neither fill the memory nor take the
share of others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MB = 1024 * 1024
MAX_ANONYMOUS = 16 * MB  # bytes held for callers without a valid key
MAX_AUTHENTICATED = 128 * MB
UNCHECKED = 64 * 1024  # bytes of a body up to which its key is not checked
UNCOUNTED = 4 * 1024  # first bytes of each body that are not counted: signing in always works


class BudgetExceeded(Exception):
    """Raised where there is no memory for a body at the moment."""


@dataclass
class Pool:
    """A limited number of bytes."""

    limit: int
    held: int = 0

    def acquire(self, size: int) -> bool:
        """Acquire so many bytes; return False where that would exceed the limit."""
        fits = self.held + size <= self.limit
        self.held += size if fits else 0
        return fits

    def release(self, size: int) -> None:
        """Release so many bytes."""
        self.held -= size


@dataclass
class Budget:
    """The pools of one server. Not thread-safe: to be used on its event loop."""

    anonymous: Pool = field(default_factory=lambda: Pool(MAX_ANONYMOUS))
    authenticated: Pool = field(default_factory=lambda: Pool(MAX_AUTHENTICATED))


class Body:
    """A request body as it arrives; one that is longer than `limit` is discarded.

    `is_authenticated` tells whether the request carries a valid key; it is called at most once, and only
    where it matters.
    """

    def __init__(self, budget: Budget, limit: int, is_authenticated: Callable[[], bool]) -> None:
        self.too_long = False
        self._budget, self._limit, self._is_authenticated = budget, limit, is_authenticated
        self._pool = budget.anonymous
        self._checked = False
        self._chunks: list[bytes] = []
        self._size = self._held = 0

    def reserve(self, size: int) -> None:
        """Acquire the memory for a body of this length at once, where the caller is authenticated.

        Raises `BudgetExceeded`.
        """
        self.too_long = size > self._limit > 0
        if UNCHECKED < size <= self._limit:
            self._authenticate()
            if self._pool is self._budget.authenticated:
                self._hold(size)

    def add(self, chunk: bytes) -> None:
        """Keep a chunk that has arrived. Raises `BudgetExceeded`."""
        self._size += len(chunk)
        if self._size > self._limit:
            self.too_long = self._limit > 0
            self.discard()
        elif not self.too_long:
            self._hold(self._size)
            self._chunks.append(chunk)

    def take(self) -> bytes:
        """Return all that has arrived, once. Its memory stays acquired until `discard`."""
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks)

    def discard(self) -> None:
        """Discard what has arrived, and release its memory."""
        self._chunks.clear()
        self._pool.release(self._held)
        self._held = 0

    def _hold(self, size: int) -> None:
        """Acquire memory for so many bytes of it in all. Raises `BudgetExceeded`."""
        if size > UNCHECKED:
            self._authenticate()
        while (more := size - UNCOUNTED - self._held) > 0:
            if self._pool.acquire(more):
                self._held += more
            elif not self._authenticate():
                held = self._pool.limit // MB
                raise BudgetExceeded(
                    f"the sandbox holds {held} MB of requests already; try again in a moment"
                )

    def _authenticate(self) -> bool:
        """Move to the pool of authenticated callers; return False where it stays in its own."""
        if self._checked:
            return False
        self._checked = True
        if not self._is_authenticated():
            return False
        self._pool.release(self._held)
        self._pool, self._held = self._budget.authenticated, 0
        return True
