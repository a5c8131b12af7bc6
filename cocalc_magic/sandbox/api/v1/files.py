"""Messages that read and write text files."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v1.access import readable_project, writable_project
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.folders import MAX_FILE
from cocalc_magic.sandbox.storage.folders.node_errors import FileError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def read_text_file_from_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the text of a file, or of several where `project_id` and `path` are lists of one length."""
    project_ids, paths = options["project_id"], options["path"]
    if not isinstance(project_ids, list):
        project_id = readable_project(world, caller, project_ids)
        touch(world, caller, project_id)
        return {"content": _read(world, project_id, as_text(paths))}
    if not isinstance(paths, list) or len(paths) != len(project_ids):
        raise Failed("if project_id is an array, then path must be an array of the same length")
    allowed = [readable_project(world, caller, project_id) for project_id in project_ids]
    entries = [
        _entry(world, project_id, as_text(path)) for project_id, path in zip(allowed, paths, strict=True)
    ]
    # Files that fail came first on the recorded server, since they need not be opened.
    return {"content": sorted(entries, key=lambda entry: "content" in entry)}


def write_text_file_to_project(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Write a whole file."""
    project_id = writable_project(world, caller, options["project_id"])
    content = options["content"]
    if not isinstance(content, str | list):
        raise Thrown("content must be text")  # the recorded server does not answer at all
    touch(world, caller, project_id)
    path = as_text(options["path"])
    try:
        world.folders.write(project_id, path, as_text(content).encode("utf-8", "replace"))
    except FileError as problem:
        raise Failed(problem.fields(world.folders.shown(project_id, path))) from None
    return {}


def _entry(world: World, project_id: str, path: str) -> dict[str, Any]:
    entry = {"path": path, "project_id": project_id}
    try:
        return {**entry, "content": _read(world, project_id, path)}
    except Failed as problem:
        return {**entry, "error": problem.error}


def _read(world: World, project_id: str, path: str) -> str:
    """Return a file as text, with U+FFFD for invalid UTF-8. Raises `Failed`."""
    try:
        _check_size(world.folders.facts(project_id, path))
        with world.folders.open(project_id, path) as file:
            _check_size(file.facts)
            return file.read(MAX_FILE).decode("utf-8", "replace")
    except FileError as problem:
        raise Thrown(problem.words(world.folders.shown(project_id, path))) from None


def _check_size(facts: os.stat_result) -> None:
    if facts.st_size > MAX_FILE and not stat.S_ISDIR(facts.st_mode):
        raise Thrown(
            f"Attempt to open large file of size {facts.st_size // 1_000_000}MB; the maximum "
            "allowed size is 10MB. Use vim, emacs, or pico from a terminal instead."
        )
