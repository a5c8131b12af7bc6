"""Files of a project as today's projects treat them: read, written, listed and moved, in Node's words.

Paths come from callers as any JSON value; :class:`~cocalc_magic.sandbox.errors.Failed` is raised for those
that are not texts, lead out of the project or cannot be used.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import well_formed
from cocalc_magic.sandbox.storage.folders import LARGEST_FILE
from cocalc_magic.sandbox.storage.folders.node_errors import FileError, in_node_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.sandbox.storage.folders import Listed
    from cocalc_magic.sandbox.world import World

_INVALID_TYPE = "TypeError [ERR_INVALID_ARG_TYPE]: The"


def read_text(world: World, project_id: str, path: Any) -> str:
    """Return a file as text, with U+FFFD for invalid UTF-8."""
    path = _text(path, "string or an instance of Buffer or URL")
    try:
        with world.folders.open(project_id, path) as file:
            if file.facts.st_size > LARGEST_FILE:
                raise Failed(f"Error: {path!r} is larger than {LARGEST_FILE // 1_000_000} MB")
            return file.read(LARGEST_FILE).decode("utf-8", "replace")
    except FileError as problem:
        raise Failed(problem.words(path)) from None


def write_text(world: World, project_id: str, path: Any, content: Any) -> None:
    """Write a whole file, making the folders that it needs."""
    path = _text(path, "string or an instance of Buffer or URL")
    if not isinstance(content, str):
        raise Failed(
            f'{_INVALID_TYPE} "data" argument must be of type string. Received {_described(content)}'
        )
    try:
        world.folders.write(project_id, path, well_formed(content).encode())
    except FileError as problem:
        shown = path if problem.syscall == "open" else world.folders.shown(project_id, path)
        raise Failed(problem.words(shown)) from None


def listing(world: World, project_id: str, path: Any, *, hidden: bool) -> list[dict[str, Any]]:
    """Return the entries of a folder, with times in seconds; folders have their number of entries as size."""
    path = _text(path, "string").lstrip("/")
    with _failures(world, project_id, path):
        return [_entry(item) for item in world.folders.list(project_id, path, hidden=hidden)]


def _entry(item: Listed) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": item.name}
    if item.link is not None:
        entry |= {"issymlink": True, "link_target": item.link}
    if item.facts:
        entry |= {"mtime": item.facts.st_mtime_ns // 1_000_000 / 1_000, "size": item.facts.st_size}
    if item.count is not None:
        entry |= {"isdir": True, "size": item.count}
    if item.problem:
        entry["error"] = in_node_words(item.problem, "lstat", item.name)
    return entry


def delete(world: World, project_id: str, paths: Any) -> None:
    """Delete files, and folders with all that is in them; a path that does not exist is not a failure."""
    paths = _paths(paths)
    for path in paths:
        world.folders.check(project_id, path, follow=False)
    for path in paths:
        with _failures(world, project_id, path):
            world.folders.remove(project_id, path)


def move(world: World, project_id: str, paths: Any, folder: Any) -> None:
    """Move files and folders into a folder."""
    paths, folder = _paths(paths), _text(folder, "string")
    world.folders.check(project_id, folder)
    for path in paths:
        _move(world, project_id, path, os.path.join(folder, os.path.basename(path.rstrip("/"))))


def rename(world: World, project_id: str, source: Any, target: Any) -> None:
    """Give a file or folder another name, which may be in another folder."""
    source, target = _text(source, "string"), _text(target, "string")
    if source != target:
        _move(world, project_id, source, target)


def _move(world: World, project_id: str, path: str, target: str) -> None:
    try:
        world.folders.move(project_id, path, target)
    except FileError as problem:
        words = problem.words(world.folders.shown(project_id, path))
        to = f" -> '{world.folders.shown(project_id, target)}'" if problem.syscall == "rename" else ""
        raise Failed(words + to) from None


def real_paths(world: World, project_id: str, paths: Any) -> list[str]:
    """Return where paths lead to, relative to the project's folder."""
    return [real_path(world, project_id, path) for path in _paths(paths)]


def real_path(world: World, project_id: str, path: Any) -> str:
    """Return where a path leads to, relative to the project's folder."""
    path = _text(path, "string")
    with _failures(world, project_id, path):
        return world.folders.real_path(project_id, path)


# -- arguments -------------------------------------------------------------------------------------


def _text(path: Any, types: str) -> str:
    if isinstance(path, str):
        return well_formed(path)
    raise Failed(f'{_INVALID_TYPE} "path" argument must be of type {types}. Received {_described(path)}')


def _described(value: Any) -> str:
    if value is None:
        return "undefined"
    return f"an instance of {'Array' if isinstance(value, list) else 'Object'}"


def _paths(paths: Any) -> list[str]:
    if paths is None:
        raise Failed("TypeError: Cannot read properties of undefined (reading 'map')")
    if not isinstance(paths, list):
        raise Failed("TypeError: paths.map is not a function")
    return [_text(path, "string") for path in paths]


@contextmanager
def _failures(world: World, project_id: str, path: str) -> Iterator[None]:
    """Turn a :class:`FileError` into a failure that shows the whole path."""
    try:
        yield
    except FileError as problem:
        raise Failed(problem.words(world.folders.shown(project_id, path))) from None
