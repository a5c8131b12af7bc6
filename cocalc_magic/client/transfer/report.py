"""What a transfer is told to do, and what it has done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], object]
"""Is called with the bytes that are done and those that there are, as often as some have gone over."""


@dataclass(frozen=True)
class Moved:
    """One file that stands on both sides now: its path in the project, the one here, its size.

    ``unchanged``: it stood on both sides before, and nothing was sent.
    """

    remote: str
    local: str
    size: int
    unchanged: bool = False


@dataclass(frozen=True)
class Transfer:
    """What went over: the files, and ``left``, what was left out with the reason; ``elapsed`` in seconds."""

    files: tuple[Moved, ...]
    left: tuple[tuple[str, str], ...] = ()
    elapsed: float = 0.0

    @property
    def size(self) -> int:
        """The bytes that went over."""
        return sum(file.size for file in self.files if not file.unchanged)

    def __repr__(self) -> str:
        sent = sum(not file.unchanged for file in self.files)
        return f"<Transfer of {sent} of {len(self.files)} files, {self.size:,} bytes>"


class Meter:
    """Counts what has gone over."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress
        self.add(0)

    def add(self, size: int) -> None:
        """Count some more bytes."""
        self._done += size
        if self._progress:
            self._progress(self._done, self._total)


def several(paths: list[str], most: int = 5) -> str:
    """Some paths in a sentence: all of a few, the first of many."""
    more = f" and {len(paths) - most:,} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more
