"""A lock that kernels and their jobs take in turn; it goes with the process, as that of a journal does."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TIME = 30.0  # seconds to wait for others, each of whom writes one file


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file that has no content. Where the file system has no locks, go on without.

    Raises:
        CoCalcError: Another holds it for long, or it can't be made.
    """
    try:
        lock = sqlite3.connect(path, timeout=_TIME, isolation_level=None)
    except sqlite3.Error as problem:
        raise CoCalcError(f"{path} can't be written: {problem}.") from None
    with closing(lock):
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as problem:
            if "locked" in str(problem):
                raise CoCalcError(f"{path.parent} is in use by another kernel.", "Try it again.") from None
        yield
