"""``project:system.*`` that read, write and move files: within the project's folder, in Node's words."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import well_formed
from cocalc_magic.sandbox.storage.folders import LARGEST_FILE
from cocalc_magic.sandbox.storage.folders.node_errors import FileError, in_node_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.sandbox.storage.folders import Listed
    from cocalc_magic.sandbox.world import World


def listing(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is in a folder: size in bytes (of a folder how many things are in it), times in seconds."""
    path = _text(options.get("path"), "string").lstrip("/")
    with _in_node_words(world, project_id, path):
        found = world.folders.list(project_id, path, hidden=bool(options.get("hidden")))
    return [_entry(one) for one in found]


def _entry(found: Listed) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": found.name}
    if found.link is not None:
        entry |= {"issymlink": True, "link_target": found.link}
    if found.facts:
        entry |= {"mtime": found.facts.st_mtime_ns // 1_000_000 / 1_000, "size": found.facts.st_size}
    if found.count is not None:
        entry |= {"isdir": True, "size": found.count}
    if found.problem:
        entry["error"] = in_node_words(found.problem, "lstat", found.name)
    return entry


def delete_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Delete files, and folders with all that is in them; what is not there is no failure."""
    paths = _paths(options.get("paths"))
    for path in paths:
        world.folders.check(project_id, path, follow=False)
    for path in paths:
        with _in_node_words(world, project_id, path):
            world.folders.remove(project_id, path)


def move_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Move files and folders into a folder."""
    paths = _paths(options.get("paths"))
    folder = _text(options.get("dest"), "string")
    world.folders.check(project_id, folder)
    for path in paths:
        _move(world, project_id, path, os.path.join(folder, os.path.basename(path.rstrip("/"))))


def rename_file(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Give a file or folder another name, in another folder perhaps."""
    source, target = (_text(options.get(name), "string") for name in ("src", "dest"))
    if source != target:
        _move(world, project_id, source, target)


def _move(world: World, project_id: str, path: str, target: str) -> None:
    """Move what a path names; nothing is written over, and the folders that it needs are made."""
    try:
        world.folders.move(project_id, path, target)
    except FileError as problem:
        words = problem.words(world.folders.shown(project_id, path))
        to = f" -> '{world.folders.shown(project_id, target)}'" if problem.syscall == "rename" else ""
        raise Failed(words + to) from None


def realpath(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return where a path leads to, relative to the project's folder."""
    path = _text(options.get("path"), "string")
    with _in_node_words(world, project_id, path):
        return world.folders.real_path(project_id, path)


def canonical_paths(world: World, project_id: str, options: Mapping[str, Any]) -> list[str]:
    """Return where each of some paths leads to."""
    return [realpath(world, project_id, {"path": path}) for path in _paths(options.get("paths"))]


def read_text_file_from_project(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return a file as text; bytes that are no UTF-8 become U+FFFD."""
    path = _text(options.get("path"), "string or an instance of Buffer or URL")
    try:
        with world.folders.open(project_id, path) as file:
            if file.facts.st_size > LARGEST_FILE:
                raise Failed(f"Error: {path!r} is no file of at most {LARGEST_FILE // 1_000_000} MB")
            return file.read(LARGEST_FILE).decode("utf-8", "replace")
    except FileError as problem:
        raise Failed(problem.words(path)) from None


def write_text_file_to_project(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Write a file whole, making the folders that it needs."""
    path = _text(options.get("path"), "string or an instance of Buffer or URL")
    content = options.get("content")
    if not isinstance(content, str):
        raise Failed(f'{_WRONG} "data" argument must be of type string. Received {_received(content)}')
    try:
        world.folders.write(project_id, path, well_formed(content).encode())
    except FileError as problem:
        shown = path if problem.syscall == "open" else world.folders.shown(project_id, path)
        raise Failed(problem.words(shown)) from None


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


@contextmanager
def _in_node_words(world: World, project_id: str, path: str) -> Iterator[None]:
    """Turn a problem with a file into a failure that tells its whole path."""
    try:
        yield
    except FileError as problem:
        raise Failed(problem.words(world.folders.shown(project_id, path))) from None
