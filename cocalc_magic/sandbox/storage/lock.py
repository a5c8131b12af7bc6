"""A lock that lets one process at a time use a folder; however its holder ends, it is released."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

from cocalc_magic.sandbox.errors import CannotStart

if TYPE_CHECKING:
    from pathlib import Path

OUTLIVES = sys.platform not in ("emscripten", "wasi")
"""Whether a file outlives the process that has locked it: the files of a page go with it."""
_BEYOND = 1 << 30  # Windows forbids reading locked bytes, so that one is locked that is never written


def lock_file(path: Path) -> IO[str]:
    """Lock a file, which names its holder, until it is closed or the process ends.

    Raises `CannotStart` where another process holds the lock.
    """
    file = path.open("a+", encoding="ascii")
    try:
        _lock(file)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        raise CannotStart(
            f"{path.parent} is in use by the sandbox with process id {holder}. Stop that first."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

elif not OUTLIVES:  # and there is no other process

    def _lock(file: IO[str]) -> None:
        del file

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
