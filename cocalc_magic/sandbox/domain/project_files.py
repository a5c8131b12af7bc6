"""`project:system.*` that read, write, list and move files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import files
from cocalc_magic.sandbox.domain.files import node_failures, path_text, path_texts
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import is_true
from cocalc_magic.sandbox.storage.folders.node_errors import FileError, in_node_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.folders import Listed
    from cocalc_magic.sandbox.world import World


def read_text_file_from_project(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return a file as text."""
    return files.read_text(world, project_id, options.get("path"))


def write_text_file_to_project(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Write a whole file."""
    files.write_text(world, project_id, options.get("path"), options.get("content"))


def listing(world: World, project_id: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a folder, with times in seconds; folders have their number of entries as size."""
    path = path_text(options.get("path")).lstrip("/")
    with node_failures(world, project_id, path):
        items = world.folders.list(project_id, path, hidden=is_true(options.get("hidden")))
    return [_entry(item) for item in items]


def _entry(item: Listed) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": item.name}
    if item.link is not None:
        entry |= {"issymlink": True, "link_target": item.link}
    if item.facts:
        entry |= {"mtime": item.facts.st_mtime_ns // 1_000_000 / 1_000, "size": item.facts.st_size}
    if item.count is not None:
        entry |= {"isdir": True, "size": item.count}
    if item.problem:
        entry["error"] = f"Error: {in_node_words(item.problem, 'lstat', item.name)}"
    return entry


def delete_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Delete files, and folders with all that is in them; a path that does not exist is not a failure."""
    paths = path_texts(options.get("paths"))
    for path in paths:
        world.folders.check(project_id, path, follow=False)
    for path in paths:
        with node_failures(world, project_id, path):
            world.folders.remove(project_id, path)


def move_files(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Move files and folders into a folder."""
    paths, folder = path_texts(options.get("paths")), path_text(options.get("dest"))
    world.folders.check(project_id, folder)
    for path in paths:
        _move(world, project_id, path, os.path.join(folder, os.path.basename(path.rstrip("/"))))


def rename_file(world: World, project_id: str, options: Mapping[str, Any]) -> None:
    """Give a file or folder another name, which may be in another folder."""
    source, target = path_text(options.get("src")), path_text(options.get("dest"))
    if source != target:
        _move(world, project_id, source, target)


def _move(world: World, project_id: str, path: str, target: str) -> None:
    try:
        world.folders.move(project_id, path, target)
    except FileError as problem:
        words = problem.words(world.folders.shown(project_id, path))
        to = f" -> '{world.folders.shown(project_id, target)}'" if problem.syscall == "rename" else ""
        raise Thrown(words + to) from None


def realpath(world: World, project_id: str, options: Mapping[str, Any]) -> str:
    """Return where a path leads to, relative to the project's folder."""
    path = path_text(options.get("path"))
    with node_failures(world, project_id, path):
        return world.folders.real_path(project_id, path)


def canonical_paths(world: World, project_id: str, options: Mapping[str, Any]) -> list[str]:
    """Return where each of several paths leads to."""
    return [realpath(world, project_id, {"path": path}) for path in path_texts(options.get("paths"))]
