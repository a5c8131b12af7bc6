"""Paths in a project, and names that local files can have; pure functions.

Paths in a project are bytes on Linux. Here they are texts in which a byte that is not UTF-8 is a lone
surrogate, as in Python's file names.
"""

from __future__ import annotations

import posixpath
import re

from cocalc_magic.errors import CoCalcError, InvalidValue
from cocalc_magic.sanitize.file_names import windows_refuses

HOME = "."
_PLAIN = re.compile(r"[A-Za-z0-9_./+,:@%-]+")
_GLOB = re.compile(r"[*?\[]")
_LONGEST_NAME = 255  # bytes, on all systems that people use


def in_project(path: str) -> str:
    """Return a path relative to the project's home folder, normalised; `.` is that folder.

    Raises:
        InvalidValue: The path leads out of the project.
    """
    inside = posixpath.normpath(path.removeprefix("~/") or HOME) if path else ""
    if path == "~":
        return HOME
    if inside in ("", "..") or inside.startswith(("/", "../")) or "\0" in inside:
        raise InvalidValue(
            f"{path!r} is not a path in a project.", "It begins at the project's home folder: data/a.csv"
        )
    return inside


def is_pattern(path: str) -> bool:
    """Return whether a path is a pattern, such as `*.csv`."""
    return _GLOB.search(path) is not None


def joined(folder: str, name: str) -> str:
    """Return the path of a name in a folder of a project."""
    return name if folder == HOME else f"{folder}/{name}"


def quoted(path: str) -> str:
    """Return a path quoted for bash, in ASCII, so that no command takes it for a flag."""
    path = f"./{path}"
    if _PLAIN.fullmatch(path):
        return path
    return f"$'{''.join(map(_escaped, path.encode('utf-8', 'surrogateescape')))}'"


def _escaped(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\" else f"\\{byte:03o}"


def parts_below(path: str, root: str) -> tuple[str, ...]:
    """Return the names that lead from a root to a path below it; none for the root itself.

    Raises:
        CoCalcError: The path leads elsewhere, which an honest project never lists.
    """
    rest = path if root == HOME else path[len(root) :]
    if path.startswith("/") or (root != HOME and path != root and not path.startswith(f"{root}/")):
        raise _strange(path)
    names = tuple(rest.removeprefix("/").split("/")) if rest not in ("", HOME) else ()
    if any(name in ("", ".", "..") for name in names):
        raise _strange(path)
    return names


def trouble(name: str, *, windows: bool) -> str:
    """Return why a local file can't have this name; empty where it can."""
    try:
        length = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        length = len(name.encode("utf-8", "surrogateescape"))
        if windows:
            return "it is not Unicode"
    if length > _LONGEST_NAME:
        return "it is too long"
    if windows and windows_refuses(name):
        return "Windows has no such names"
    return ""


def folded(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names as a case-insensitive file system compares them."""
    import unicodedata  # late: for downloads of several files

    return tuple(unicodedata.normalize("NFC", name).casefold() for name in names)


def _strange(path: str) -> CoCalcError:
    return CoCalcError(f"the project tells of a path that leads elsewhere: {path[:100]!r}.")
