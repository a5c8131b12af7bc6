"""Local files: walk a folder, and write a file completely or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import sys
import unicodedata
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cocalc_magic.errors import AlreadyThere, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 1024 * 1024


@dataclass(frozen=True)
class LocalFile:
    """One file to send: its path, its names below the given source, its size."""

    path: Path
    names: tuple[str, ...]
    size: int
    program: bool = False


@dataclass
class Tree:
    """The content of a file or folder; `folders` are the empty ones, `others` links and special files."""

    files: list[LocalFile] = field(default_factory=list)
    folders: list[tuple[str, ...]] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)


def walk(root: Path, *, composed: bool = sys.platform == "darwin") -> Tree:
    """Return a file, or all that is in a folder; a link is followed only where it is given itself.

    `composed` gives names in the form that other systems type: macOS has them with accents apart.

    Raises:
        InvalidValue: There is nothing, or something that can't be sent, such as a device.
    """
    tree = Tree()
    try:
        facts = root.stat()
        if stat.S_ISDIR(facts.st_mode):
            _walk_folder(root, (root.resolve().name,), tree)
        elif stat.S_ISREG(facts.st_mode):
            tree.files.append(_file(root, (root.name,), facts))
        else:
            raise InvalidValue(f"{root} is neither a file nor a folder.")
    except OSError as problem:
        raise unreadable(problem, root) from None
    return _composed(tree) if composed else tree


def _composed(tree: Tree) -> Tree:
    files = [replace(file, names=_nfc(file.names)) for file in tree.files]
    return Tree(files, [_nfc(names) for names in tree.folders], tree.others)


def _nfc(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", name) for name in names)


def _walk_folder(folder: Path, names: tuple[str, ...], tree: Tree) -> None:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    if not entries:
        tree.folders.append(names)
    for entry in entries:
        path, below = folder / entry.name, (*names, entry.name)
        if entry.is_dir(follow_symlinks=False):
            _walk_folder(path, below, tree)
        elif entry.is_file(follow_symlinks=False):
            tree.files.append(_file(path, below, entry.stat(follow_symlinks=False)))
        else:
            tree.others.append(path)


def _file(path: Path, names: tuple[str, ...], facts: os.stat_result) -> LocalFile:
    return LocalFile(path, names, facts.st_size, bool(facts.st_mode & stat.S_IXUSR) and os.name != "nt")


def unreadable(problem: OSError, path: Path) -> InvalidValue:
    """Return the error for a file that can't be read."""
    reason = problem.strerror or str(problem)
    return InvalidValue(f"{path} can't be read: {reason}.", f"Files are looked for in {Path.cwd()}.")


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            digest.update(data)
    return digest.hexdigest()


class Range:
    """Some bytes of an open file as a request body, with a head and a tail around them."""

    def __init__(self, file: BinaryIO, start: int, size: int, head: bytes = b"", tail: bytes = b"") -> None:
        self._file, self._start, self._size = file, start, size
        self._head, self._tail = head, tail

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def hash(self) -> str:
        """Return the SHA-256 of all of it."""
        digest = hashlib.sha256()
        for data in self:
            digest.update(data)
        return digest.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        self._file.seek(self._start)
        left = self._size
        while left:
            data = self._file.read(min(CHUNK, left))
            if not data:
                raise OSError("it has become shorter while it was sent")
            left -= len(data)
            yield data
        yield self._tail


class TooMuch(OSError):
    """Raised when more arrives for a file than its listing said."""


class Incoming:
    """A sink for one file: writes, counts and hashes what arrives."""

    def __init__(self, file: BinaryIO, size: int, count: Callable[[int], None] = lambda _: None) -> None:
        self._file, self._size, self._left = file, size, size
        self._digest = hashlib.sha256()
        self._count = count

    def write(self, data: bytes) -> None:
        """Write the next bytes. Raises `TooMuch` where they exceed the listed size."""
        self._left -= len(data)
        if self._left < 0:
            raise TooMuch("more arrived than the project had listed")
        self._digest.update(data)
        self._file.write(data)
        self._count(len(data))

    def restart(self) -> None:
        """Drop what has arrived."""
        self._file.seek(0)
        self._file.truncate()
        self._count(self._left - self._size)
        self._left, self._digest = self._size, hashlib.sha256()

    def is_whole(self, hash_: str) -> bool:
        """Return whether size and hash are those of the listing."""
        return self._left == 0 and self._digest.hexdigest() == hash_


@contextmanager
def new_file(target: Path, *, program: bool, force: bool) -> Iterator[BinaryIO]:
    """Open a file that appears at its path, complete, when the block succeeds, and not at all when it fails.

    Raises:
        AlreadyThere: Something is there by then that must not be overwritten.
    """
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "w+b") as file:
            yield file
            if program:
                os.chmod(part, stat.S_IMODE(os.stat(part).st_mode) | stat.S_IXUSR)
        _place(part, target, force=force)
    finally:
        with suppress(OSError):
            os.unlink(part)


def _place(part: Path, target: Path, *, force: bool) -> None:
    if not force:
        try:
            os.link(part, target)
        except FileExistsError:
            raise AlreadyThere(f"{target} has come up meanwhile, and is left as it is.") from None
        except (OSError, NotImplementedError, AttributeError):  # a file system, or a page, without links
            if os.path.lexists(target):
                raise AlreadyThere(f"{target} has come up meanwhile, and is left as it is.") from None
        else:
            return
    os.replace(part, target)
