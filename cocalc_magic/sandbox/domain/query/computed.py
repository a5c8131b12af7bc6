"""Tables without rows of their own, which are computed when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import messages
from cocalc_magic.sandbox.domain.access import Caller, is_uuid
from cocalc_magic.sandbox.domain.columns import shown
from cocalc_magic.sandbox.domain.registration import registration_tokens
from cocalc_magic.sandbox.errors import Failed, Thrown, passed_on
from cocalc_magic.sandbox.storage.store import iso, new_id, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cocalc_magic.catalog import Table
    from cocalc_magic.sandbox.domain.query.parse import Query
    from cocalc_magic.sandbox.world import World

    Options = Iterable[Mapping[str, Any]]


def _all_public_paths(world: World, caller: Caller, query: Query, _options: Options) -> Any:
    table = query.tables["all_public_paths"]
    rows = world.store.select("public_paths", among=("projects of", caller.account_id))
    columns = [column for column in table.columns if column.name != "name"]
    return [{column.name: shown(column, row[column.name]) for column in columns} for row in rows]


def _file_use_times(_world: World, _caller: Caller, query: Query, _options: Options) -> Any:
    if any(query.record.get(name) is None for name in ("project_id", "account_id", "path")):
        raise Failed("project_id, account_id, and path must all be specified")
    return {**query.record, "access_times": [], "edit_times": []}


def _blobs(world: World, _caller: Caller, query: Query, _options: Options) -> Any:
    if query.record.get("id") is None:
        raise Failed("id must be specified")
    if not is_uuid(query.record["id"]):
        raise Failed("uuid is invalid")
    blob = world.store.get("blobs", str(query.record["id"]))
    return {**query.record, "blob": blob["blob"]} if blob else query.record


def _datastore(_world: World, _caller: Caller, query: Query, _options: Options) -> Any:
    with passed_on(with_kind=True):
        if query.many:
            raise Thrown("'multi' is not implemented")
        raise Thrown("the sandbox reads no stores outside")


def _matching_licenses(world: World, _caller: Caller, query: Query, _options: Options) -> Any:
    if not query.many:
        raise Thrown("only query requesting multiple results is implemented")
    search = query.record.get("search")
    if search is None:
        raise Thrown("Cannot read properties of null (reading 'toLowerCase')", kind="TypeError")
    rows = world.store.select("site_licenses", [("title", "LIKE", f"%{search}%")], limit=100)
    return _records(query.tables["matching_site_licenses"], rows)


def _managed_licenses(world: World, caller: Caller, query: Query, _options: Options) -> Any:
    if not query.many:
        raise Thrown("only query requesting multiple results is implemented")
    rows = [
        row for row in world.store.select("site_licenses") if caller.account_id in (row["managers"] or ())
    ]
    return _records(query.tables["manager_site_licenses"], rows)


def _records(table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as records without nulls."""
    shown_rows = (
        {column.name: shown(column, row.get(column.name)) for column in table.columns} for row in rows
    )
    return [{name: value for name, value in row.items() if value is not None} for row in shown_rows]


def _license_info(world: World, caller: Caller, query: Query, _options: Options) -> Any:
    license_id = query.record.get("id")
    if not is_uuid(license_id):
        raise Failed("must be a single object query with id specified")
    row = world.store.get("site_licenses", license_id)
    if row is None:
        raise Thrown(f"no license with id {license_id}")
    [record] = _records(query.tables["site_license_public_info"], [row])
    manages = caller.account_id in (row["managers"] or ())
    return {**record, "running": _count_uses(world, str(license_id), running=True), "is_manager": manages}


def _license_usage(world: World, _caller: Caller, query: Query, _options: Options) -> Any:
    licenses = [row["id"] for row in world.store.select("site_licenses")]
    running = {license_id: _count_uses(world, license_id, running=True) for license_id in licenses}
    return {
        **query.record,
        "running": {name: count for name, count in running.items() if count},
        "time": iso(now()),
    }


def _projects_of_license(world: World, _caller: Caller, query: Query, _options: Options) -> Any:
    if not query.many:
        raise Failed("query must be an array (you must request to get multiple values back)")
    license_id = query.record.get("license_id")
    if not is_uuid(license_id):
        raise Failed("query must be of the form [{license_id:uuid, ...}]")
    rows = [row for row in world.store.select("projects") if license_id in (row["site_license"] or {})]
    return _records(query.tables["projects_using_site_license"], rows)


def _number_of_projects(world: World, _caller: Caller, query: Query, _options: Options) -> Any:
    if query.many:
        raise Failed("query must NOT be an array (do not request multiple values back)")
    license_id = query.record.get("license_id")
    if not is_uuid(license_id):
        raise Failed("query must be of the form {license_id:uuid, ...}")
    return {**query.record, "number": _count_uses(world, str(license_id))}


def _count_uses(world: World, license_id: str, *, running: bool = False) -> int:
    """Count the projects that have the license, or run with it."""
    projects = world.store.select("projects", [("site_license", "LIKE", f"%{license_id}%")])
    return sum(not running or (row["state"] or {}).get("state") == "running" for row in projects)


def _create_message(world: World, caller: Caller, query: Query, _options: Options) -> Any:
    with passed_on(with_kind=True):
        return messages.create(world, caller, query.record)


def _create_group(world: World, caller: Caller, query: Query, _options: Options) -> Any:
    owners = query.record.get("owner_account_ids")
    if not isinstance(owners, list):
        raise Failed("TypeError: query.owner_account_ids is not iterable")
    row = {name: query.record.get(name) for name in ("member_account_ids", "title", "color")}
    row["owner_account_ids"] = list(dict.fromkeys([*owners, caller.account_id]))
    row["group_id"] = new_id()
    world.store.insert("groups", row)
    return row


COMPUTED: dict[str, Callable[[World, Caller, Query, Options], Any]] = {
    "all_public_paths": _all_public_paths,
    "file_use_times": _file_use_times,
    "blobs": _blobs,
    "project_datastore": _datastore,
    "matching_site_licenses": _matching_licenses,
    "manager_site_licenses": _managed_licenses,
    "site_license_public_info": _license_info,
    "site_license_usage_stats": _license_usage,
    "projects_using_site_license": _projects_of_license,
    "number_of_projects_using_site_license": _number_of_projects,
    "create_message": _create_message,
    "create_group": _create_group,
    "registration_tokens": lambda world, _caller, query, options: registration_tokens(
        world, query.record, options
    ),
}
