"""Write the rows of tables: required columns, rights, and effects."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import members, messages, registration
from cocalc_magic.sandbox.domain.access import group_of
from cocalc_magic.sandbox.domain.accounts import search_text
from cocalc_magic.sandbox.domain.columns import cast, merged
from cocalc_magic.sandbox.domain.projects import has_namesake, request_action
from cocalc_magic.sandbox.domain.query import checks, name_rules, rows
from cocalc_magic.sandbox.errors import Failed, passed_on
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.store import keys, new_id, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cocalc_magic.catalog import Table
    from cocalc_magic.catalog.schema import Writing
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.domain.query.parse import Query
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

Changes = dict[str, Any]


def write(world: World, caller: Caller, query: Query, options: Iterable[Mapping[str, Any]]) -> Any:
    """Write a record; one that only names its row changes nothing. Raises `Failed`.

    Returns `None`, but for a table whose one function reads and writes.
    """
    table = _writable(caller, query)
    assert table.write  # noqa: S101 - it is writable
    if all(table.write.fill.get(name) in ("caller", "project") for name in query.record):
        return None
    record = _filled(table, table.write, caller, query.record)
    _refuse_unwritable(table, record)
    flags = {name: value for option in options for name, value in option.items()}
    if flags.get("delete") and not table.write.delete:
        raise Failed(f"FATAL: delete from {table.name} not allowed")  # noqa: S608 - a message, not SQL
    _require_rights(world, caller, table.write, record)
    if table.name == registration.TABLE:
        tokens = registration.registration_tokens(world, record, options)
        return tokens if record.get("token") == registration.ALL else None
    checks.check(world, caller, table, record)
    if not table.write.nulls:
        record = {name: value for name, value in record.items() if value is not None}
    if flags.get("delete"):
        _delete(world, table, record)
    elif put := _INSTEAD.get(table.name):
        with passed_on(with_kind=True):
            put(world, caller, _stored(world, table, record), record)
    else:
        with world.store.transaction():
            _put(world, caller, table, query.tables[table.stored_in], record)
    return None


def _writable(caller: Caller, query: Query) -> Table:
    """Return the table of a query, which accounts write. Raises `Failed`."""
    if not caller.account_id:
        raise Failed("FATAL: no anonymous set queries")
    table = query.tables.get(query.table)
    if table is None:
        raise Failed(f"FATAL: table '{query.table}' does not exist")
    if table.write is None:
        raise Failed(f"FATAL: user set queries not allowed for table '{table.name}'")
    return table


def _filled(table: Table, rules: Writing, caller: Caller, record: Mapping[str, Any]) -> Changes:
    """Fill in the columns whose value the caller does not choose."""
    filled = dict(record)
    for name, rule in rules.fill.items():
        if rule == "caller":
            filled[name] = caller.account_id
        elif rule == "this project":
            if caller.project_id is None:
                raise Failed("FATAL: project_id must be specified")
            filled[name] = caller.project_id
        elif rule in ("project", "owned project") and not filled.get(name):
            raise Failed(f"FATAL: must specify {table.name}.{name}")
    for name, rule in rules.fill.items():
        if rule == "path hash":
            filled[name] = path_hash(filled.get("project_id"), filled.get("path"))
        elif rule == "new id":
            filled[name] = filled.get(name) or new_id()
        elif rule == "now":
            filled[name] = filled.get(name) or now()
    return filled


def path_hash(project_id: Any, path: Any) -> str:
    """Return the id of a path in some tables: the SHA-1 of project and path, one after the other."""
    text = as_text(project_id) + ("" if path is None else as_text(path))
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _refuse_unwritable(table: Table, record: Mapping[str, Any]) -> None:
    known = {*table.key, *(table.write.fill if table.write else ())}
    for name in record:
        column = table.column(name)
        if name not in known and (column is None or not column.writable):
            raise Failed(f"FATAL: changing {table.name}.{name} not allowed")


def _require_rights(world: World, caller: Caller, rules: Writing, record: Changes) -> None:
    if rules.admin:
        rows.require_admin(caller)
    for name, rule in rules.fill.items():
        if rule in ("project", "owned project"):
            groups = ("owner",) if rule == "owned project" else ()
            record[name] = rows.require_projects(world, caller, record[name], *groups)


def _stored(world: World, table: Table, record: Mapping[str, Any]) -> Row | None:
    """Return the row that a record names by its primary key."""
    key = [cast(table.column(name), record.get(name)) for name in keys(table.stored_in)]
    return None if None in key else world.store.get(table.stored_in, *key)


def _delete(world: World, table: Table, record: Mapping[str, Any]) -> None:
    key = [record.get(name) for name in keys(table.stored_in)]
    if None in key:
        raise Failed("FATAL: delete query must set primary key")
    world.store.delete(table.stored_in, *key)


def _put(world: World, caller: Caller, table: Table, stored: Table, record: Changes) -> None:
    """Update the row of this primary key in the stored table, or insert it."""
    names = keys(table.stored_in)
    missing = next((name for name in names if record.get(name) is None), None)
    if missing and table.write and table.write.whole:
        raise Failed(f"FATAL: query must specify (primary) key '{missing}'")
    key = tuple(cast(stored.column(name), record.get(name)) for name in names)
    old = world.store.get(table.stored_in, *key) if missing is None else None
    checks.check_change(table, old or {}, record)
    changes = {name: value for name, value in record.items() if name not in names}
    if before := _BEFORE.get(table.stored_in):
        changes = before(world, caller, old or {}, changes)
    new = {name: _new_value(table, old or {}, name, value) for name, value in changes.items()}
    if after := _AFTER.get(table.stored_in):
        new |= after(world, {**(old or {}), **new}, new)
    if old is not None:
        world.store.update(table.stored_in, key, new)
        return
    if missing and stored.column(missing).kind != "integer":  # type: ignore[union-attr]  # a key is a column
        raise Failed(
            f'postgresql error: null value in column "{missing}" of relation "{table.stored_in}" '
            "violates not-null constraint"
        )
    world.store.insert(table.stored_in, {**dict(zip(names, key, strict=True)), **new})


def _new_value(table: Table, row: Row, name: str, value: Any) -> Any:
    """Return what is stored: a new row gets a map as it is, one that exists has it merged in."""
    column = table.column(name)
    if column is not None and column.kind == "map" and row and value is not None:
        return merged(row.get(name), cast(column, value))
    return cast(column, value)


# -- projects and accounts -------------------------------------------------------------------------


def _project_changes(world: World, caller: Caller, row: Row, changes: Changes) -> Changes:
    """Return the changes of a project with its members checked, or the outcome of a requested action."""
    if (name := changes.get("name")) and name != row.get("name"):
        name_rules.check_path_name(name)
        _check_project_name(world, caller, row, name)
    if isinstance(action := changes.get("action_request"), dict):
        done = request_action(world, row, action)
        if done is not None:
            return {"action_request": done}  # nothing else of such a record is stored
    if isinstance(users := changes.get("users"), dict):
        changes = {**changes, "users": members.check_entries(caller, users, row["users"] or {})}
    return changes


def _check_project_name(world: World, caller: Caller, row: Row, name: str) -> None:
    """Raise `Failed` for the name of another project of the caller, and unless the caller owns this one."""
    if has_namesake(world, caller.account_id, row["project_id"], name):
        raise Failed(
            f"There is already a project with the same owner as this project and name='{name}'.   "
            "Names are not case sensitive."
        )
    if group_of(row, caller.account_id) != "owner":
        raise Failed("Only the owner of the project can currently change the project name.")


def _account_effects(_world: World, row: Row, new: Row) -> Row:
    """Return what a change of an account's names entails."""
    if {"first_name", "last_name", "name"} & set(new):
        return {"found_by": search_text(row["first_name"] or "", row["last_name"] or "", row["name"])}
    return {}


_BEFORE: dict[str, Callable[[World, Caller, Row, Changes], Changes]] = {"projects": _project_changes}
_AFTER: dict[str, Callable[[World, Row, Row], Row]] = {
    "projects": lambda *_: {"last_edited": now()},
    "accounts": _account_effects,
}
_INSTEAD: dict[str, Callable[[World, Caller, Row | None, Mapping[str, Any]], None]] = {
    "messages": messages.mark,
    "sent_messages": messages.edit,
}
"""Tables whose rows are not written as they are."""
