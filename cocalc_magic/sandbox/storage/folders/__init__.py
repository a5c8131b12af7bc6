"""The folders of the projects: read, write, list, move, copy and remove their files.

A path that leads out of its project's folder (`..`, an absolute one, a link) is refused, where the recorded
server followed it. Every step is taken by descriptors, so that nothing that is swapped meanwhile leads out.
Only regular files are opened: reading a pipe could block forever.

Errors of the file system are raised as `FileError`, with the name of Node's call; what
the sandbox refuses, as `Failed`.

From the bottom up: exclude, node_errors, staging, tree, file_list, resolve, rsync.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.storage.folders.node_errors import FileError, during
from cocalc_magic.sandbox.storage.folders.resolve import Place, check, resolve
from cocalc_magic.sandbox.storage.folders.staging import (
    Attributes,
    Staging,
    file_of,
    is_temporary,
    remove_leftovers,
)
from cocalc_magic.sandbox.storage.folders.tree import BY_DESCRIPTOR, Directory, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cocalc_magic.sandbox.storage.folders.rsync import CopyOptions, Outcome

MAX_FILE = 10_000_000  # bytes that can be read at once, as on the recorded server
MAX_ENTRIES = 100_000  # of a listing


@dataclass(frozen=True)
class OpenFile:
    """A file that is open for reading, and its status."""

    descriptor: int
    facts: os.stat_result

    def read(self, limit: int) -> bytes:
        """Return its bytes, at most so many."""
        with os.fdopen(os.dup(self.descriptor), "rb") as file:
            return file.read(limit)


@dataclass(frozen=True)
class Listed:
    """An entry of a folder.

    Args:
        facts: The status of what a link leads to, if that is in the project, else of the link itself.
        link: The text of a link.
        count: The number of entries of a folder.
        problem: Why there is no status.
    """

    name: str
    facts: os.stat_result | None = None
    link: str | None = None
    count: int | None = None
    problem: OSError | None = None


class Folders:
    """One folder per project, all below one root; by paths where the system cannot open folders."""

    def __init__(self, root: Path, *, by_descriptor: bool = BY_DESCRIPTOR) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root = root
        self._real_root = os.path.realpath(root)
        self._directory = Directory.open(root, by_descriptor=by_descriptor)
        self._staging = Staging(self._directory)

    def close(self) -> None:
        """Close the root."""
        self._directory.close()

    def clear(self) -> None:
        """Remove every project's folder."""
        for name, _ in self._directory.entries():
            remove_tree(self._directory, name, forgiving=True)

    def home(self, project_id: str) -> Path:
        """Return the path of a project's folder, which is made if missing. Raises `Failed`."""
        try:
            with self._home(project_id):
                return self.root / project_id
        except FileError as problem:
            raise Thrown(problem.words(str(self.root / project_id))) from None

    def where(self, project_id: str, path: str) -> str:
        """Return the folder that a command is to run in; commands are free to leave the project's."""
        return os.path.join(self.home(project_id), path)

    def shown(self, project_id: str, path: str) -> str:
        """Return a path as errors show it: from the root."""
        return os.path.join(self.root, project_id, path) if path else str(self.root / project_id)

    # -- reading -----------------------------------------------------------------------------------

    def check(self, project_id: str, path: str, *, follow: bool = True) -> None:
        """Raise `Failed` for a path that leads out of the project; `follow` its last link too."""
        place = self._at if follow else self._named
        with suppress(FileError), place(project_id, path, "stat"):
            pass

    def real_path(self, project_id: str, path: str) -> str:
        """Return where a path leads to, relative to the project's folder."""
        with self._at(project_id, path, "realpath") as place:
            if not place.is_folder:
                place.folder.facts(place.name)
            return place.path

    def facts(self, project_id: str, path: str) -> os.stat_result:
        """Return the status of what a path leads to."""
        with self._at(project_id, path, "stat") as place:
            return place.folder.facts(place.name)

    def is_folder(self, project_id: str, path: str) -> bool:
        """Tell whether a path leads to a folder of the project."""
        with self._at(project_id, path, "stat") as place:
            return place.is_folder

    @contextmanager
    def open(self, project_id: str, path: str) -> Iterator[OpenFile]:
        """Open a file for reading."""
        with self._at(project_id, path, "open") as place:
            if place.is_folder:
                raise FileError(_is_a_directory(), "read")
            descriptor = _opened(place, os.O_RDONLY, path)
        try:
            yield OpenFile(descriptor, os.fstat(descriptor))
        finally:
            os.close(descriptor)

    def list(self, project_id: str, path: str, *, hidden: bool) -> list[Listed]:
        """Return the entries of a folder, with `hidden` also those with a leading dot."""
        with self._at(project_id, path, "opendir") as place:
            if place.problem and not place.is_folder:
                raise place.problem
            names = [name for name, _ in place.folder.entries()]
            remove_leftovers(place.folder, names)
            shown = [name for name in names if _is_shown(name, hidden)][:MAX_ENTRIES]
            return [self._listed(project_id, place, name, hidden) for name in shown]

    def _listed(self, project_id: str, place: Place, name: str, hidden: bool) -> Listed:
        link, count = None, None
        try:
            facts = place.folder.facts(name)
            if stat.S_ISLNK(facts.st_mode):
                link = place.folder.read_link(name)
                with suppress(OSError, Failed):
                    facts = self.facts(project_id, f"{place.path}/{name}".lstrip("/"))
            if stat.S_ISDIR(facts.st_mode):
                count = self._count(project_id, f"{place.path}/{name}".lstrip("/"), hidden)
        except OSError as problem:
            return Listed(name, link=link, problem=problem)
        return Listed(name, facts, link, count)

    def _count(self, project_id: str, path: str, hidden: bool) -> int:
        with self._at(project_id, path, "opendir") as place:
            return sum(_is_shown(name, hidden) for name, _ in place.folder.entries())

    # -- writing -----------------------------------------------------------------------------------

    def write(self, project_id: str, path: str, content: bytes) -> None:
        """Write a whole file atomically, making the folders that it needs.

        A link is followed; permissions and owner stay. Other hard links keep the old content.
        """
        with self._at(project_id, path, "open") as place:
            if place.is_folder:
                raise _is_a_directory()
            if len(place.missing) > 2 or not isinstance(place.problem, NotADirectoryError):
                with during("mkdir"):  # of Node, which makes folders only where nothing has the name
                    place.make_folders()
            old = _replaceable(place, path)
            attributes = (
                Attributes(stat.S_IMODE(old.st_mode), (old.st_uid, old.st_gid)) if old else Attributes()
            )
            self._staging.put(place.folder, place.name, file_of(lambda: [content], attributes))

    def make_folder(self, project_id: str, path: str) -> None:
        """Make a folder, and those that it needs, unless it is there."""
        with self._folder(project_id, path):
            pass

    def make_link(self, project_id: str, path: str, text: str) -> None:
        """Make a symbolic link; wherever it leads, it is not followed out of the project."""
        with self._named(project_id, path, "symlink") as place:
            place.folder.make_link(place.name, text)

    def link_text(self, project_id: str, path: str) -> str | None:
        """Return the text of a link; `None` for anything else, and for nothing."""
        with self._named(project_id, path, "readlink") as place:
            facts = place.folder.find(place.name)
            return place.folder.read_link(place.name) if facts and stat.S_ISLNK(facts.st_mode) else None

    def remove(self, project_id: str, path: str) -> None:
        """Remove a file, a link itself, or a folder with all that is in it, if it exists."""
        with self._named(project_id, path, "unlink") as place:
            if len(place.missing) == 1:
                remove_tree(place.folder, place.name)

    def move(self, project_id: str, path: str, new_path: str) -> None:
        """Move a file, a link itself or a folder; nothing is overwritten, and missing folders are made."""
        with (
            self._named(project_id, path, "lstat") as source,
            self._named(project_id, new_path, "rename") as target,
        ):
            with during("lstat"):
                source.folder.facts(source.name)
            target.make_folders()
            if target.folder.find(target.name):
                raise Thrown("dest already exists.")
            with during("rename"):
                source.folder.move(source.name, target.folder, target.name)

    def copy(self, source: tuple[str, str], target: tuple[str, str], how: CopyOptions) -> Outcome:
        """Copy a file, or the content of a folder, as rsync does; source and target are a project and a path.

        A file is copied into the target where that is a folder. Folders that the target needs are made.
        """
        from cocalc_magic.sandbox.storage.folders.rsync import Copier  # late: a start does not need it

        copier = Copier(self._staging, how)
        with self._at(*source, "stat") as place:
            if place.is_folder:
                with self._folder(*target) as folder, during("copy"):
                    copier.copy_folder(place.folder, folder.folder)
                return copier.outcome
            place.folder.facts(place.name)
        with (
            self._named(*source, "stat") as place,
            self._destination(*target, place.name) as destination,
            during("copy"),
        ):
            copier.copy_file(place.folder, place.name, destination.folder, destination.name)
        return copier.outcome

    # -- places ------------------------------------------------------------------------------------

    def _home(self, project_id: str) -> Directory:
        """Open a project's folder, which is made if missing."""
        try:
            return self._directory.folder(project_id)
        except FileNotFoundError:
            with during("mkdir"), suppress(FileExistsError):
                self._directory.make_folder(project_id, 0o700)
        except OSError:
            pass  # it is raised again below
        with during("open"):
            return self._directory.folder(project_id)

    @contextmanager
    def _at(self, project_id: str, path: str, syscall: str) -> Iterator[Place]:
        """Follow a path; an `OSError` in the block is one of this call of Node."""
        paths = [os.path.join(root, project_id) for root in (self.root, self._real_root)]
        with during(syscall), self._home(project_id) as home, resolve(home, paths, path) as place:
            yield place

    @contextmanager
    def _named(self, project_id: str, path: str, syscall: str) -> Iterator[Place]:
        """Follow a path up to its last name. Raises `Failed` where that is the whole folder."""
        above, name = os.path.split(path.rstrip("/"))
        check([str(self.root)], name)
        if name in ("", ".", ".."):
            raise Thrown(f"the sandbox keeps a project's folder as it is, and {path!r} names a whole one")
        with self._at(project_id, above, syscall) as place:
            place.missing.append(name)
            yield place

    @contextmanager
    def _folder(self, project_id: str, path: str) -> Iterator[Place]:
        """Follow a path to a folder, which is made if missing."""
        with self._at(project_id, path, "mkdir") as place:
            place.make_folders()
            if not place.is_folder:
                name = place.missing.pop()
                place.folder.make_folder(name)
                place.walker.down(name)
            yield place

    @contextmanager
    def _destination(self, project_id: str, path: str, name: str) -> Iterator[Place]:
        """Follow a path to the destination of a file: in a folder that exists, or the path itself."""
        with self._at(project_id, path, "mkdir") as place:
            into = place.is_folder or path.endswith("/")
        if into:
            with self._folder(project_id, path) as place:
                place.missing.append(name)
                yield place
        else:
            with self._named(project_id, path, "mkdir") as place:
                place.make_folders()
                yield place


def _is_shown(name: str, hidden: bool) -> bool:
    return not is_temporary(name) and (hidden or not name.startswith("."))


def _is_a_directory() -> IsADirectoryError:
    return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def _no_file(path: str) -> Failed:
    return Thrown(f"{path!r} is a pipe, socket or device, and the sandbox opens only files")


def _opened(place: Place, flags: int, path: str) -> int:
    """Open the file that a path leads to. Raises `Failed` for anything else."""
    # Check before, since opening some devices has an effect, and again what was opened.
    if not stat.S_ISREG(place.folder.facts(place.name).st_mode):
        raise _no_file(path)
    try:
        descriptor = place.folder.file(place.name, flags)
    except OSError as problem:
        raise _no_file(path) if problem.errno == errno.ENXIO else problem from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_file(path)
    return descriptor


def _replaceable(place: Place, path: str) -> os.stat_result | None:
    """Return the status of the file that is to be replaced, which must be writable."""
    try:
        descriptor = _opened(place, os.O_WRONLY, path)
    except FileNotFoundError:
        return None
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)
