"""Atomic writes: files are made under a temporary name, then moved to their place.

So a file has its old content or the new at any moment, even if the process dies, and on a full disk the old
one stays. Temporary files are beside the folders of the projects, where no listing, command or copy finds
them; those that a killed process left there are removed at the next start. In a folder of another file
system, into which nothing can be moved atomically, they are in that folder, under a name that is never listed
or copied.
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

_RUN = secrets.token_hex(8)  # of this process, to distinguish its files from those of a dead one
_TEMPORARY = re.compile(r"\.cocalc-new-([0-9a-f]{16})-[0-9a-f]{16}")
_WRITE_SIZE = 1 << 20  # bytes


class Staging:
    """The place of temporary files: the folder that holds those of the projects."""

    def __init__(self, root: Directory) -> None:
        self._root = root
        remove_leftovers(root, (name for name, _ in root.entries()))

    def put(self, folder: Directory, name: str, make: Make) -> None:
        """Call `make` to make a file in a folder under a name, and move it to its place.

        `make` may be called twice. Raises `OSError`, and leaves unchanged what was there before.
        """
        if self._root.identity[0] == folder.identity[0]:
            try:
                _make_and_move(self._root, folder, name, make)
                return
            except OSError as problem:
                if problem.errno != errno.EXDEV:  # one file system, but mounted twice
                    raise
        _make_and_move(folder, folder, name, make)


def _make_and_move(staging: Directory, folder: Directory, name: str, make: Make) -> None:
    temporary = f".cocalc-new-{_RUN}-{secrets.token_hex(8)}"
    try:
        make(staging, temporary)
        staging.move(temporary, folder, name)
    except BaseException:
        with suppress(OSError):
            staging.unlink(temporary)
        raise


def is_temporary(name: str) -> bool:
    """Tell whether a name is that of a temporary file."""
    return _TEMPORARY.fullmatch(name) is not None


def remove_leftovers(folder: Directory, names: Iterable[str]) -> None:
    """Remove the temporary files of a killed process among the names in a folder."""
    for name in names:
        match = _TEMPORARY.fullmatch(name)
        if match and match[1] != _RUN:
            with suppress(OSError):
                folder.unlink(name)


@dataclass(frozen=True)
class Attributes:
    """The attributes of a file: permissions, owner, and the times of its last access and change."""

    mode: int | None = None
    owner: tuple[int, int] | None = None
    times: tuple[int, int] | None = None

    def apply(self, folder: Directory, name: str, descriptor: int) -> None:
        """Set them on a file that has been written; an owner that may not be set is ignored."""
        if self.owner is not None and hasattr(os, "fchown"):
            with suppress(OSError):
                os.fchown(descriptor, *self.owner)
        if self.mode is not None:
            folder.set_mode(self.mode, name, descriptor)
        if self.times is not None:
            folder.set_times(name, self.times)


def file_of(chunks: Callable[[], Iterable[bytes]], attributes: Attributes) -> Make:
    """Return a function that makes a file of these bytes."""

    def make(folder: Directory, name: str) -> None:
        private = attributes.mode is not None
        descriptor = folder.file(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        try:
            with during("write"):
                for chunk in chunks():
                    _write_all(descriptor, chunk)
            attributes.apply(folder, name, descriptor)
        finally:
            os.close(descriptor)

    return make


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest[:_WRITE_SIZE]) :]
