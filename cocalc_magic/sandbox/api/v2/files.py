"""Files of projects: written, copied, and what the project itself is asked through ``projects/call``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.conat import files as conat
from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import access, copies
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.world import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

OK = {"status": "ok"}


def write_text_file(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Writes a file whole; that it could not be written is not told, as recorded.

    But that its path leads out of the project is.
    """
    caller = auth.signed_in(caller)
    if not options.get("path"):
        raise Failed("must specify a 'path'")
    if options.get("content") is None:
        raise Failed("must include content of file")
    words = "must be a collaborator on the project"
    project_id = access.require_collaborator(world, caller, options.get("project_id"), words)
    touch(world, caller, project_id)
    world.folders.check(project_id, as_text(options["path"]))
    if isinstance(options["content"], str):
        try:
            conat.write_text_file_to_project(world, project_id, options)
        except Failed:
            return OK
    return OK


# -- copies ----------------------------------------------------------------------------------------


def copy_path(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Copies a file or folder; the id of the job is empty, since it has ended when the answer comes."""
    caller = auth.signed_in(caller)
    source, target = options.get("src_project_id"), options.get("target_project_id")
    for name, value in (("src_project_id", source), ("target_project_id", target)):
        if not access.is_uuid(value):
            raise Failed(f"{name} must be a valid uuid")
    if not options.get("path"):
        raise Failed("path must be specified")
    for name, value in (("target", target), ("source", source)):
        if name == "source" and options.get("public_id"):
            _check_published(world, str(source).lower(), options)
        elif not access.is_collaborator(world, caller, str(value)):
            raise Failed(f"must be a collaborator on {name} project")
    _check_within(options["path"])
    names = ("target_path", "overwrite_newer", "delete_missing", "backup", "exclude")
    how = {name: options.get(name) for name in names}
    if how["target_path"] is None:
        how["target_path"] = options["path"]
    told = {}
    if (str(target).lower(), how["target_path"]) != (str(source).lower(), options["path"]):
        given = {**how, "src_path": options["path"]}
        with auth.without_kind():
            told = copies.carry_out(world, caller, str(source).lower(), str(target).lower(), given)
    return {"copy_id": "", **told}


def _check_within(path: Any) -> None:
    if os.path.normpath(as_text(path).lstrip("/")).split("/")[0] == "..":
        raise Failed("source path must be contained in project home dir")


def _check_published(world: World, source: str, options: Mapping[str, Any]) -> None:
    published = world.store.get("public_paths", as_text(options["public_id"])) or {}
    if published.get("project_id") != source or not copies.is_public(world, source, as_text(options["path"])):
        raise Failed("source path must be a public path")


def copy_path_status(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """When a copy began and ended, and what hindered it."""
    caller = auth.signed_in(caller)
    if not access.is_uuid(options.get("copy_id")):
        raise Failed("copy_id must be a valid uuid")
    job = world.store.get("copies", str(options["copy_id"]).lower())
    if job is None:
        raise Failed("copy_id not found")
    if not access.is_collaborator(world, caller, job["target_project_id"]):
        raise Failed("must be a collaborator on target project")
    moments = {name: iso(job[name]) if job[name] is not None else None for name in ("started", "finished")}
    return {**moments, "copy_error": job["error"]}


def copy_url(world: World, caller: Caller | None, options: Mapping[str, Any]) -> None:
    """Nothing comes from elsewhere into a sandbox; the recorded server takes addresses of GitHub."""
    words = "must be a collaborator on the project"
    access.require_collaborator(world, auth.signed_in(caller), options.get("project_id"), words)
    url = as_text(options.get("url"))
    if url.startswith(
        ("https://github.com/", "https://gist.github.com/", "https://raw.githubusercontent.com/")
    ):
        raise Failed("not answered by the sandbox: it fetches nothing from elsewhere")
    raise Failed(f'unsupported proxy url schema -- "{url}" -- url must be hosted on GitHub')
