"""``project:system.*`` that read, write and move files: within the project's folder, in Node's words."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.javascript import well_formed
from cocalc_magic.sandbox.projects import LARGEST_FILE, in_node_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

MOST_ENTRIES = 100_000  # of a listing


def listing(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is in a folder: size in bytes (of a folder how many things are in it), times in seconds."""
    path = _text(options.get("path"), "string").lstrip("/")
    real, hidden = world.folders.within(project_id, path), bool(options.get("hidden"))
    try:
        with os.scandir(real) as found:
            entries = [one for one in found if hidden or not one.name.startswith(".")]
    except OSError as problem:
        raise Failed(in_node_words(problem, "opendir", _shown(world, project_id, path))) from None
    return [_entry(one, hidden) for one in entries[:MOST_ENTRIES]]


def _entry(found: os.DirEntry[str], hidden: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": found.name}
    try:
        if found.is_symlink():
            entry |= {"issymlink": True, "link_target": os.readlink(found.path)}
        facts = found.stat() if os.path.exists(found.path) else found.stat(follow_symlinks=False)
        entry |= {"mtime": facts.st_mtime_ns // 1_000_000 / 1_000, "size": facts.st_size}
        if stat.S_ISDIR(facts.st_mode):
            entry |= {"isdir": True, "size": _count(found.path, hidden)}
    except OSError as problem:
        entry["error"] = in_node_words(problem, "lstat", found.name)
    return entry


def _count(folder: str, hidden: bool) -> int:
    return sum(hidden or not name.startswith(".") for name in os.listdir(folder))


def delete_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Deletes files, and folders with all that is in them; what is not there is no failure."""
    for place in [_place(world, project_id, path) for path in _paths(options.get("paths"))]:
        try:
            if os.path.isdir(place) and not os.path.islink(place):
                shutil.rmtree(place)
            elif os.path.lexists(place):
                os.unlink(place)
        except OSError as problem:
            raise Failed(in_node_words(problem, "unlink", place)) from None


def move_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Moves files and folders into a folder."""
    paths = _paths(options.get("paths"))
    folder = world.folders.within(project_id, _text(options.get("dest"), "string"))
    for path in paths:
        place = _place(world, project_id, path)
        _move(world, project_id, path, os.path.join(folder, os.path.basename(place)))


def rename_file(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Gives a file or folder another name, in another folder perhaps."""
    source, target = (_text(options.get(name), "string") for name in ("src", "dest"))
    if source != target:
        _move(world, project_id, source, _place(world, project_id, target))


def _move(world: World, project_id: str, path: str, target: str) -> None:
    """Moves what a path names; nothing is written over, and the folders that it needs are made."""
    source = _place(world, project_id, path)
    if not os.path.lexists(source):
        missing = FileNotFoundError(errno.ENOENT, "")
        raise Failed(in_node_words(missing, "lstat", _shown(world, project_id, path)))
    if os.path.lexists(target):
        raise Failed("Error: dest already exists.")
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.rename(source, target)
    except OSError as problem:
        raise Failed(f"{in_node_words(problem, 'rename', source)} -> '{target}'") from None


def realpath(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Where a path leads to, relative to the project's folder."""
    path = _text(options.get("path"), "string")
    real = world.folders.within(project_id, path)
    if not os.path.exists(real):
        missing = FileNotFoundError(errno.ENOENT, "")
        raise Failed(in_node_words(missing, "realpath", _shown(world, project_id, path)))
    home = os.path.realpath(world.folders.home(project_id))
    return "" if real == home else os.path.relpath(real, home)


def canonical_paths(world: World, project_id: str, options: Mapping[str, Any]) -> list[str]:
    """Where each of some paths leads to."""
    return [realpath(world, project_id, {"path": path}) for path in _paths(options.get("paths"))]


def read_text_file_from_project(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """A file as text; bytes that are no UTF-8 become U+FFFD."""
    path = _text(options.get("path"), "string or an instance of Buffer or URL")
    real = world.folders.within(project_id, path)
    try:
        facts = os.stat(real)
        if stat.S_ISDIR(facts.st_mode):
            raise Failed("Error: EISDIR: illegal operation on a directory, read")
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST_FILE:
            raise Failed(f"Error: {path!r} is no file of at most {LARGEST_FILE // 1_000_000} MB")
        with open(real, "rb") as file:
            return file.read(LARGEST_FILE).decode("utf-8", "replace")
    except OSError as problem:
        raise Failed(in_node_words(problem, "open", path)) from None


def write_text_file_to_project(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Writes a file whole, making the folders that it needs."""
    path = _text(options.get("path"), "string or an instance of Buffer or URL")
    content = options.get("content")
    if not isinstance(content, str):
        raise Failed(f'{_WRONG} "data" argument must be of type string. Received {_received(content)}')
    try:
        world.folders.write(project_id, path, well_formed(content))
    except Failed as problem:
        if not isinstance(problem.error, dict):
            raise
        number = -int(problem.error["errno"])
        raise Failed(in_node_words(OSError(number, ""), "open", path)) from None


# -- paths -----------------------------------------------------------------------------------------

_WRONG = "TypeError [ERR_INVALID_ARG_TYPE]: The"


def _text(path: Any, kinds: str) -> str:
    if isinstance(path, str):
        return well_formed(path)
    raise Failed(f'{_WRONG} "path" argument must be of type {kinds}. Received {_received(path)}')


def _received(value: Any) -> str:
    if value is None:
        return "undefined"
    return f"an instance of {'Array' if isinstance(value, list) else 'Object'}"


def _paths(given: Any) -> list[str]:
    if given is None:
        raise Failed("TypeError: Cannot read properties of undefined (reading 'map')")
    if not isinstance(given, list):
        raise Failed("TypeError: paths.map is not a function")
    return [_text(path, "string") for path in given]


def _place(world: World, project_id: str, path: str) -> str:
    """Where a path leads to, its last part not followed. Raises :class:`Failed` for what leads out, too."""
    folder, name = os.path.split(path.rstrip("/"))
    if "\0" in name:
        raise Failed("Error: a path holds no null character")
    if name in ("", ".", ".."):
        raise Failed(f"Error: the sandbox keeps a project's folder as it is, and {path!r} names a whole one")
    return os.path.join(world.folders.within(project_id, folder), name)


def _shown(world: World, project_id: str, path: str) -> str:
    return str(world.folders.home(project_id) / path) if path else str(world.folders.home(project_id))
