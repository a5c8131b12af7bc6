"""Copy as rsync does on the recorded servers: in archive mode, without times of links, on one file system.

Newer files at the target stay unless `overwrite_newer`; `delete_missing` removes what the source lacks;
`backup` keeps what is replaced, with a `~` after its name. Links are copied as links. A folder that is
not empty is replaced by a file only with `delete_missing`.

It differs from rsync in that times are compared exactly, not by the second; that a folder is never replaced
by a backup; that devices and sockets are skipped; and that files belong to the user who runs the sandbox.
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
from cocalc_magic.sandbox.storage.folders.staging import Attributes, file_of, is_temporary
from cocalc_magic.sandbox.storage.folders.tree import Walker, remove_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from cocalc_magic.sandbox.storage.folders.staging import Staging
    from cocalc_magic.sandbox.storage.folders.tree import Directory

_READ_SIZE = 1 << 20  # bytes
# After these errors it is useless to go on with the next file.
_FATAL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE)


@dataclass(frozen=True)
class CopyOptions:
    """The options of a copy."""

    overwrite_newer: bool = False
    delete_missing: bool = False
    backup: bool = False
    exclude: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What was skipped because it cannot be copied, and the errors in rsync's words, a line each."""

    skipped: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Copier:
    """One copy, with its `outcome`. Methods raise `OSError` where it is useless to go on."""

    def __init__(self, staging: Staging, options: CopyOptions) -> None:
        self._staging = staging
        self._options = options
        self._exclude = Exclude(options.exclude)
        self._deletes = options.delete_missing
        self.outcome = Outcome()

    def copy_file(self, source: Directory, name: str, target: Directory, new_name: str) -> None:
        """Copy a file, or a link itself, to a name in a folder."""
        same = source.identity == target.identity and name == new_name
        if not same and not self._exclude.covers((), name, False):
            with Walker(target) as writing:
                self._copy(source, writing, Entry(1, name, source.facts(name)), new_name)

    def copy_folder(self, source: Directory, target: Directory) -> None:
        """Copy the content of a folder, and the attributes of the folder itself."""
        if source.identity == target.identity:
            return
        # Before anything is written, since the target may be inside.
        entries = list_files(source, self._exclude, self._unread)
        with Walker(source) as reading, Walker(target) as writing:
            self._delete_missing(writing, entries[0])
            self._copy_entries(entries[1:], reading, writing)
        self._set_attributes(target, entries[0], ())

    # -- folders -----------------------------------------------------------------------------------

    def _copy_entries(self, entries: list[Entry], reading: Walker, writing: Walker) -> None:
        """Copy the entries; both walks end where they began."""
        entered: list[Entry] = []
        skipped: int | None = None  # the depth of a folder that was not entered
        for entry in entries:
            if skipped is not None and entry.depth > skipped:
                continue
            skipped = None
            while len(entered) >= entry.depth:
                self._leave(entered.pop(), reading, writing)
            if not entry.is_folder:
                self._copy(reading.here, writing, entry, entry.name)
            elif self._enter(entry, reading, writing):
                entered.append(entry)
            else:
                skipped = entry.depth
        while entered:
            self._leave(entered.pop(), reading, writing)

    def _enter(self, entry: Entry, reading: Walker, writing: Walker) -> bool:
        """Move into a folder and its copy, which is made if missing; return False where that fails."""
        try:
            reading.down(entry.name)
        except OSError as problem:
            self._note("opendir", _path(reading.names, entry.name), problem)
            return False
        try:
            self._make_folder(writing.here, entry.name)
            writing.down(entry.name)
            writing.here.open_up()  # until its attributes are set
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
                self._set_attributes(copy, entry, writing.names)
        except OSError as problem:
            self._note("opendir", _path(writing.names, entry.name), problem)

    def _make_folder(self, target: Directory, name: str) -> None:
        """Make a folder unless it exists; anything else of this name is replaced."""
        existing = target.find(name)
        if existing and stat.S_ISDIR(existing.st_mode):
            return
        if existing and self._options.backup:
            _clear_backup(target, name)
            target.move(name, target, f"{name}~")
        elif existing:
            target.unlink(name)
        target.make_folder(name, 0o700)

    def _set_attributes(self, copy: Directory, entry: Entry, above: Sequence[str]) -> None:
        """Set the attributes of a folder on its copy."""
        try:
            if not self._options.backup:  # rsync does not set the times of folders then
                copy.set_times(".", _times(entry.facts))
            copy.set_own_mode(stat.S_IMODE(entry.facts.st_mode))
        except OSError as problem:
            self._note("failed to set times on", _path(above, entry.name), problem)

    def _delete_missing(self, writing: Walker, entry: Entry) -> None:
        """Delete what the source folder lacks."""
        if not self._deletes or entry.names is None:
            return
        try:
            for name in self._delete_files(writing, entry.names):
                self._delete_folder(writing, name)
        except OSError as problem:
            self._note("failed to delete in", "/".join(writing.names) or ".", problem)

    def _delete_folder(self, writing: Walker, name: str) -> None:
        """Delete a folder, unless something in it is to stay; the walk ends where it began."""
        depth = len(writing.names)
        try:
            remove_folder(writing, name, self._delete_files, self._keep)
        finally:
            while len(writing.names) > depth:
                writing.up()

    def _delete_files(self, writing: Walker, wanted: Collection[str] = ()) -> list[str]:
        """Delete files in a folder, and return the folders that are to be deleted."""
        folders = []
        for name, is_folder in writing.here.entries():
            backed_up = self._options.backup and name.endswith("~")
            if name in wanted or is_temporary(name) or self._exclude.covers(writing.names, name, is_folder):
                continue
            if is_folder:
                folders.append(name)
            elif self._options.backup and not backed_up:
                _clear_backup(writing.here, name)
                writing.here.move(name, writing.here, f"{name}~")
            elif not backed_up:
                writing.here.unlink(name)
        return folders

    def _keep(self, problem: OSError) -> None:
        """Ignore that a folder is not empty; raise any other error."""
        if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            raise problem

    # -- files -------------------------------------------------------------------------------------

    def _copy(self, source: Directory, target: Walker, entry: Entry, new_name: str) -> None:
        """Copy a file, a link or a pipe; anything else is skipped."""
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
        existing = target.here.find(new_name)
        if existing and stat.S_ISREG(existing.st_mode) and not self._is_outdated(entry.facts, existing):
            if (existing.st_size, existing.st_mtime_ns) == (entry.facts.st_size, entry.facts.st_mtime_ns):
                _set_mode(target.here, new_name, entry.facts)
            return
        descriptor = source.file(entry.name, os.O_RDONLY)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise FileNotFoundError(errno.ENOENT, "it is not a file any more")
            if self._make_way(target, new_name, existing, "regular file"):
                attributes = Attributes(stat.S_IMODE(facts.st_mode), None, _times(facts))
                make = file_of(partial(_chunks, descriptor, facts.st_size), attributes)
                self._staging.put(target.here, new_name, make)
        finally:
            os.close(descriptor)

    def _is_outdated(self, facts: os.stat_result, existing: os.stat_result) -> bool:
        """Tell whether an existing file is to be replaced, by times and sizes."""
        if not self._options.overwrite_newer and existing.st_mtime_ns > facts.st_mtime_ns:
            return False
        return (existing.st_size, existing.st_mtime_ns) != (facts.st_size, facts.st_mtime_ns)

    def _copy_link(self, source: Directory, target: Walker, entry: Entry, new_name: str) -> None:
        text = source.read_link(entry.name)
        existing = target.here.find(new_name)
        if existing and stat.S_ISLNK(existing.st_mode) and target.here.read_link(new_name) == text:
            return
        if self._make_way(target, new_name, existing, "symlink"):
            self._staging.put(target.here, new_name, lambda folder, name: folder.make_link(name, text))

    def _copy_pipe(self, target: Walker, entry: Entry, new_name: str) -> None:
        def make(folder: Directory, name: str) -> None:
            folder.make_pipe(name, 0o600)
            _set_mode(folder, name, entry.facts)
            folder.set_times(name, _times(entry.facts))

        existing = target.here.find(new_name)
        if existing and stat.S_ISFIFO(existing.st_mode):
            _set_mode(target.here, new_name, entry.facts)
            target.here.set_times(new_name, _times(entry.facts))
        elif self._make_way(target, new_name, existing, "special file"):
            self._staging.put(target.here, new_name, make)

    def _make_way(self, target: Walker, name: str, existing: os.stat_result | None, kind: str) -> bool:
        """Clear the place of what is moved to a name; return False, with an error, where a folder stays."""
        if existing is None:
            return True
        if not stat.S_ISDIR(existing.st_mode):
            if self._options.backup:
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
        """Note a folder that cannot be read. Nothing is deleted then, since it might be in that folder."""
        self._deletes = False
        self._note("opendir", path or ".", problem)

    def _note(self, what: str, path: str, problem: OSError) -> None:
        """Note an error, to go on. Raises it where that is useless."""
        if problem.errno in _FATAL:
            raise problem
        self.outcome.errors.append(f'{what} "{path}" failed: {problem.strerror} ({problem.errno})')


def _path(above: Sequence[str], name: str) -> str:
    return "/".join((*above, name))


def _times(facts: os.stat_result) -> tuple[int, int]:
    """Return the times of a copy's last access, which is now, and change, in nanoseconds."""
    return time.time_ns(), facts.st_mtime_ns


def _chunks(descriptor: int, size: int) -> Iterator[bytes]:
    """Read a file from its beginning, to the size that it had when the copy began."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    while size > 0 and (chunk := os.read(descriptor, min(size, _READ_SIZE))):
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
    """Link a file under the name of its backup, so that its own name always exists."""
    _clear_backup(folder, name)
    try:
        folder.link(name, f"{name}~")
    except OSError:  # a file system without hard links
        folder.move(name, folder, f"{name}~")


def _clear_backup(folder: Directory, name: str) -> None:
    """Remove an older backup. Raises `OSError` for a folder in its place."""
    with suppress(FileNotFoundError):
        folder.unlink(f"{name}~")
