"""The folders of the projects: all that reads, writes, lists, moves, copies and removes their files.

Knows no HTTP. A path that leads out of its project's folder (``..``, an absolute one, a link) is refused,
where the recorded server followed it; and every step is taken by descriptors, so that nothing leads out that
is swapped while it is worked on. Only files are opened: a pipe would be waited for without end.

Problems of the file system are :class:`~.node_errors.FileError`, with the call that met them as Node has it;
:class:`~cocalc_magic.sandbox.errors.Failed` is what the sandbox refuses.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.storage.folders.node_errors import FileError, during
from cocalc_magic.sandbox.storage.folders.resolve import Place, resolve
from cocalc_magic.sandbox.storage.folders.staging import Looks, Staging, file_of, is_waiting, remove_left
from cocalc_magic.sandbox.storage.folders.tree import BY_DESCRIPTOR, Directory, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cocalc_magic.sandbox.storage.folders.rsync import How, Outcome

LARGEST_FILE = 10_000_000  # bytes that can be read at once, as on the recorded server
MAX_LISTED = 100_000  # names of a listing


@dataclass(frozen=True)
class OpenFile:
    """A file that is open for reading; ``facts`` are of what was opened."""

    descriptor: int
    facts: os.stat_result

    def read(self, limit: int) -> bytes:
        """Return its bytes, at most so many."""
        with os.fdopen(os.dup(self.descriptor), "rb") as file:
            return file.read(limit)


@dataclass(frozen=True)
class Listed:
    """A name in a folder.

    ``facts`` are of what a link leads to, if that is in the project, else of the link; ``link`` is its text.
    ``count`` is how many names are in a folder.
    """

    name: str
    facts: os.stat_result | None = None
    link: str | None = None
    count: int | None = None
    problem: OSError | None = None


class Folders:
    """One folder a project, all below one root. Works by paths where the system opens no folders."""

    def __init__(self, root: Path, *, by_descriptor: bool = BY_DESCRIPTOR) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root = root
        self._real_root = os.path.realpath(root)
        self._directory = Directory.open(root, by_descriptor=by_descriptor)
        self._staging = Staging(self._directory)

    def close(self) -> None:
        """Close the root; nothing works afterwards."""
        self._directory.close()

    def clear(self) -> None:
        """Remove every project's folder."""
        for name, _ in self._directory.entries():
            remove_tree(self._directory, name, forgiving=True)

    def home(self, project_id: str) -> Path:
        """Return the path of a project's folder, which is made when it is missing. Raises :class:`Failed`."""
        try:
            with self._home(project_id):
                return self.root / project_id
        except FileError as problem:
            raise Failed(problem.words(str(self.root / project_id))) from None

    def where(self, project_id: str, path: str) -> str:
        """Return the folder that a command is to run in; commands are free to leave the project's."""
        return os.path.join(self.home(project_id), path)

    def shown(self, project_id: str, path: str) -> str:
        """Return how a path is told of in errors: from the root."""
        return os.path.join(self.root, project_id, path) if path else str(self.root / project_id)

    # -- reading -----------------------------------------------------------------------------------

    def check(self, project_id: str, path: str, *, follow: bool = True) -> None:
        """Raise :class:`Failed` for a path that leads out of the project; ``follow`` its last name too."""
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
        """Return what is in a folder, hidden names (with a dot in front) too if wanted."""
        with self._at(project_id, path, "opendir") as place:
            if place.problem and not place.is_folder:
                raise place.problem
            names = [name for name, _ in place.folder.entries()]
            remove_left(place.folder, names)
            shown = [name for name in names if _is_shown(name, hidden)][:MAX_LISTED]
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
        """Write a file whole, at once, making the folders that it needs.

        A link is followed; permissions and owner stay. A file that has other names (hard links) parts from
        them.
        """
        with self._at(project_id, path, "open") as place:
            if place.is_folder:
                raise _is_a_directory()
            if len(place.missing) > 2 or not isinstance(place.problem, NotADirectoryError):
                with during("mkdir"):  # of Node, which makes folders only when there is nothing of the name
                    place.make_folders()
            old = _replaceable(place, path)
            looks = Looks(stat.S_IMODE(old.st_mode), (old.st_uid, old.st_gid)) if old else Looks()
            self._staging.put(place.folder, place.name, file_of(lambda: [content], looks))

    def remove(self, project_id: str, path: str) -> None:
        """Remove a file, a link itself, or a folder with all that is in it; nothing when it is not there."""
        with self._named(project_id, path, "unlink") as place:
            if len(place.missing) == 1:
                remove_tree(place.folder, place.name)

    def move(self, project_id: str, path: str, new_path: str) -> None:
        """Move a file, a link itself or a folder; nothing is written over, and missing folders are made."""
        with (
            self._named(project_id, path, "lstat") as source,
            self._named(project_id, new_path, "rename") as target,
        ):
            with during("lstat"):
                source.folder.facts(source.name)
            target.make_folders()
            if target.folder.find(target.name):
                raise Failed("Error: dest already exists.")
            with during("rename"):
                source.folder.move(source.name, target.folder, target.name)

    def copy(self, source: tuple[str, str], target: tuple[str, str], how: How) -> Outcome:
        """Copy a file, or what is in a folder, as rsync does; each is a project and a path in it.

        A file goes into a folder that has the name of the target. Folders that the target needs are made.
        """
        from cocalc_magic.sandbox.storage.folders.rsync import Copying

        copying = Copying(self._staging, how)
        with self._at(*source, "stat") as found:
            if found.is_folder:
                with self._made(*target) as made, during("copy"):
                    copying.copy_folder(found.folder, made.folder)
                return copying.outcome
            found.folder.facts(found.name)
        with (
            self._named(*source, "stat") as found,
            self._landing(*target, found.name) as landing,
            during("copy"),
        ):
            copying.copy_file(found.folder, found.name, landing.folder, landing.name)
        return copying.outcome

    # -- places ------------------------------------------------------------------------------------

    def _home(self, project_id: str) -> Directory:
        """Open a project's folder, which is made when it is missing."""
        try:
            return self._directory.folder(project_id)
        except FileNotFoundError:
            with during("mkdir"), suppress(FileExistsError):
                self._directory.make_folder(project_id, 0o700)
        except OSError:
            pass  # it is told below
        with during("open"):
            return self._directory.folder(project_id)

    @contextmanager
    def _at(self, project_id: str, path: str, syscall: str) -> Iterator[Place]:
        """Follow a path; problems within are those of this call."""
        paths = [os.path.join(root, project_id) for root in (self.root, self._real_root)]
        with during(syscall), self._home(project_id) as home, resolve(home, paths, path) as place:
            yield place

    @contextmanager
    def _named(self, project_id: str, path: str, syscall: str) -> Iterator[Place]:
        """Follow a path but for its last name. Raises :class:`Failed` for one that names a whole folder."""
        above, name = os.path.split(path.rstrip("/"))
        if "\0" in name:
            raise Failed("Error: a path holds no null character")
        if name in ("", ".", ".."):
            raise Failed(
                f"Error: the sandbox keeps a project's folder as it is, and {path!r} names a whole one"
            )
        with self._at(project_id, above, syscall) as place:
            place.missing.append(name)
            yield place

    @contextmanager
    def _made(self, project_id: str, path: str) -> Iterator[Place]:
        """Follow a path to a folder, which is made when it is missing."""
        with self._at(project_id, path, "mkdir") as place:
            place.make_folders()
            if not place.is_folder:
                name = place.missing.pop()
                place.folder.make_folder(name)
                place.walker.down(name)
            yield place

    @contextmanager
    def _landing(self, project_id: str, path: str, name: str) -> Iterator[Place]:
        """Follow a path to where a copy of a file goes: into a folder that is there, or to its last name."""
        with self._at(project_id, path, "mkdir") as place:
            into = place.is_folder or path.endswith("/")
        if into:
            with self._made(project_id, path) as place:
                place.missing.append(name)
                yield place
        else:
            with self._named(project_id, path, "mkdir") as place:
                place.make_folders()
                yield place


def _is_shown(name: str, hidden: bool) -> bool:
    return not is_waiting(name) and (hidden or not name.startswith("."))


def _is_a_directory() -> IsADirectoryError:
    return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def _no_file(path: str) -> Failed:
    return Failed(f"Error: {path!r} is a pipe, socket or device, and the sandbox opens files alone")


def _opened(place: Place, flags: int, path: str) -> int:
    """Open the file that a path has led to. Raises :class:`Failed` for what is no file."""
    # A look first, since some devices do something when they are opened; and a look at what was opened.
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
    """Return the status of the file that is to be replaced, which one must be allowed to write to."""
    try:
        descriptor = _opened(place, os.O_WRONLY, path)
    except FileNotFoundError:
        return None
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)
