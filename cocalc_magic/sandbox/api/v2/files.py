"""Files of projects: written and copied."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.types import NOT_OF_SOURCE
from cocalc_magic.sandbox.api.v2.auth import require_caller, require_collaborator, require_project_id, words
from cocalc_magic.sandbox.domain import access, copies, files
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.store import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_GITHUB = ("https://github.com/", "https://gist.github.com/", "https://raw.githubusercontent.com/")


def write_text_file(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Write a whole file. A failure to write is not reported, as recorded; a path out of the project is."""
    name = "projects/write-text-file"
    caller, project_id = require_caller(caller, name), options.get("project_id")
    if not access.is_uuid(project_id):
        raise Thrown("must set project_id to a valid uuid")
    if not is_true(options.get("path")):
        raise Thrown("must specify a 'path'")
    if options.get("content") is None:
        raise Thrown("must include content of file")
    project_id = require_collaborator(world, caller, project_id, name)
    touch(world, caller, project_id)
    world.folders.check(project_id, as_text(options["path"]))
    if isinstance(options["content"], str):
        with suppress(Failed):
            files.write_text(world, project_id, options["path"], options["content"])
    return {"status": "ok"}


# -- copies ----------------------------------------------------------------------------------------


def copy_path(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a file or folder; the id of the copy is empty, since it is done when the request is answered."""
    source, target = _named_projects(options)
    caller = require_caller(caller, "projects/copy-path")
    target = require_collaborator(world, caller, target, "projects/copy-path")
    if is_true(options.get("public_id")):
        _check_published(world, source, options)
    else:
        refusal = str(words("projects/copy-path", NOT_OF_SOURCE))
        access.require_collaborator(world, caller, source, refusal)
    names = ("overwrite_newer", "delete_missing", "backup", "target_path")
    how = {name: options.get(name) for name in names} | {"src_path": options["path"], "exclude": None}
    skipped = copies.copy(world, caller, source, target, how)
    return {"copy_id": "", **({"skipped": skipped} if skipped else {})}


def _named_projects(options: Mapping[str, Any]) -> tuple[str, str]:
    """Return both projects of a copy; a value that is not an id is refused before anything else."""
    if options.get("path") is None:
        raise Thrown("path must be specified")
    for name in ("src_project_id", "target_project_id"):
        if not access.is_uuid(options.get(name)):
            raise Thrown(f"{name} must be a valid uuid")
    return options["src_project_id"].lower(), options["target_project_id"].lower()


def _check_published(world: World, source: str, options: Mapping[str, Any]) -> None:
    published = world.store.get("public_paths", as_text(options["public_id"])) or {}
    if published.get("project_id") != source or not copies.is_public(world, source, as_text(options["path"])):
        raise Thrown("source path must be a public path")


def copy_path_status(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return when a copy began and ended, and its error."""
    if not access.is_uuid(options.get("copy_id")):
        raise Thrown("copy_id must be a valid uuid")
    caller = require_caller(caller, "projects/copy-path-status")
    row = world.store.get("copies", str(options["copy_id"]).lower())
    if row is None:
        raise Thrown("copy_id not found")
    require_collaborator(world, caller, row["target_project_id"], "projects/copy-path-status")
    times = {name: iso(row[name]) if row[name] is not None else None for name in ("started", "finished")}
    return {**times, "copy_error": row["error"]}


def copy_url(world: World, caller: Caller | None, options: Mapping[str, Any]) -> None:
    """Fail: a sandbox fetches nothing; the recorded server takes addresses of GitHub."""
    if not is_true(options.get("url")):
        raise Thrown("url must be specified")
    project_id = require_project_id(options.get("project_id"))
    require_collaborator(world, require_caller(caller, "projects/copy-url"), project_id, "projects/copy-url")
    url = as_text(options["url"])
    if url.startswith(_GITHUB):
        raise Thrown("not answered by the sandbox: it fetches nothing from elsewhere")
    raise Thrown(f'unsupported proxy url schema -- "{url}" -- url must be hosted on GitHub')
