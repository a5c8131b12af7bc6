"""Tables without rows of their own: what the server works out when it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.columns import shown
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import Caller, World, iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.domain.query.parse import Asked


def _all_public_paths(world: World, caller: Caller, one: Asked) -> Any:
    del one
    table = tables()["all_public_paths"]
    found = world.store.select("public_paths", among=("projects of", caller.account_id))
    columns = [column for column in table.columns if column.name != "name"]
    return [{column.name: shown(column, row[column.name]) for column in columns} for row in found]


def _file_use_times(world: World, caller: Caller, one: Asked) -> Any:
    del world, caller
    if any(one.record.get(name) is None for name in ("project_id", "account_id", "path")):
        raise Failed("project_id, account_id, and path must all be specified")
    return {**one.record, "access_times": [], "edit_times": []}


def _blobs(world: World, caller: Caller, one: Asked) -> Any:
    del caller
    if one.record.get("id") is None:
        raise Failed("id must be specified")
    kept = world.store.get("blobs", str(one.record["id"]))
    return {**one.record, "blob": kept["blob"]} if kept else one.record


def _datastore(world: World, caller: Caller, one: Asked) -> Any:
    del world, caller
    if one.many:
        raise Failed("Error: 'multi' is not implemented")
    raise Failed("Error: the sandbox reads no stores outside")


def _matching_licenses(world: World, caller: Caller, one: Asked) -> Any:
    del caller
    if not one.many:
        raise Failed("Error: only query requesting multiple results is implemented")
    search = one.record.get("search")
    if search is None:
        raise Failed("TypeError: Cannot read properties of null (reading 'toLowerCase')")
    found = world.store.select("site_licenses", [("title", "LIKE", f"%{search}%")], limit=100)
    return _records("matching_site_licenses", found)


def _managed_licenses(world: World, caller: Caller, one: Asked) -> Any:
    if not one.many:
        raise Failed("Error: only query requesting multiple results is implemented")
    found = [
        row for row in world.store.select("site_licenses") if caller.account_id in (row["managers"] or ())
    ]
    return _records("manager_site_licenses", found)


def _records(table: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as records without what is null."""
    shown_rows = (
        {column.name: shown(column, row.get(column.name)) for column in tables()[table].columns}
        for row in found
    )
    return [{name: value for name, value in row.items() if value is not None} for row in shown_rows]


def _license_info(world: World, caller: Caller, one: Asked) -> Any:
    license_id = one.record.get("id")
    if not is_uuid(license_id):
        raise Failed("must be a single object query with id specified")
    row = world.store.get("site_licenses", license_id)
    if row is None:
        raise Failed(f"Error: no license with id {license_id}")
    [record] = _records("site_license_public_info", [row])
    manages = caller.account_id in (row["managers"] or ())
    return {**record, "running": _uses(world, str(license_id), running=True), "is_manager": manages}


def _license_use(world: World, caller: Caller, one: Asked) -> Any:
    del caller
    licenses = [row["id"] for row in world.store.select("site_licenses")]
    running = {license_id: _uses(world, license_id, running=True) for license_id in licenses}
    return {
        **one.record,
        "running": {name: count for name, count in running.items() if count},
        "time": iso(now()),
    }


def _projects_of_license(world: World, caller: Caller, one: Asked) -> Any:
    del caller
    if not one.many:
        raise Failed("query must be an array (you must request to get multiple values back)")
    license_id = one.record.get("license_id")
    if not is_uuid(license_id):
        raise Failed("query must be of the form [{license_id:uuid, ...}]")
    found = [row for row in world.store.select("projects") if license_id in (row["site_license"] or {})]
    return _records("projects_using_site_license", found)


def _number_of_projects(world: World, caller: Caller, one: Asked) -> Any:
    del caller
    if one.many:
        raise Failed("query must NOT be an array (do not request multiple values back)")
    license_id = one.record.get("license_id")
    if not is_uuid(license_id):
        raise Failed("query must be of the form {license_id:uuid, ...}")
    return {**one.record, "number": _uses(world, str(license_id))}


def _uses(world: World, license_id: str, *, running: bool = False) -> int:
    """How many projects have the license, or run with it."""
    projects = world.store.select("projects", [("site_license", "LIKE", f"%{license_id}%")])
    return sum(not running or (row["state"] or {}).get("state") == "running" for row in projects)


def _registration_tokens(world: World, caller: Caller, one: Asked) -> Any:
    del caller
    found = _records("registration_tokens", world.store.select("registration_tokens"))
    wanted = one.record.get("token")
    chosen = [row for row in found if wanted in (None, row["token"])]
    return chosen if one.many else chosen[0] if chosen else None


COMPUTED: dict[str, Callable[[World, Caller, Asked], Any]] = {
    "all_public_paths": _all_public_paths,
    "file_use_times": _file_use_times,
    "blobs": _blobs,
    "project_datastore": _datastore,
    "matching_site_licenses": _matching_licenses,
    "manager_site_licenses": _managed_licenses,
    "site_license_public_info": _license_info,
    "site_license_usage_stats": _license_use,
    "projects_using_site_license": _projects_of_license,
    "number_of_projects_using_site_license": _number_of_projects,
    "registration_tokens": _registration_tokens,
}
