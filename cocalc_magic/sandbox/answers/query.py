"""The ``query`` message: reads and writes of the tables, all by :mod:`~cocalc_magic.sandbox.tables`.

A record with a null leaf anywhere is a read (the nulls are what is wanted, other values are
conditions), any other a write; ``options: [{set: …}]`` decides where it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.answers import access, members
from cocalc_magic.sandbox.answers.columns import cast, merged, milliseconds, shown
from cocalc_magic.sandbox.answers.projects import act
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.javascript import as_number, as_text, stringify
from cocalc_magic.sandbox.store import now
from cocalc_magic.sandbox.tables import TABLES, Column, Table
from cocalc_magic.sandbox.world import Caller, World, found_by

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN_OPTIONS = ("set", "delete", "only_changes", "limit", "order_by", "slice", "heartbeat", "account_id")
MOST_ROWS = 100_000
DAY = 86_400_000  # milliseconds
OPERATORS = {
    "==": "=", "=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
    "IS": "IS", "IS NOT": "IS NOT",
    "LIKE": "LIKE", "ILIKE": "LIKE", "NOT LIKE": "NOT LIKE", "NOT ILIKE": "NOT LIKE",
}  # fmt: skip


@dataclass(frozen=True)
class Choices:
    """The ``options`` of one query."""

    write: bool | None = None
    delete: bool = False
    only_changes: bool = False
    limit: int | None = None
    order: tuple[str, ...] = ()
    as_account: str | None = None


def query(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The result in the shape of the query; ``options`` and ``changes`` come back as they were sent."""
    if not isinstance(options["options"], list | None):
        raise Failed(f"FATAL: options (={stringify(options['options'])}) must be an array")
    given = [option for option in options["options"] or [] if isinstance(option, dict)]
    asked = options["query"]
    many = isinstance(asked, list)
    results = [_one(world, caller, one, given) for one in (asked if many else [asked])]
    echoed = {name: options[name] for name in ("options", "changes") if options[name] is not None}
    return {
        "query": results if many else results[0],
        "multi_response": bool(options["multi_response"]),
        **echoed,
    }


@dataclass(frozen=True)
class Asked:
    """One ``{table: record}`` or ``{table: [record]}``."""

    table: str
    record: dict[str, Any]
    many: bool


def _one(world: World, caller: Caller, asked: Any, given: list[dict[str, Any]]) -> dict[str, Any]:
    one = _asked(asked, caller)
    write = next((bool(option["set"]) for option in given if "set" in option), not _has_null(one.record))
    chosen = _choices(given, caller, checked=not write)
    caller = Caller(chosen.as_account, caller.admin) if chosen.as_account else caller
    if write:
        _write(world, caller, one, delete=chosen.delete)
        return {}
    rows = [] if chosen.only_changes else _read(world, caller, one, chosen)
    if one.many and not chosen.only_changes:
        return {
            one.table: [{name: value for name, value in row.items() if value is not None} for row in rows]
        }
    return {one.table: rows[0]} if rows else {}


def _asked(asked: Any, caller: Caller) -> Asked:
    """The query's one table and record. Raises :class:`Failed` for another shape."""
    if not isinstance(asked, dict) or len(asked) > 1:
        raise Failed("FATAL: must specify exactly one key in the query")
    table, record = next(iter(asked.items()), ("undefined", None))
    many = isinstance(record, list)
    if isinstance(record, list):
        if len(record) > 1:
            raise Failed("FATAL: array of length > 1 not yet implemented")
        record = record[0] if record else None
    if not isinstance(record, dict):
        raise Failed(f"FATAL: invalid user_query of '{table}' -- query must be an object")
    return Asked(table, _filled_in(record, caller), many)


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_null(item) for item in value.values())
    return value is None or (isinstance(value, list) and any(_has_null(item) for item in value))


def _filled_in(record: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The record with ``{account_id}`` and ``{now}`` put in where they stand alone."""
    words = {"{account_id}": caller.account_id, "{now}": now()}

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(fill(name)): fill(item) for name, item in value.items()}
        if isinstance(value, list):
            return [fill(item) for item in value]
        return words.get(value, value) if isinstance(value, str) else value

    return {str(words.get(name, name)): fill(value) for name, value in record.items()}


def _choices(given: list[dict[str, Any]], caller: Caller, *, checked: bool) -> Choices:
    """The options; unknown ones are told of only when reading."""
    named = [(name, value) for option in given for name, value in option.items()]
    last = dict(named)
    _refuse(last, caller, checked=checked)
    return Choices(
        delete=bool(last.get("delete")),
        only_changes=bool(last.get("only_changes")),
        limit=_limit(last.get("limit")),
        order=tuple(dict.fromkeys(as_text(value) for name, value in named if name == "order_by")),
        as_account=_account(last["account_id"]) if "account_id" in last else None,
    )


def _refuse(named: Mapping[str, Any], caller: Caller, *, checked: bool) -> None:
    unknown = next((name for name in named if name not in KNOWN_OPTIONS), None)
    if checked and unknown is not None:
        raise Failed(f"unknown option '{unknown}'")
    if "slice" in named:
        raise Failed("slice not implemented")
    if "account_id" in named and not caller.admin:
        raise Failed("user must be admin to sudo")


def _account(value: Any) -> str:
    return str(cast(TABLES["accounts"].column("account_id"), value))


def _limit(value: Any) -> int | None:
    limit = as_number(value) if value is not None else math.nan
    return min(int(limit), MOST_ROWS) if math.isfinite(limit) and limit >= 0 else None


# -- reading ---------------------------------------------------------------------------------------


def _read(world: World, caller: Caller, one: Asked, chosen: Choices) -> list[dict[str, Any]]:
    table = TABLES.get(one.table)
    if table is None:
        raise Failed(f"FATAL: get queries not allowed for table '{one.table}'")
    columns = [_readable(table, field) for field in one.record]
    where = [condition for column in columns for condition in _conditions(column, one.record[column.name])]
    own, member = _whose(world, caller, table, one.record)
    if table.days:
        where.append(("last_edited", ">=", now() - table.days * DAY))
    limit = chosen.limit if chosen.limit is not None else table.limit
    rows = world.store.select(
        table.stored_in,
        where + own,
        member=member,
        order=_order(table, chosen.order),
        limit=limit if one.many else 1,
    )
    return [{column.name: shown(column, row[column.name]) for column in columns} for row in rows]


def _whose(
    world: World, caller: Caller, table: Table, record: dict[str, Any]
) -> tuple[list[tuple[str, str, Any]], str | None]:
    """The rows that are the caller's to read: further conditions, and the account that must be a member."""
    if table.rows == "own account":
        return [(table.key, "=", caller.account_id)], None
    project_id = record.get("project_id")
    if not isinstance(project_id, str):
        return [], caller.account_id
    if not access.is_member(world, caller, project_id):
        raise Failed("FATAL: you do not have read access to this project")
    return [], None


def _readable(table: Table, field: str) -> Column:
    column = table.column(field)
    if column is None or not column.readable:
        raise Failed(f"FATAL: user get query not allowed for {table.name}.{field}")
    return column


def _order(table: Table, chosen: tuple[str, ...]) -> tuple[str, ...]:
    for name in chosen:
        if not name:
            raise Failed('postgresql error: syntax error at or near "LIMIT"')
        if table.column(name.removeprefix("-")) is None:
            raise Failed(f'postgresql error: column "{name.removeprefix("-")}" does not exist')
    return chosen or ((table.order,) if table.order else ())


def _conditions(column: Column, wanted: Any) -> list[tuple[str, str, Any]]:
    """What a value of the record asks of its column: nothing, to be equal, or a comparison."""
    if wanted is None:
        return []
    if isinstance(wanted, dict) and len(wanted) == 1:
        sign, operand = next(iter(wanted.items()))
        if sign in OPERATORS:
            return [(column.name, OPERATORS[sign], _operand(column, operand))]
    return [(column.name, "=", _operand(column, wanted))]


def _operand(column: Column, value: Any) -> Any:
    if column.kind == "timestamp" and isinstance(value, dict) and "relative_time" in value:
        return milliseconds(now() + as_number(value["relative_time"]) * _unit(value.get("unit")))
    return cast(column, value)


def _unit(name: Any) -> int:
    """Milliseconds of a unit; hours unless it says otherwise."""
    units = {
        "second": 1000,
        "minute": 60_000,
        "hour": 3_600_000,
        "day": DAY,
        "week": 7 * DAY,
        "month": 30 * DAY,
    }
    return units.get(as_text(name).rstrip("s"), 3_600_000)


# -- writing ---------------------------------------------------------------------------------------


def _write(world: World, caller: Caller, one: Asked, *, delete: bool) -> None:
    table = TABLES.get(one.table)
    if table is None:
        raise Failed(f"FATAL: table '{one.table}' does not exist")
    changes = _changes(table, one.record)
    own = table.rows == "own account"
    key = caller.account_id if own else _own_project(world, caller, table, one.record)
    if not changes:
        return
    if delete:
        raise Failed(f"FATAL: delete from {table.name} not allowed")  # noqa: S608 - words, not SQL
    with world.store.transaction():
        row = world.store.get(table.stored_in, key) or {}
        if not own:
            changes = _project_changes(world, caller, row, changes)
        new = {field: _new_value(table, row, field, value) for field, value in changes.items()}
        effects = _account_effects(world, {**row, **new}, new) if own else {"last_edited": now()}
        world.store.update(table.stored_in, key, new | effects)


def _changes(table: Table, record: dict[str, Any]) -> dict[str, Any]:
    """What the record writes besides its key; raises :class:`Failed` for what the caller may not write."""
    changes = {name: value for name, value in record.items() if value is not None and name != table.key}
    for field in changes:
        column = table.column(field)
        if column is None or not column.writable:
            raise Failed(f"FATAL: changing {table.name}.{field} not allowed")
    return changes


def _project_changes(
    world: World, caller: Caller, row: dict[str, Any], changes: dict[str, Any]
) -> dict[str, Any]:
    """Changes of a project with its members checked, or what an action that it asks for came to."""
    if isinstance(action := changes.get("action_request"), dict):
        done = act(world, row, action)
        if done is not None:
            return {"action_request": done}  # nothing else of such a record is stored
    if isinstance(users := changes.get("users"), dict):
        changes = {**changes, "users": members.checked(caller, users, row["users"] or {})}
    return changes


def _own_project(world: World, caller: Caller, table: Table, record: dict[str, Any]) -> str:
    project_id = record.get("project_id")
    if not project_id:
        raise Failed(f"FATAL: must specify {table.name}.project_id")
    project_id = str(cast(table.column("project_id"), project_id))
    if world.store.get("projects", project_id) is None:
        raise Failed(f"FATAL: unknown project_id '{project_id}'")
    if not access.is_member(world, caller, project_id):
        raise Failed("FATAL: user must be an admin")
    return project_id


def _new_value(table: Table, row: dict[str, Any], field: str, value: Any) -> Any:
    column = table.column(field)
    if column is not None and column.kind == "map":
        return merged(row.get(field) or {}, cast(column, value))
    return cast(column, value)


def _account_effects(world: World, row: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What follows from a change of an account's names; raises :class:`Failed` for a name that is taken."""
    if name := new.get("name"):
        # LIKE goes by the letters alone, large or small, but takes % and _ for any.
        alike = world.store.select("accounts", [("name", "LIKE", name)])
        others = [other for other in alike if other["name"].lower() == name.lower()]
        if any(other["account_id"] != row["account_id"] for other in others):
            raise Failed(f'name "{name}" is already taken by another organization or account')
    if {"first_name", "last_name", "name"} & set(new):
        return {"found_by": found_by(row["first_name"] or "", row["last_name"] or "", row["name"])}
    return {}
