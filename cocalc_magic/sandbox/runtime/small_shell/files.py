"""The files that a shell works with: those of one project, and none outside of it."""

from __future__ import annotations

import fnmatch
import os
import posixpath
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    import builtins
    from collections.abc import Callable

    from cocalc_magic.sandbox.storage.folders import Folders, Listed

MAX_FILE = 100_000_000  # bytes of a file that is read
MAX_MATCHES = 100_000  # paths of a pattern
_ENDLESS: dict[str, Callable[[int], bytes]] = {"/dev/zero": bytes, "/dev/urandom": os.urandom}
_NULL = "/dev/null"


class Outside(OSError):
    """Raised for a path that leads out of the project."""

    def __init__(self) -> None:
        super().__init__(0, "No such file in this project, which paths do not leave")


class Files:
    """The files of a project, by paths as a shell has them; methods raise `OSError`.

    Args:
        folders: The folders of all projects.
        project_id: The project.
        folder: The working directory, from the project's folder on.
    """

    def __init__(self, folders: Folders, project_id: str, folder: str = "") -> None:
        self._folders, self._project_id = folders, project_id
        self.home = str(folders.home(project_id))
        self.folder = folder

    @property
    def cwd(self) -> str:
        """The working directory as commands show it."""
        return posixpath.join(self.home, self.folder) if self.folder else self.home

    def change_to(self, path: str) -> None:
        """Change the working directory."""
        if not self.is_folder(path):
            self.facts(path)
            raise NotADirectoryError(0, "Not a directory")
        real = self._call("real_path", path)
        self.folder = "" if real == "." else str(real)

    def read(self, path: str, most: int | None = None) -> bytes:
        """Return the content of a file, of which so many bytes are needed."""
        if path == _NULL:
            return b""
        if path in _ENDLESS:
            if most is None or most > MAX_FILE:
                raise OSError(0, "File too large")
            return _ENDLESS[path](most)
        try:
            with self._folders.open(self._project_id, self._place(path)) as file:
                content = file.read(MAX_FILE + 1)
        except Failed:
            raise Outside from None
        if len(content) > MAX_FILE:  # a copy, or what is added to, would lose its end
            raise OSError(0, "File too large")
        return content

    def write(self, path: str, content: bytes, *, append: bool = False) -> None:
        """Write a file, or add to its end; its folder must be there."""
        if path in (_NULL, *_ENDLESS):
            return
        above = posixpath.dirname(path)
        if above and not self.is_folder(above):
            self.facts(above)
            raise NotADirectoryError(0, "Not a directory")
        if self.is_folder(path):
            raise IsADirectoryError(0, "Is a directory")
        old = self.read(path) if append and self.exists(path) else b""
        self._call("write", path, old + content)

    def facts(self, path: str) -> os.stat_result:
        """Return the status of what a path leads to."""
        if path in (_NULL, *_ENDLESS):
            return os.stat(os.devnull)
        facts: os.stat_result = self._call("facts", path)
        return facts

    def exists(self, path: str) -> bool:
        """Tell whether something is there. Raises `Outside`."""
        try:
            self.facts(path)
        except Outside:
            raise
        except OSError:
            return False
        return True

    def is_folder(self, path: str) -> bool:
        """Tell whether a path leads to a folder."""
        return path not in (_NULL, *_ENDLESS) and bool(self._call("is_folder", path))

    def list(self, path: str, *, hidden: bool = True) -> builtins.list[Listed]:
        """Return what is in a folder, by name."""
        try:
            listed = self._folders.list(self._project_id, self._place(path), hidden=hidden)
        except Failed:
            raise Outside from None
        return sorted(listed, key=lambda entry: entry.name)

    def make_folder(self, path: str) -> None:
        """Make a folder, and those that it needs; nothing happens where it is there."""
        self._call("make_folder", path)

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it."""
        self._call("remove", path)

    def is_there(self, path: str) -> bool:
        """Tell whether something has this path, though it may be a link to nothing."""
        try:
            return self.link_text(path) is not None or self.exists(path)
        except FileNotFoundError:
            return False

    def move(self, path: str, new_path: str) -> None:
        """Move a file or a folder; a file that is there is replaced, an empty folder by a folder."""
        place, new_place = self._place(path), self._place(new_path)
        if self.exists(new_path):
            if self.is_folder(new_path) and self.list(new_path):
                raise OSError(0, "Directory not empty")
            self.remove(new_path)
        try:
            self._folders.move(self._project_id, place, new_place)
        except Failed as problem:
            raise OSError(0, problem.text) from None

    def touch(self, path: str) -> None:
        """Have a file be as if it was changed now, where the system can."""
        if not self.is_folder(path) and os.utime in os.supports_fd:
            with self._folders.open(self._project_id, self._place(path)) as file:
                os.utime(file.descriptor)

    def make_link(self, path: str, text: str) -> None:
        """Make a symbolic link of this text, which is followed inside of the project alone."""
        self._call("make_link", path, text)

    def link_text(self, path: str) -> str | None:
        """Return the text of a link; `None` for anything else."""
        if posixpath.basename(path) in ("", ".", ".."):
            return None
        text: str | None = self._call("link_text", path)
        return text

    def set_mode(self, path: str, mode: int) -> None:
        """Set the permissions of a file, where the system can."""
        with self._folders.open(self._project_id, self._place(path)) as file:
            if hasattr(os, "fchmod"):
                os.fchmod(file.descriptor, mode)

    def real_path(self, path: str) -> str:
        """Return where a path leads to, as commands show it."""
        real = str(self._call("real_path", path))
        return self.home if real == "." else posixpath.join(self.home, real)

    def matching(self, pattern: str) -> builtins.list[str]:
        """Return the paths that a pattern matches, in order."""
        begin = "/" if pattern.startswith("/") else ""
        paths = [begin]
        for name in filter(None, pattern.split("/")):
            paths = [path for above in paths for path in self._matching_in(above, name)][:MAX_MATCHES]
        return sorted(paths)

    def _matching_in(self, above: str, name: str) -> builtins.list[str]:
        try:
            if not any(sign in name for sign in "*?["):
                path = posixpath.join(above, name)
                return [path] if self.exists(path) else []
            entries = self.list(above or ".") if self.is_folder(above or ".") else []
        except OSError:
            return []
        return [
            posixpath.join(above, entry.name)
            for entry in entries
            if fnmatch.fnmatchcase(entry.name, name)
            and (name.startswith(".") or not entry.name.startswith("."))
        ]

    def _call(self, method: str, path: str, *args: object) -> Any:
        try:
            return getattr(self._folders, method)(self._project_id, self._place(path), *args)
        except Failed:
            raise Outside from None

    def _place(self, path: str) -> str:
        """Return a path from the project's folder on. Raises `OSError`."""
        if not path:
            raise FileNotFoundError(0, "No such file or directory")
        if not path.startswith("/"):
            return posixpath.join(self.folder, path)
        if path == self.home or path.startswith(f"{self.home}/"):
            return path[len(self.home) :].lstrip("/")
        raise Outside
