"""Messages that copy files between projects, and those that ask for a copy or call it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain import copies
from cocalc_magic.sandbox.domain.access import check_ids, is_uuid, may_use
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.errors import Failed, passed_on
from cocalc_magic.sandbox.js_compat import as_number, as_text, parse_int
from cocalc_magic.sandbox.storage.store import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MAX_ROWS = 1_000
NOTE = "Query copy_path_status with the copy_path_id to learn if the copy operation was successful."
_TIMES = ("time", "started", "finished", "scheduled")


def copy_path_between_projects(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a file or folder; the id of the copy is empty, since it is done when the message is answered."""
    source, target = _both_projects(world, caller, options)
    with passed_on():
        skipped = copies.copy(world, caller, source, target, options)
    return {"copy_path_id": "", "note": NOTE, **({"skipped": skipped} if skipped else {})}


def copy_public_path_between_projects(
    world: World, caller: Caller, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Copy what a project has published into a project of the caller."""
    source, target = options["src_project_id"], options["target_project_id"]
    path = as_text(options["src_path"])
    check_ids(project_id=target)
    if not may_use(world, caller, target):
        raise Failed(f"user must have write access to target project {target}")
    check_ids(project_id=source)
    if not copies.is_public(world, source.lower(), path):
        raise Failed(f"path '{path}' of project with id '{source}' is not public")
    skipped = copies.copy(world, caller, source.lower(), target.lower(), options)
    return {"skipped": skipped} if skipped else {}


def copy_path_status(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return one copy by its id, or those from and to projects, the newest first."""
    copy_id = options["copy_path_id"]
    if options["src_project_id"] is None and options["target_project_id"] is None:
        if copy_id is None:
            raise Failed(
                "'copy_path_id' (UUID) of a copy operation or 'src_project_id/target_project_id' "
                "must be defined"
            )
        record = _shown(_find(world, caller, copy_id))
        return {"data": {name: value for name, value in record.items() if value is not None}}
    where = _conditions(world, caller, options)
    offset, limit = _number(options, "offset", 100_000), _number(options, "limit", MAX_ROWS)
    rows = world.store.select("copies", where, order=("-time",), limit=limit + offset)
    return {"data": [_shown(row) for row in rows[offset:]]}


def copy_path_delete(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Call off a copy that is scheduled and has not been made."""
    copy_id = options["copy_path_id"]
    if copy_id is None:
        raise Failed("ERROR: copy_path_id missing")
    row = world.store.get("copies", _cast(copy_id))
    if row is None or row["scheduled"] is None or row["finished"] is not None:
        raise Failed(f"Copy operation '{as_text(copy_id)}' either does not exist or already finished")
    _find(world, caller, copy_id)
    world.store.delete("copies", row["copy_path_id"])
    return {"data": f"copy_path_id = '{row['copy_path_id']}' deleted"}


def _cast(copy_id: Any) -> str:
    """Return the id of a copy as the database casts it."""
    return str(cast(tables()["projects"].column("project_id"), copy_id))


def _both_projects(world: World, caller: Caller, options: Mapping[str, Any]) -> tuple[str, str]:
    source, target = options["src_project_id"], options["target_project_id"]
    for name, value in (("src_project_id", source), ("target_project_id", target)):
        if not is_uuid(value):
            raise Failed(f"{name}='{as_text(value)}' not valid")
    _require_write(world, caller, target)
    _require_read(world, caller, source)
    return source.lower(), target.lower()


def _require_read(world: World, caller: Caller, source: str) -> None:
    if not may_use(world, caller, source):
        raise Failed(f"ACCESS BLOCKED -- No read access to source project -- {source}")


def _require_write(world: World, caller: Caller, target: str) -> None:
    if not may_use(world, caller, target):
        raise Failed(f"ACCESS BLOCKED -- No write access to target project -- {target}")


def _find(world: World, caller: Caller, copy_id: Any) -> Row:
    row = world.store.get("copies", _cast(copy_id))
    if row is None:
        raise Failed(f"Can't find copy operation with ID={as_text(copy_id)}")
    _require_write(world, caller, row["target_project_id"])
    _require_read(world, caller, row["source_project_id"])
    return row


def _conditions(world: World, caller: Caller, options: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Return the conditions on a list of copies."""
    where: list[tuple[str, str, Any]] = []
    for side, require in (("source", _require_read), ("target", _require_write)):
        name = "src_project_id" if side == "source" else "target_project_id"
        if (value := options[name]) is not None:
            if not is_uuid(value):
                raise Failed(f"invalid {name}={as_text(value)}")
            require(world, caller, value)
            where.append((f"{side}_project_id", "=", value.lower()))
    if options["src_path"] is not None:
        where.append(("source_path", "=", as_text(options["src_path"])))
    if _is_true(options["failed"]):
        return [*where, ("error", "IS NOT", None)]
    return [*where, ("finished", "IS" if _is_true(options["pending"]) else "IS NOT", None)]


def _is_true(value: Any) -> bool:
    """Tell whether a value is true, or its text; in this message alone, the text `false` of a form is not."""
    return value is True or value == "true"


def _number(options: Mapping[str, Any], name: str, most: int) -> int:
    value = options[name]
    number = parse_int(value) if isinstance(value, str) else as_number(value)
    if not 0 <= number <= most:
        raise Failed(f"ILLEGAL VALUE {name}='{as_text(value)}' (must be in [0, {most}])")
    if isinstance(value, bool) or not number.is_integer():
        raise Failed(f"ERROR -- opts.{name} = '{as_text(value)}' is not an integer")
    return int(number)


def _shown(row: Row) -> dict[str, Any]:
    return {
        name: iso(value) if name in _TIMES and value is not None else value
        for name, value in row.items()
        if name != "position"
    }
