"""The temporary folder of a sandbox, which goes with it: a start removes what a killed one has left."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.errors import CannotStart
from cocalc_magic.sandbox.storage.folders.tree import remove_path
from cocalc_magic.sandbox.storage.lock import OUTLIVES, lock_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "cocalc-"


class TemporaryFolder:
    """A folder that its user alone can read, removed when it is closed.

    Raises `OSError` where none can be made.
    """

    def __init__(self) -> None:
        _remove_left()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = lock_file(self.path / "lock")

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        self._lock.close()
        remove_path(self.path)


def _remove_left() -> None:
    """Remove the folders whose sandbox was killed, which is why nobody holds their locks."""
    if not OUTLIVES:
        return
    for folder in _own_folders():
        with suppress(OSError, CannotStart):  # it is in use, or another process removes it
            lock = folder / "lock"
            if lock.stat().st_size:  # else it is being made: the holder is written once the lock is held
                lock_file(lock).close()
                remove_path(folder)


def _own_folders() -> Iterator[Path]:
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False) and _is_own(entry):
                yield Path(entry)


def _is_own(entry: os.DirEntry[str]) -> bool:
    """Return whether nobody else can have put something into a folder."""
    if sys.platform == "win32":  # where each user has a folder for temporary ones
        return True
    status = entry.stat(follow_symlinks=False)
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077
