"""Resolve paths in a project, one name at a time, and never out of the project.

Links are read and followed here, by their text, with every folder on the way opened from the one above it. So
it does not matter what is swapped meanwhile: a folder that was opened stays the same.
"""

from __future__ import annotations

import errno
import ntpath
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.storage.folders.tree import Walker
from cocalc_magic.sanitize.file_names import windows_refuses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cocalc_magic.sandbox.storage.folders.tree import Directory

MAX_PATH = 4_096  # bytes from the root with the null byte at the end, as on Linux
MAX_LINKS = 40  # of one path, as on Linux


@dataclass
class Place:
    """What a path leads to: an open folder (`walker.here`), and the names after it that are not folders.

    Without `missing` the path names that folder itself. One name is that of something else in the folder,
    or of nothing yet; of several, `problem` says why the first is not a folder.
    """

    walker: Walker
    missing: list[str]
    problem: OSError | None

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *problem: object) -> None:
        self.walker.to_top()

    @property
    def folder(self) -> Directory:
        """The open folder."""
        return self.walker.here

    @property
    def is_folder(self) -> bool:
        """Whether the path names a folder."""
        return not self.missing

    @property
    def name(self) -> str:
        """The name in the folder. Raises `OSError` where what is above it is missing, or not a folder."""
        if len(self.missing) > 1 and self.problem:
            raise self.problem
        return self.missing[0] if self.missing else ""

    @property
    def path(self) -> str:
        """The path relative to the project's folder."""
        return "/".join((*self.walker.names, *self.missing))

    def make_folders(self) -> None:
        """Make the folders that the path needs above its last name. Raises `OSError`."""
        while len(self.missing) > 1:
            with suppress(FileExistsError):  # a file, which raises next, or another process was faster
                self.folder.make_folder(self.missing[0])
            self.walker.down(self.missing[0])
            del self.missing[0]


def resolve(home: Directory, paths: Sequence[str], path: str) -> Place:
    """Follow a path from a project's folder, also where its last name is a link.

    `paths` are those of the project's folder, with and without links in them; an absolute path may begin
    with either. The place is to be closed. Raises `Failed` for a path that leads out of the project,
    `OSError` for one that is too long or has too many links.
    """
    check(paths, path)
    resolver = _Resolver(Walker(home), [_parts(home_path) for home_path in paths])
    try:
        resolver.follow(path)
        if resolver.outside is not None:
            raise Thrown(f"the sandbox keeps files within their project, and {path!r} leads out of it")
    except BaseException:
        resolver.walker.to_top()
        raise
    return Place(resolver.walker, resolver.missing, resolver.problem)


def check(paths: Sequence[str], path: str, *, windows: bool = os.name == "nt") -> None:
    """Raise `OSError` for a path that is too long, `Failed` for one with a name that cannot be."""
    if "\0" in path:
        raise Thrown("a path cannot contain a null character")
    if windows:
        below = ntpath.splitdrive(path)[1]
        names = (below if below.startswith("/") else path).split("/")
        if impossible := [name for name in names if name not in ("", ".", "..") and windows_refuses(name)]:
            raise Thrown(f"Windows, where this sandbox runs, has no files called {impossible[0]!r}")
    if len(os.fsencode(os.path.join(paths[0], path))) >= MAX_PATH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


class _Resolver:
    """A walk along a path.

    `outside` has the names of a place outside of the project while the path is there: nothing is opened
    there, but a path may lead out and back in.
    """

    def __init__(self, walker: Walker, homes: list[list[str]]) -> None:
        self.walker = walker
        self.homes = homes
        self.outside: list[str] | None = None
        self.missing: list[str] = []
        self.problem: OSError | None = None
        self._links = 0
        self._pending: list[str] = []  # the remaining names, the next one last

    def follow(self, path: str) -> None:
        self._add(path)
        while self._pending:
            name = self._pending.pop()
            if self.outside is not None:
                self._go_outside(self.outside, name)
            elif name == "..":
                self._go_up()
            elif self.missing:
                self.missing.append(name)
            else:
                self._go_down(name)

    def _add(self, path: str) -> None:
        if os.path.isabs(path):
            self.outside = []
        self._pending.extend(reversed(_parts(path)))

    def _go_outside(self, outside: list[str], name: str) -> None:
        if name != "..":
            outside.append(name)
        elif outside:
            outside.pop()
        if outside in self.homes:
            self.outside = None
            self.walker.to_top()

    def _go_up(self) -> None:
        if self.missing:
            self.missing.pop()
        elif self.walker.names:
            self.walker.up()
        else:
            self.outside = self.homes[0][:-1]

    def _go_down(self, name: str) -> None:
        try:
            self.walker.down(name)
        except OSError as problem:
            text = self._link(name)
            if text is None:
                self.missing, self.problem = [name], problem
                return
            self._links += 1
            if self._links > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
            self._add(text)

    def _link(self, name: str) -> str | None:
        """Return the text of a link; `None` for anything else."""
        try:
            return self.walker.here.read_link(name)
        except OSError:
            return None


def _parts(path: str) -> list[str]:
    return [part for part in path.replace(os.sep, "/").split("/") if part not in ("", ".")]
