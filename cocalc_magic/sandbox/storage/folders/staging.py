"""Files that take their place at once: made elsewhere under another name, then moved over what was there.

So a file is whole at any moment, with its old content or the new, after the death of the process too, and
on a full disk the old one stays. What is made waits beside the folders of the projects, where no listing,
no command and no copy comes across it, and what a process that was killed has left there is removed when
the next one starts. In a folder of another file system, into which nothing can be moved at once, it waits
in that folder, under a name that is never listed or copied.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.storage.folders.node_errors import during

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cocalc_magic.sandbox.storage.folders.tree import Directory

    Make = Callable[[Directory, str], None]

_RUN = secrets.token_hex(8)  # of this process, which tells what it makes from what a dead one has left
_WAITING = re.compile(r"\.cocalc-new-([0-9a-f]{16})-[0-9a-f]{16}")
_WRITTEN_AT_ONCE = 1 << 20  # bytes


class Staging:
    """Where the files of one sandbox are made: the folder that holds those of the projects."""

    def __init__(self, root: Directory) -> None:
        self._root = root
        remove_left(root, (name for name, _ in root.entries()))

    def put(self, folder: Directory, name: str, make: Make) -> None:
        """Have ``make`` make something in a folder under a name, and move it to where it belongs.

        ``make`` may be called twice. Raises ``OSError``; what was there before is as it was then.
        """
        if self._root.identity[0] == folder.identity[0]:
            try:
                _make_and_move(self._root, folder, name, make)
                return
            except OSError as problem:
                if problem.errno != errno.EXDEV:  # one file system, but mounted twice
                    raise
        _make_and_move(folder, folder, name, make)


def _make_and_move(waiting: Directory, folder: Directory, name: str, make: Make) -> None:
    temporary = f".cocalc-new-{_RUN}-{secrets.token_hex(8)}"
    try:
        make(waiting, temporary)
        waiting.move(temporary, folder, name)
    except BaseException:
        with suppress(OSError):
            waiting.unlink(temporary)
        raise


def is_waiting(name: str) -> bool:
    """Return whether a name is of a file that is being made."""
    return _WAITING.fullmatch(name) is not None


def remove_left(folder: Directory, names: Iterable[str]) -> None:
    """Remove what a process that was killed has left among the names in a folder."""
    for name in names:
        found = _WAITING.fullmatch(name)
        if found and found[1] != _RUN:
            with suppress(OSError):
                folder.unlink(name)


@dataclass(frozen=True)
class Looks:
    """What a file gets besides its bytes: permissions, owner, and when it was read and changed last."""

    mode: int | None = None
    owner: tuple[int, int] | None = None
    times: tuple[int, int] | None = None

    def put_on(self, folder: Directory, name: str, descriptor: int) -> None:
        """Give them to a file that has been written. An owner that one may not give is left out."""
        if self.owner is not None and hasattr(os, "fchown"):
            with suppress(OSError):
                os.fchown(descriptor, *self.owner)
        if self.mode is not None:
            folder.set_mode(self.mode, name, descriptor)
        if self.times is not None:
            folder.set_times(name, self.times)


def file_of(chunks: Callable[[], Iterable[bytes]], looks: Looks) -> Make:
    """Return what makes a file of these bytes."""

    def make(folder: Directory, name: str) -> None:
        private = looks.mode is not None
        descriptor = folder.file(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        try:
            with during("write"):
                for chunk in chunks():
                    _write_all(descriptor, chunk)
            looks.put_on(folder, name, descriptor)
        finally:
            os.close(descriptor)

    return make


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest[:_WRITTEN_AT_ONCE]) :]
