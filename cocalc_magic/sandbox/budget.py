"""How much of the bodies that are on their way all connections together may hold in memory.

Who has no key that is known shares a small part of it, so that strangers neither fill the memory nor take
the room of others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MB = 1024 * 1024
STRANGERS = 16 * MB
CALLERS = 128 * MB
SMALL = 64 * 1024  # bytes up to which nobody asks whose key it is
FREE = 4 * 1024  # bytes of each body that are not counted: who signs in is always heard


class Full(Exception):
    """There is no room for a body at the moment; the text says so."""


@dataclass
class Pool:
    """Bytes that may be held, and those that are."""

    most: int
    held: int = 0

    def take(self, size: int) -> bool:
        """Holds so many bytes more, if there is room."""
        fits = self.held + size <= self.most
        self.held += size if fits else 0
        return fits

    def give_back(self, size: int) -> None:
        """Holds so many bytes less."""
        self.held -= size


@dataclass
class Budget:
    """The room for bodies of one server; used on its event loop alone."""

    strangers: Pool = field(default_factory=lambda: Pool(STRANGERS))
    callers: Pool = field(default_factory=lambda: Pool(CALLERS))


class Body:
    """One body as it arrives, of at most ``room`` bytes; of a larger one nothing is kept.

    ``is_known`` says whether the request carries a key that is known; it is asked once, and only if need be.
    """

    def __init__(self, budget: Budget, room: int, is_known: Callable[[], bool]) -> None:
        self.overflown = False
        self._budget, self._room, self._is_known = budget, room, is_known
        self._pool = budget.strangers
        self._asked = False
        self._chunks: list[bytes] = []
        self._size = self._held = 0

    def expect(self, size: int) -> None:
        """So many bytes are announced: a known caller gets the room for all of them now, or none.

        Raises :class:`Full`.
        """
        self.overflown = size > self._room > 0
        if SMALL < size <= self._room:
            self._ask()
            if self._pool is self._budget.callers:
                self._hold(size)

    def add(self, chunk: bytes) -> None:
        """Takes a piece in. Raises :class:`Full`."""
        self._size += len(chunk)
        if self._size > self._room:
            self.overflown = self._room > 0
            self.drop()
        elif not self.overflown:
            self._hold(self._size)
            self._chunks.append(chunk)

    def whole(self) -> bytes:
        """All that has come; to be called once. The room stays taken until :meth:`drop`."""
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks)

    def drop(self) -> None:
        """Forgets it, and gives its room back."""
        self._chunks.clear()
        self._pool.give_back(self._held)
        self._held = 0

    def _hold(self, size: int) -> None:
        """Has room for so many bytes of it in all. Raises :class:`Full`."""
        if size > SMALL:
            self._ask()
        while (more := size - FREE - self._held) > 0:
            if self._pool.take(more):
                self._held += more
            elif not self._ask():
                held = self._pool.most // MB
                raise Full(f"the sandbox holds {held} MB of requests already; try again in a moment")

    def _ask(self) -> bool:
        """Whether the caller turns out to be known, whose room is another."""
        if self._asked:
            return False
        self._asked = True
        if not self._is_known():
            return False
        self._pool.give_back(self._held)
        self._pool, self._held = self._budget.callers, 0
        return True
