"""Open folders, walk through trees, and remove them, by descriptors.

A path names another file as soon as one of its folders is swapped with a link. So a folder is opened once,
and all operations in it are relative to its descriptor; links are never followed here. Trees are walked in a
loop, with a few open descriptors however deep they are: they may be deeper than a path is long, and than
Python can recurse.

Where the system cannot open folders (Windows), or work in them by every call (a page), paths take the
place of descriptors. Everything works the same there, but a swap between two steps is not noticed.

This module uses the standard library alone: the reaper loads it by its path.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BY_DESCRIPTOR = {os.open, os.symlink, os.utime} <= os.supports_dir_fd and os.scandir in os.supports_fd
# A search needs no permission to read, where the system distinguishes the two. macOS opens for reading.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
# Opening a pipe does not block, and a terminal does not become the controlling one.
_FILE = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_MAX_OPEN = 16  # folders of one walk


class Directory:
    """An open folder. Methods work in it, wherever its path leads now, and raise `OSError`."""

    def __init__(self, descriptor: int | None, path: str) -> None:
        self._descriptor = descriptor
        self._path = path  # only used where there is no descriptor

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, by_descriptor: bool = BY_DESCRIPTOR) -> Directory:
        """Open a folder by its path, following links in it."""
        if not by_descriptor:
            return cls(None, os.path.realpath(path, strict=True))
        return cls(os.open(path, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0)), "")

    def close(self) -> None:
        """Close the descriptor; later calls fail, since the number may be reused."""
        descriptor = self._descriptor
        if descriptor is not None and descriptor >= 0:
            self._descriptor = -1
            os.close(descriptor)

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def folder(self, name: str) -> Directory:
        """Open a folder in it. Raises `NotADirectoryError` for a file and a link, ELOOP on macOS."""
        if self._descriptor is not None:
            return Directory(os.open(name, _FOLDER, dir_fd=self._descriptor), "")
        path = self._at(name)
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return Directory(None, os.path.normpath(path))

    def file(self, name: str, flags: int, mode: int = 0o666) -> int:
        """Open a file in it and return the descriptor; links are refused, and pipes do not block."""
        return os.open(self._at(name), flags | _FILE, mode, dir_fd=self._descriptor)

    def facts(self, name: str = "") -> os.stat_result:
        """Return the status of what has this name, a link's own, or of the folder itself."""
        if name or self._descriptor is None:
            return os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)
        return os.fstat(self._descriptor)

    def find(self, name: str) -> os.stat_result | None:
        """Return the status of what has this name, `None` for nothing."""
        try:
            return self.facts(name)
        except FileNotFoundError:
            return None

    def entries(self) -> list[tuple[str, bool]]:
        """Return the names in it, each with whether it is a folder; a link is not."""
        if self._descriptor is None:
            with os.scandir(self._path) as entries:
                return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        descriptor = self._readable()
        try:
            with os.scandir(descriptor) as entries:
                return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        finally:
            os.close(descriptor)

    def read_link(self, name: str) -> str:
        """Return the text of a link. Raises EINVAL for anything else."""
        return os.readlink(self._at(name), dir_fd=self._descriptor)

    def make_folder(self, name: str, mode: int = 0o777) -> None:
        """Make a folder in it."""
        os.mkdir(self._at(name), mode, dir_fd=self._descriptor)

    def make_link(self, name: str, text: str) -> None:
        """Make a symbolic link of this text."""
        os.symlink(text, self._at(name), dir_fd=self._descriptor)

    def make_pipe(self, name: str, mode: int) -> None:
        """Make a named pipe, which Windows does not have."""
        if sys.platform != "win32":
            os.mkfifo(self._at(name), mode, dir_fd=self._descriptor)

    def link(self, name: str, new_name: str) -> None:
        """Give a file a second name in the same folder; a link is not followed."""
        here = self._descriptor
        if not hasattr(os, "link"):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM), new_name)
        if here is None:
            os.link(self._at(name), self._at(new_name))
        else:
            os.link(name, new_name, src_dir_fd=here, dst_dir_fd=here, follow_symlinks=False)

    def unlink(self, name: str) -> None:
        """Remove a file, or a link itself."""
        os.unlink(self._at(name), dir_fd=self._descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self._at(name), dir_fd=self._descriptor)

    def move(self, name: str, target: Directory, new_name: str) -> None:
        """Move what has this name into a folder, atomically, replacing a file that has the new name."""
        os.replace(
            self._at(name),
            target._at(new_name),
            src_dir_fd=self._descriptor,
            dst_dir_fd=target._descriptor,
        )

    def set_mode(self, mode: int, name: str, descriptor: int) -> None:
        """Set the permissions of a file in it that is open."""
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        else:
            os.chmod(self._at(name), mode)

    def set_own_mode(self, mode: int) -> None:
        """Set the permissions of the folder itself."""
        if sys.platform == "win32" or self._descriptor is None:
            os.chmod(self._path, mode)
            return
        descriptor = self._readable()
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)

    def set_times(self, name: str, times: tuple[int, int]) -> None:
        """Set the times of the last access and change of an entry, or of itself (`.`), in nanoseconds."""
        if self._descriptor is None:
            os.utime(self._at(name), ns=times)
        else:
            os.utime(name, ns=times, dir_fd=self._descriptor, follow_symlinks=False)

    def open_up(self) -> None:
        """Give the owner of the folder all permissions in it, if missing."""
        mode = stat.S_IMODE(self.facts().st_mode)
        if mode & 0o700 == 0o700:
            return
        # A search descriptor of Linux does not allow to change permissions, but its name does.
        by_name = self._path if self._descriptor is None else f"/proc/self/fd/{self._descriptor}"
        os.chmod(by_name if hasattr(os, "O_PATH") else self._descriptor or by_name, mode | 0o700)

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode number, which identify it."""
        facts = self.facts()
        return facts.st_dev, facts.st_ino

    def _at(self, name: str) -> str:
        return name if self._descriptor is not None else os.path.join(self._path, name)

    def _readable(self) -> int:
        return os.open(".", os.O_RDONLY | getattr(os, "O_DIRECTORY", 0), dir_fd=self._descriptor)


class Walker:
    """A position in a tree that moves down by name and up again, never out at the top.

    `names` are those of the folders from the top to `here`.
    """

    def __init__(self, top: Directory) -> None:
        self.names: list[str] = []
        self._folders: list[Directory | None] = [top]  # the top is the caller's, and stays open
        self._identities = [top.identity]

    @property
    def here(self) -> Directory:
        """The current folder; closed when the walk moves up."""
        folder = self._folders[-1]
        assert folder is not None  # noqa: S101 - `up` opens it again
        return folder

    def down(self, name: str) -> None:
        """Move into a folder. Raises `OSError` as `Directory.folder`, and stays where it is then."""
        folder = self.here.folder(name)
        self._folders.append(folder)
        self._identities.append(folder.identity)
        self.names.append(name)
        far = len(self._folders) - 1 - _MAX_OPEN
        if far > 0 and (above := self._folders[far]) is not None:
            above.close()
            self._folders[far] = None

    def up(self) -> None:
        """Move to the folder above.

        Raises `OSError` where the current folder has been moved elsewhere: what is above it then is not
        part of the tree. The walk is over after that.
        """
        leaving = self._folders.pop()
        self._identities.pop()
        self.names.pop()
        assert leaving is not None  # noqa: S101 - it was `here`
        try:
            if self._folders[-1] is None:
                self._folders[-1] = _above(leaving, self._identities[-1])
        finally:
            leaving.close()

    def to_top(self) -> None:
        """Move to the top, and close all that is below it."""
        for folder in self._folders[1:]:
            if folder is not None:
                folder.close()
        del self._folders[1:], self._identities[1:], self.names[:]

    def __enter__(self) -> Walker:
        return self

    def __exit__(self, *problem: object) -> None:
        self.to_top()


def _above(folder: Directory, identity: tuple[int, int]) -> Directory:
    """Open the folder above, if it is the one of this identity. Raises `OSError`."""
    above = folder.folder("..")
    if above.identity == identity:
        return above
    above.close()
    raise FileNotFoundError(errno.ENOENT, "a folder was moved away meanwhile")


def remove_tree(parent: Directory, name: str, *, forgiving: bool = False) -> None:
    """Remove a file, a link itself, or a folder with all that is in it.

    Raises `OSError` for the first that cannot be removed. `forgiving` goes on with the rest, including
    folders that their owner may not read, and raises nothing. What has been removed meanwhile is not an
    error.
    """
    on_error = _ignore if forgiving else _raise

    def empty(walker: Walker) -> list[str]:
        if forgiving:
            walker.here.open_up()
        entries = walker.here.entries()
        for entry, is_folder in entries:
            if not is_folder:
                _attempt(walker.here.unlink, entry, on_error)
        return [entry for entry, is_folder in entries if is_folder]

    try:
        if stat.S_ISDIR(parent.facts(name).st_mode):
            with Walker(parent) as walker:
                remove_folder(walker, name, empty, on_error)
        else:
            parent.unlink(name)
    except OSError as problem:
        on_error(problem)


def remove_folder(
    walker: Walker, name: str, empty: Callable[[Walker], list[str]], failed: Callable[[OSError], None]
) -> None:
    """Remove a folder of the one that a walk is in, from the bottom up; the walk ends where it began.

    `empty` removes the files of the current folder and returns the folders that are to be removed likewise.
    """
    levels = [[name]]  # the remaining folders, from the top down
    while levels:
        if levels[-1]:
            _remove_below(walker, levels, empty, failed)
            continue
        levels.pop()
        if levels:
            emptied = walker.names[-1]
            walker.up()
            _attempt(walker.here.remove_folder, emptied, failed)


def _remove_below(
    walker: Walker,
    levels: list[list[str]],
    empty: Callable[[Walker], list[str]],
    failed: Callable[[OSError], None],
) -> None:
    """Move into the next folder and empty it; the folders in it are a new level."""
    try:
        walker.down(levels[-1].pop())
    except OSError as problem:
        failed(problem)
        return
    levels.append([])
    try:
        levels[-1] = empty(walker)
    except OSError as problem:
        failed(problem)


def _attempt(remove: Callable[[str], None], name: str, failed: Callable[[OSError], None]) -> None:
    try:
        remove(name)
    except OSError as problem:
        failed(problem)


def _ignore(problem: OSError) -> None:
    """Go on."""


def _raise(problem: OSError) -> None:
    """Stop, unless it has been removed meanwhile."""
    if not isinstance(problem, FileNotFoundError):
        raise problem


def remove_path(path: str | os.PathLike[str]) -> None:
    """Remove a tree by its path, as far as possible."""
    above, name = os.path.split(os.path.abspath(path))
    try:
        with Directory.open(above) as parent:
            remove_tree(parent, name, forgiving=True)
    except OSError as problem:
        _ignore(problem)
