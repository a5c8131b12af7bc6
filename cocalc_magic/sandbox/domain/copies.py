"""Copies of files between projects, made at once as on a self-hosted server, and the record of them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.files import path_text
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.folders.node_errors import FileError
from cocalc_magic.sandbox.storage.folders.rsync import CopyOptions
from cocalc_magic.sandbox.storage.store import Row, new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

MAX_LINES = 100  # of errors, or of skipped files, in one copy
_PARTIAL = "WARNING: copy exited with an error -- "
_CODE_23 = "rsync error: some files/attrs were not transferred (see previous errors) (code 23)"


def copy(world: World, caller: Caller, source: str, target: str, options: Mapping[str, Any]) -> list[str]:
    """Copy a file or folder, and keep a record of it; return what was skipped because it cannot be copied.

    Args:
        source: The id of the project that is copied from; access has been checked.
        target: The id of the project that is copied to.
        options: `src_path`, `target_path`, `overwrite_newer`, `delete_missing`, `backup` and
            `exclude`, which all APIs call the same.

    Raises `Failed` in the words of Node and rsync.
    """
    path = path_text(options["src_path"])
    into = path if options["target_path"] is None else path_text(options["target_path"])
    places = (
        _within(path, "source path must be contained in project home dir"),
        _within(into, "target path must be contained in target project home dir"),
    )
    if source == target and places[0] == places[1]:
        return []
    record: Row = {
        "copy_path_id": new_id(),
        "time": now(),
        "source_project_id": source,
        "source_path": path,
        "target_project_id": target,
        "target_path": into,
        "started": now(),
    }
    try:
        skipped = _copy(world, (source, path.lstrip("/")), (target, into.lstrip("/")), _how(options))
    except Failed as problem:
        record["error"] = as_text(problem.text)
        raise
    finally:
        world.store.insert("copies", {**record, "finished": now()})
    touch(world, caller, target)
    if len(skipped) > MAX_LINES:
        skipped = [*skipped[:MAX_LINES], f"and {len(skipped) - MAX_LINES:,} more"]
    return skipped


def _copy(world: World, source: tuple[str, str], target: tuple[str, str], how: CopyOptions) -> list[str]:
    try:
        outcome = world.folders.copy(source, target, how)
    except FileError as problem:
        if problem.syscall == "stat":
            raise Thrown(problem.words(world.folders.shown(*source))) from None
        shown = world.folders.shown(*target)
        raise Thrown(f'{_PARTIAL}{problem.syscall} "{shown}" failed: {problem.reason}') from None
    if outcome.errors:
        raise Thrown(_PARTIAL + "\n".join([*outcome.errors[:MAX_LINES], _CODE_23]))
    return outcome.skipped


def _how(options: Mapping[str, Any]) -> CopyOptions:
    patterns = options.get("exclude") or []
    patterns = patterns if isinstance(patterns, list) else [patterns]
    return CopyOptions(
        overwrite_newer=is_true(options["overwrite_newer"]),
        delete_missing=is_true(options["delete_missing"]),
        backup=is_true(options["backup"]),
        exclude=tuple(as_text(pattern) for pattern in patterns),
    )


def _within(path: str, refusal: str) -> str:
    """Return a path within a project without its dots. Raises `Failed` for one that leads out of it."""
    place = posixpath.normpath(path.lstrip("/") or ".")
    if place.split("/")[0] == "..":
        raise Thrown(refusal)
    return place


def is_public(world: World, project_id: str, path: str) -> bool:
    """Tell whether a path, or a folder that it is in, has been published.

    A row without a path publishes nothing. The paths are compared as they are written, and a `path.zip` is
    as public as its `path`.
    """
    if "../" in path:
        return False
    published = {
        row["path"]
        for row in world.store.select("public_paths", [("project_id", "=", project_id)])
        if row["path"] is not None and not row["disabled"]
    }
    names = [path, path.removesuffix(".zip")]
    return any(_is_in(name, place) for name in names for place in published)


def _is_in(path: str, folder: str) -> bool:
    inside = folder == "" or path == folder or path.startswith(f"{folder}/")
    # Safety: real servers take `folder/..` for a path in the folder.
    return inside and (folder == "" or not path.endswith("/.."))
