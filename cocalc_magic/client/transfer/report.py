"""The progress and the result of a transfer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cocalc_magic.errors import AlreadyThere

Progress = Callable[[int, int], object]
"""Called with the bytes done and the total, whenever some have been transferred."""


@dataclass(frozen=True)
class FileCopy:
    """One file that is on both sides now: its path in the project, the local one, its size in bytes.

    `unchanged`: it was the same on both sides before, and nothing was sent.
    """

    remote: str
    local: str
    size: int
    unchanged: bool = False


@dataclass(frozen=True)
class Transfer:
    """The result of a transfer: its files, those left out (`left`) with the reason, and `elapsed` seconds."""

    files: tuple[FileCopy, ...]
    left: tuple[tuple[str, str], ...] = ()
    elapsed: float = 0.0

    @property
    def size(self) -> int:
        """Bytes that were transferred."""
        return sum(file.size for file in self.files if not file.unchanged)

    def __repr__(self) -> str:
        sent = sum(not file.unchanged for file in self.files)
        return f"<Transfer of {sent} of {len(self.files)} files, {self.size:,} bytes>"


class Meter:
    """Counts the bytes transferred, and reports them."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress
        self.add(0)

    def add(self, size: int) -> None:
        """Count some more bytes."""
        self._done += size
        if self._progress:
            self._progress(self._done, self._total)


def several(paths: list[str], limit: int = 5) -> str:
    """Return paths as a list in a sentence: all of a few, or the first of many."""
    more = f" and {len(paths) - limit:,} more" if len(paths) > limit else ""
    return ", ".join(paths[:limit]) + more


def already_there(paths: list[str], where: str, done: str, *, force: bool) -> AlreadyThere:
    """Return the error for files with other content in the way; `done`: what was done with none of them."""
    verb = "is" if len(paths) == 1 else "are"
    return AlreadyThere(
        f"{several(paths)} {verb} {where} already, with other content, and nothing was {done}.",
        "" if force else "--force, or force=True, writes over files; never over folders.",
    )
