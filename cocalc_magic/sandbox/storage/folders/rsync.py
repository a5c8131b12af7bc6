"""Copying as the recorded servers do it, by rsync: archive mode, no link times, one file system, no force.

What is newer at the target is kept unless ``overwrite_newer``; ``delete_missing`` removes what the source
has not; ``backup`` keeps what is replaced under its name with a ``~``. Links are copied as links. A folder
with something in it makes way for nothing, but with ``delete_missing``.

It differs in three things: times are compared as they are, not by the second; a folder makes no way for
a backup; and devices and sockets are passed over, and files belong to who runs the sandbox.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.storage.folders.exclude import Exclude
from cocalc_magic.sandbox.storage.folders.file_list import Entry, list_files
from cocalc_magic.sandbox.storage.folders.staging import Looks, file_of, is_waiting
from cocalc_magic.sandbox.storage.folders.tree import Walker, remove_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from cocalc_magic.sandbox.storage.folders.staging import Staging
    from cocalc_magic.sandbox.storage.folders.tree import Directory

_READ_AT_ONCE = 1 << 20  # bytes
# After these it is no use to go on with the next file.
_FATAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE)


@dataclass(frozen=True)
class How:
    """The options of a copy."""

    overwrite_newer: bool = False
    delete_missing: bool = False
    backup: bool = False
    exclude: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What was passed over because it can't be copied, and what went wrong, in rsync's words: a line each."""

    skipped: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Copying:
    """One copy, told of in ``outcome``. Its methods raise ``OSError`` when it is no use to go on."""

    def __init__(self, staging: Staging, how: How) -> None:
        self._staging = staging
        self._how = how
        self._exclude = Exclude(how.exclude)
        self._deletes = how.delete_missing
        self.outcome = Outcome()

    def copy_file(self, source: Directory, name: str, target: Directory, new_name: str) -> None:
        """Copy a file, or a link itself, to a name in a folder."""
        same = source.identity == target.identity and name == new_name
        if not same and not self._exclude.covers((), name, False):
            with Walker(target) as writing:
                self._copy(source, writing, Entry(1, name, source.facts(name)), new_name)

    def copy_folder(self, source: Directory, target: Directory) -> None:
        """Copy what is in a folder, and the looks of the folder itself."""
        if source.identity == target.identity:
            return
        # Before anything is written, since the target may lie within.
        entries = list_files(source, self._exclude, self._unread)
        with Walker(source) as reading, Walker(target) as writing:
            self._delete_missing(writing, entries[0])
            self._copy_inside(entries[1:], reading, writing)
        self._dress(target, entries[0], ())

    # -- folders -----------------------------------------------------------------------------------

    def _copy_inside(self, entries: list[Entry], reading: Walker, writing: Walker) -> None:
        """Copy the entries; both walks move along, and end where they began."""
        entered: list[Entry] = []
        closed: int | None = None  # depth of a folder that was not entered
        for entry in entries:
            if closed is not None and entry.depth > closed:
                continue
            closed = None
            while len(entered) >= entry.depth:
                self._leave(entered.pop(), reading, writing)
            if not entry.is_folder:
                self._copy(reading.here, writing, entry, entry.name)
            elif self._enter(entry, reading, writing):
                entered.append(entry)
            else:
                closed = entry.depth
        while entered:
            self._leave(entered.pop(), reading, writing)

    def _enter(self, entry: Entry, reading: Walker, writing: Walker) -> bool:
        """Move into a folder and its copy, which is made when it is missing; false when that can't be."""
        try:
            reading.down(entry.name)
        except OSError as problem:
            self._note("opendir", _path(reading.names, entry.name), problem)
            return False
        try:
            self._make_folder(writing.here, entry.name)
            writing.down(entry.name)
            writing.here.open_up()  # until it gets its looks
        except OSError as problem:
            reading.up()
            if len(writing.names) > len(reading.names):
                writing.up()
            self._note("mkdir", _path(writing.names, entry.name), problem)
            return False
        self._delete_missing(writing, entry)
        return True

    def _leave(self, entry: Entry, reading: Walker, writing: Walker) -> None:
        reading.up()
        writing.up()
        try:
            with writing.here.folder(entry.name) as copy:
                self._dress(copy, entry, writing.names)
        except OSError as problem:
            self._note("opendir", _path(writing.names, entry.name), problem)

    def _make_folder(self, target: Directory, name: str) -> None:
        """Make a folder unless there is one; anything else makes way for it."""
        there = target.find(name)
        if there and stat.S_ISDIR(there.st_mode):
            return
        if there and self._how.backup:
            _clear_backup(target, name)
            target.move(name, target, f"{name}~")
        elif there:
            target.unlink(name)
        target.make_folder(name, 0o700)

    def _dress(self, copy: Directory, entry: Entry, above: Sequence[str]) -> None:
        """Give the copy of a folder the looks of the folder."""
        try:
            if not self._how.backup:  # rsync leaves the times of folders alone then
                copy.set_times(".", _times(entry.facts))
            copy.set_own_mode(stat.S_IMODE(entry.facts.st_mode))
        except OSError as problem:
            self._note("failed to set times on", _path(above, entry.name), problem)

    def _delete_missing(self, writing: Walker, entry: Entry) -> None:
        """Delete what the folder that is copied has not."""
        if not self._deletes or entry.names is None:
            return
        try:
            for name in self._delete_files(writing, entry.names):
                self._delete_folder(writing, name)
        except OSError as problem:
            self._note("failed to delete in", "/".join(writing.names) or ".", problem)

    def _delete_folder(self, writing: Walker, name: str) -> None:
        """Delete a folder, as far as nothing in it is to stay; the walk ends where it began."""
        depth = len(writing.names)
        try:
            remove_folder(writing, name, self._delete_files, self._keep)
        finally:
            while len(writing.names) > depth:
                writing.up()

    def _delete_files(self, writing: Walker, kept: Collection[str] = ()) -> list[str]:
        """Delete files in a folder, and return the folders that are to be deleted."""
        folders = []
        for name, is_folder in writing.here.entries():
            backed_up = self._how.backup and name.endswith("~")
            if name in kept or is_waiting(name) or self._exclude.covers(writing.names, name, is_folder):
                continue
            if is_folder:
                folders.append(name)
            elif self._how.backup and not backed_up:
                _clear_backup(writing.here, name)
                writing.here.move(name, writing.here, f"{name}~")
            elif not backed_up:
                writing.here.unlink(name)
        return folders

    def _keep(self, problem: OSError) -> None:
        """Leave a folder in which something is to stay; raise any other problem."""
        if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise problem

    # -- files -------------------------------------------------------------------------------------

    def _copy(self, source: Directory, target: Walker, entry: Entry, new_name: str) -> None:
        """Copy a file, a link or a pipe; anything else is passed over."""
        path = _path(target.names, entry.name)
        kind = stat.S_IFMT(entry.facts.st_mode)
        try:
            if kind == stat.S_IFREG:
                self._copy_file(source, target, entry, new_name)
            elif kind == stat.S_IFLNK:
                self._copy_link(source, target, entry, new_name)
            elif kind == stat.S_IFIFO:
                self._copy_pipe(target, entry, new_name)
            else:
                what = "socket" if kind == stat.S_IFSOCK else "device"
                self.outcome.skipped.append(f"{path} (a {what})")
        except OSError as problem:
            self._note("failed to copy", path, problem)

    def _copy_file(self, source: Directory, target: Walker, entry: Entry, new_name: str) -> None:
        there = target.here.find(new_name)
        if there and stat.S_ISREG(there.st_mode) and not self._is_due(entry.facts, there):
            if (there.st_size, there.st_mtime_ns) == (entry.facts.st_size, entry.facts.st_mtime_ns):
                _set_mode(target.here, new_name, entry.facts)
            return
        descriptor = source.file(entry.name, os.O_RDONLY)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise FileNotFoundError(errno.ENOENT, "it is no file any more")
            if self._make_way(target, new_name, there, "regular file"):
                looks = Looks(stat.S_IMODE(facts.st_mode), None, _times(facts))
                make = file_of(partial(_chunks, descriptor, facts.st_size), looks)
                self._staging.put(target.here, new_name, make)
        finally:
            os.close(descriptor)

    def _is_due(self, facts: os.stat_result, there: os.stat_result) -> bool:
        """Whether a file is to be written over another, by their times and sizes."""
        if not self._how.overwrite_newer and there.st_mtime_ns > facts.st_mtime_ns:
            return False
        return (there.st_size, there.st_mtime_ns) != (facts.st_size, facts.st_mtime_ns)

    def _copy_link(self, source: Directory, target: Walker, entry: Entry, new_name: str) -> None:
        text = source.read_link(entry.name)
        there = target.here.find(new_name)
        if there and stat.S_ISLNK(there.st_mode) and target.here.read_link(new_name) == text:
            return
        if self._make_way(target, new_name, there, "symlink"):
            self._staging.put(target.here, new_name, lambda folder, name: folder.make_link(name, text))

    def _copy_pipe(self, target: Walker, entry: Entry, new_name: str) -> None:
        def make(folder: Directory, name: str) -> None:
            folder.make_pipe(name, 0o600)
            _set_mode(folder, name, entry.facts)
            folder.set_times(name, _times(entry.facts))

        there = target.here.find(new_name)
        if there and stat.S_ISFIFO(there.st_mode):
            _set_mode(target.here, new_name, entry.facts)
            target.here.set_times(new_name, _times(entry.facts))
        elif self._make_way(target, new_name, there, "special file"):
            self._staging.put(target.here, new_name, make)

    def _make_way(self, target: Walker, name: str, there: os.stat_result | None, kind: str) -> bool:
        """Make way for what is moved to a name; false, and told, when a folder there has to stay."""
        if there is None:
            return True
        if not stat.S_ISDIR(there.st_mode):
            if self._how.backup:
                _back_up(target.here, name)
            return True
        if self._deletes:
            self._delete_folder(target, name)
        else:
            with suppress(OSError):
                target.here.remove_folder(name)
        if target.here.find(name) is None:
            return True
        path = _path(target.names, name)
        self.outcome.errors.append(f"cannot delete non-empty directory: {path}")
        self.outcome.errors.append(f"could not make way for new {kind}: {path}")
        return False

    def _unread(self, path: str, problem: OSError) -> None:
        """Note a folder that can't be read. Nothing is deleted then: it could be in that folder."""
        self._deletes = False
        self._note("opendir", path or ".", problem)

    def _note(self, what: str, path: str, problem: OSError) -> None:
        """Keep what went wrong, to go on. Raises the problem when that is no use."""
        if problem.errno in _FATAL:
            raise problem
        self.outcome.errors.append(f'{what} "{path}" failed: {problem.strerror} ({problem.errno})')


def _path(above: Sequence[str], name: str) -> str:
    return "/".join((*above, name))


def _times(facts: os.stat_result) -> tuple[int, int]:
    """Return when a copy was read last, which is now, and changed last, in nanoseconds."""
    return time.time_ns(), facts.st_mtime_ns


def _chunks(descriptor: int, size: int) -> Iterator[bytes]:
    """Read a file from its beginning, at most as much as it had when the copy began."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    while size > 0 and (chunk := os.read(descriptor, min(size, _READ_AT_ONCE))):
        size -= len(chunk)
        yield chunk


def _set_mode(folder: Directory, name: str, facts: os.stat_result) -> None:
    descriptor = folder.file(name, os.O_RDONLY)
    try:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != stat.S_IMODE(facts.st_mode):
            folder.set_mode(stat.S_IMODE(facts.st_mode), name, descriptor)
    finally:
        os.close(descriptor)


def _back_up(folder: Directory, name: str) -> None:
    """Keep a file under the name of its backup too, so that its own name is never without one."""
    _clear_backup(folder, name)
    try:
        folder.link(name, f"{name}~")
    except OSError:  # a file system without such
        folder.move(name, folder, f"{name}~")


def _clear_backup(folder: Directory, name: str) -> None:
    """Remove an older backup. Raises ``OSError`` for a folder in its place."""
    with suppress(FileNotFoundError):
        folder.unlink(f"{name}~")
