"""Messages that copy files between projects, at once as a self-hosted server does."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text
from cocalc_magic.sandbox.storage.folders.node_errors import FileError
from cocalc_magic.sandbox.storage.folders.rsync import How
from cocalc_magic.sandbox.storage.store import Row, new_id, now
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 1_000  # jobs in one list
NOTE = "Query copy_path_status with the copy_path_id to learn if the copy operation was successful."
MAX_TOLD = 100  # lines of what went wrong, or was passed over, in one copy
_PARTIAL = "WARNING: copy exited with an error -- "
_CODE_23 = "rsync error: some files/attrs were not transferred (see previous errors) (code 23)"
_MOMENTS = ("time", "started", "finished", "scheduled")


def copy_path_between_projects(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Copies a file or folder; the id of the job is empty, since it has ended when the answer comes."""
    source, target = _both_projects(world, caller, options)
    if (when := options["scheduled"]) is not None:
        _moment(when)  # a self-hosted server looks at it, and copies at once
    told = {}
    if (target, options["target_path"] or options["src_path"]) != (source, options["src_path"]):
        told = carry_out(world, caller, source, target, options)
    return {"copy_path_id": "", "note": NOTE, **told}


def copy_public_path_between_projects(
    world: World, caller: Caller, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Copies what a project has published into a project of the caller's."""
    target, path = options["target_project_id"], as_text(options["src_path"])
    if not access.may_use(world, caller, target):
        raise Failed(f"user must have write access to target project {as_text(target)}")
    source = as_text(options["src_project_id"])
    if not access.is_uuid(source) or not is_public(world, source.lower(), path):
        raise Failed(f"path '{path}' of project with id '{source}' is not public")
    try:
        return carry_out(world, caller, source.lower(), target.lower(), options)
    except Failed as problem:
        raise Failed(f"Error: {problem.error}") from None


def copy_path_status(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """One copy job by its id, or those from and into projects, the newest first."""
    source, target, job_id = (
        options["src_project_id"],
        options["target_project_id"],
        options["copy_path_id"],
    )
    if source is None and target is None:
        if not job_id:
            raise Failed(
                "'copy_path_id' (UUID) of a copy operation or 'src_project_id/target_project_id' "
                "must be defined"
            )
        job = _job(world, caller, job_id)
        return {"data": {name: value for name, value in _shown(job).items() if value is not None}}
    where = _wanted(world, caller, options)
    limit, offset = _within(options, "limit", MOST), _within(options, "offset", 100_000)
    found = world.store.select("copies", where, order=("-time",), limit=limit + offset)
    return {"data": [_shown(job) for job in found[offset:]]}


def copy_path_delete(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Calls a job off that is scheduled and has not been done."""
    job_id = options["copy_path_id"]
    if not job_id:
        raise Failed("ERROR: copy_path_id missing")
    found = world.store.get("copies", as_text(job_id))
    if found is None or found["scheduled"] is None or found["finished"] is not None:
        raise Failed(f"Copy operation '{as_text(job_id)}' either does not exist or already finished")
    _job(world, caller, job_id)
    world.store.delete("copies", found["copy_path_id"])
    return {"data": f"copy_path_id = '{found['copy_path_id']}' deleted"}


def _both_projects(world: World, caller: Caller, options: Mapping[str, Any]) -> tuple[str, str]:
    source, target = options["src_project_id"], options["target_project_id"]
    for name, value in (("src_project_id", source), ("target_project_id", target)):
        if not access.is_uuid(value):
            raise Failed(f"{name}='{as_text(value)}' not valid")
    _require(world, caller, source, target)
    return source.lower(), target.lower()


def _require(world: World, caller: Caller, source: Any, target: Any) -> None:
    if source is not None and not access.may_use(world, caller, source):
        raise Failed(f"ACCESS BLOCKED -- No read access to source project -- {source}")
    if target is not None and not access.may_use(world, caller, target):
        raise Failed(f"ACCESS BLOCKED -- No write access to target project -- {target}")


def carry_out(
    world: World, caller: Caller, source: str, target: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Copy, and keep a record of it. Raises :class:`Failed` in the words of Node and rsync.

    Returns what to say besides: ``skipped``, what was passed over because it can't be copied.
    """
    path = as_text(options["src_path"])
    into = path if options["target_path"] is None else as_text(options["target_path"])
    job: Row = {
        "copy_path_id": new_id(),
        "time": now(),
        "source_project_id": source,
        "source_path": path,
        "target_project_id": target,
        "target_path": into,
        "started": now(),
    }
    try:
        skipped = _copied(world, (source, path.lstrip("/")), (target, into.lstrip("/")), _how(options))
    except Failed as problem:
        job["error"] = as_text(problem.error)
        raise
    finally:
        world.store.insert("copies", {**job, "finished": now()})
    touch(world, caller, target)
    if len(skipped) > MAX_TOLD:
        skipped = [*skipped[:MAX_TOLD], f"and {len(skipped) - MAX_TOLD:,} more"]
    return {"skipped": skipped} if skipped else {}


def _copied(world: World, source: tuple[str, str], target: tuple[str, str], how: How) -> list[str]:
    """Copy, and return what was passed over. Raises :class:`Failed`."""
    try:
        outcome = world.folders.copy(source, target, how)
    except FileError as problem:
        if problem.syscall == "stat":
            raise Failed(problem.words(world.folders.shown(*source)).removeprefix("Error: ")) from None
        shown = world.folders.shown(*target)
        raise Failed(f'{_PARTIAL}{problem.syscall} "{shown}" failed: {problem.reason}') from None
    if outcome.errors:
        raise Failed(_PARTIAL + "\n".join([*outcome.errors[:MAX_TOLD], _CODE_23]))
    return outcome.skipped


def _how(options: Mapping[str, Any]) -> How:
    patterns = options.get("exclude") or []
    return How(
        overwrite_newer=bool(options["overwrite_newer"]),
        delete_missing=bool(options["delete_missing"]),
        backup=bool(options["backup"]),
        exclude=tuple(
            as_text(pattern) for pattern in (patterns if isinstance(patterns, list) else [patterns])
        ),
    )


def is_public(world: World, project_id: str, path: str) -> bool:
    """Whether the path, or a folder that it is in, has been published."""
    if "../" in path:
        return False
    path = posixpath.normpath(path).lstrip("/") if path else path
    shared = [
        row["path"] or ""
        for row in world.store.select("public_paths", [("project_id", "=", project_id)])
        if not row["disabled"]
    ]
    return any(place in ("", path) or path.startswith(f"{place}/") for place in shared)


def _job(world: World, caller: Caller, job_id: Any) -> Row:
    found = world.store.get("copies", as_text(job_id))
    if found is None:
        raise Failed(f"Can't find copy operation with ID={as_text(job_id)}")
    _require(world, caller, found["source_project_id"], found["target_project_id"])
    return found


def _wanted(world: World, caller: Caller, options: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """The conditions on a list of jobs."""
    where: list[tuple[str, str, Any]] = []
    for name, column in (("src_project_id", "source_project_id"), ("target_project_id", "target_project_id")):
        value = options[name]
        if value is not None:
            if not access.is_uuid(value):
                raise Failed(f"invalid {name}={as_text(value)}")
            where.append((column, "=", value.lower()))
    _require(world, caller, options["src_project_id"], options["target_project_id"])
    if options["src_path"] is not None:
        where.append(("source_path", "=", as_text(options["src_path"])))
    if _is_true(options["failed"]):
        return [*where, ("error", "IS NOT", None)]
    return [*where, ("finished", "IS" if _is_true(options["pending"]) else "IS NOT", None)]


def _is_true(value: Any) -> bool:
    """A form's text counts by what it says, in this message alone."""
    return value == "true" if isinstance(value, str) else bool(value)


def _within(options: Mapping[str, Any], name: str, most: int) -> int:
    number = as_number(options[name])
    if not 0 <= number <= most:
        raise Failed(f"ILLEGAL VALUE {name}='{as_text(options[name])}' (must be in [0, {most}])")
    return int(number)


def _moment(value: Any) -> int:
    try:
        return milliseconds(value)
    except Failed:
        raise Failed(
            f"opts.scheduled = {as_text(value)} is not a valid date. Can't be parsed by Date.parse()"
        ) from None


def _shown(job: Row) -> dict[str, Any]:
    return {
        name: iso(value) if name in _MOMENTS and value is not None else value
        for name, value in job.items()
        if name != "position"
    }
