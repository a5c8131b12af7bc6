"""The folders of the projects, and reading and writing files in them; knows no HTTP.

Errors are those of Node's file functions, as the recorded server passed them on. It differs in one
thing on purpose: a path that leads out of the project's folder (``..``, an absolute one, a link) is
refused, where the recorded server followed it.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 10_000_000  # bytes that can be read at once, as on the recorded server

_WORDS = {
    "ENOENT": "no such file or directory",
    "EACCES": "permission denied",
    "EISDIR": "illegal operation on a directory",
    "ENOTDIR": "not a directory",
    "ENAMETOOLONG": "name too long",
    "ELOOP": "too many symbolic links encountered",
}


class Folders:
    """One folder a project, all below one root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def home(self, project_id: str) -> Path:
        """The project's folder, made when it is missing."""
        home = self.root / project_id
        home.mkdir(mode=0o700, exist_ok=True)
        return home

    def clear(self) -> None:
        """Removes every project's folder."""
        for home in self.root.iterdir():
            shutil.rmtree(home, ignore_errors=True)

    def read(self, project_id: str, path: str) -> str:
        """A file as text; bytes that are no UTF-8 become U+FFFD. Raises :class:`Failed`."""
        real, name = self._inside(project_id, path)
        try:
            found = os.stat(real)
        except OSError as problem:
            raise Failed(in_node_words(problem, "stat", name)) from None
        if found.st_size > LARGEST_FILE:
            raise Failed(
                f"Error: Attempt to open large file of size {found.st_size // 1_000_000}MB; the maximum "
                "allowed size is 10MB. Use vim, emacs, or pico from a terminal instead."
            )
        if stat.S_ISDIR(found.st_mode):
            raise Failed("Error: EISDIR: illegal operation on a directory, read")
        if not stat.S_ISREG(found.st_mode):
            raise _no_file(path)
        try:
            with open(real, "rb") as file:
                return file.read(LARGEST_FILE + 1).decode("utf-8", "replace")
        except OSError as problem:
            raise Failed(in_node_words(problem, "open", name)) from None

    def write(self, project_id: str, path: str, content: str) -> None:
        """Writes a file whole, making the folders that it needs. Raises :class:`Failed` with an object."""
        real, name = self._inside(project_id, path)
        try:
            if path.endswith("/") and os.path.isdir(real):
                raise IsADirectoryError(errno.EISDIR, "", real)
            os.makedirs(os.path.dirname(real), exist_ok=True)
            if os.path.exists(real) and not os.path.isfile(real) and not os.path.isdir(real):
                raise _no_file(path)
            with open(real, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(content)
        except OSError as problem:
            # A parent that is a file shows itself as "exists" while the folders are made.
            number = errno.ENOTDIR if isinstance(problem, FileExistsError) else problem.errno or errno.EIO
            raise Failed({"errno": -number, "code": _code(number), "syscall": "open", "path": name}) from None

    def where(self, project_id: str, path: str) -> str:
        """The folder that a command is to run in; commands are free to leave the project's."""
        return os.path.join(self.home(project_id), path)

    def within(self, project_id: str, path: str) -> str:
        """Where a path of a project leads to; raises :class:`Failed` for one that leads out of it."""
        return self._inside(project_id, path)[0]

    def _inside(self, project_id: str, path: str) -> tuple[str, str]:
        """Where a path leads to, and how it is named in errors; refuses what leads out."""
        if "\0" in path:
            raise Failed("Error: a path holds no null character")
        home = os.path.realpath(self.home(project_id))
        real = os.path.realpath(os.path.join(home, path))
        if not _is_below(real, home):
            raise Failed(f"Error: the sandbox keeps files within their project, and {path!r} leads out of it")
        return real, os.path.join(self.root, project_id, path)


def _is_below(real: str, home: str) -> bool:
    try:
        return os.path.commonpath((home, real)) == home
    except ValueError:  # another drive of Windows
        return False


def _no_file(path: str) -> Failed:
    # A pipe would be waited for without end.
    return Failed(f"Error: {path!r} is a pipe, socket or device, and the sandbox opens files alone")


def in_node_words(problem: OSError, syscall: str, name: str) -> str:
    """A problem of the file system as Node words it; ``name`` is the path that was given or meant."""
    code = _code(problem.errno or errno.EIO)
    return f"Error: {code}: {_WORDS.get(code, problem.strerror)}, {syscall} '{name}'"


def _code(number: int) -> str:
    return errno.errorcode.get(number, "EIO")


def spawn_error(problem: OSError, program: str, args: list[str]) -> dict[str, Any]:
    """What Node reports of a program that could not be started."""
    number = problem.errno or errno.EIO
    return {
        "errno": -number,
        "code": _code(number),
        "syscall": f"spawn {program}",
        "path": program,
        "spawnargs": args,
    }
