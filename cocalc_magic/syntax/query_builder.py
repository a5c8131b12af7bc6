"""Build a query from choices: table, fields, conditions, order; or a record to write."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_magic.catalog import Option
from cocalc_magic.errors import InvalidValue
from cocalc_magic.syntax import convert
from cocalc_magic.syntax.form_values import typed_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.catalog import Table

CONTAINS = "contains"
CONDITIONS = ("=", "!=", "<", "<=", ">", ">=")
STANDS_FOR = ("{account_id}", "{project_id}", "{now}")  # texts that the server puts its own value for
_TYPES = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "uuid": "uuid",
    "map": "object",
    "array": "array",
}
_SERVERS_OWN = ("caller", "path hash")  # what a writer gives for these is overwritten
_IF_NONE_IS_GIVEN = ("new id", "now")


class Condition(NamedTuple):
    """A field, a comparison, and the value as typed."""

    column: str
    sign: str
    text: str


def signs(kind: str) -> tuple[str, ...]:
    """Return the comparisons that make sense for a field of this kind."""
    if kind in ("map", "array", "boolean"):
        return CONDITIONS[:2]
    return (*CONDITIONS, CONTAINS) if kind == "text" else CONDITIONS


def query_options(
    table: Table,
    fields: Iterable[str],
    conditions: Iterable[Condition] = (),
    *,
    many: bool = True,
    limit: int = 100,
    order: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the options of `query` that get rows of the table: `many`, at most `limit`, or the first one.

    `order` names fields, with a minus before one for the greatest first. An equality is the field's
    value in the query; other comparisons are objects of one comparison and its value, as CoCalc's guide has
    them. Raises `InvalidValue` for what is not a field and for a value that does not fit its field's
    kind.
    """
    row: dict[str, Any] = dict.fromkeys(fields)
    for condition in conditions:
        if row.get(condition.column) is not None:
            raise InvalidValue(f"{condition.column} is compared twice.", "A query compares each field once.")
        row[condition.column] = _compared(table, condition)
    if not row:
        raise InvalidValue("the query names no field.", "Choose at least one.")
    _check_names(table, row)
    options: list[dict[str, Any]] = [{"limit": limit}] if many else []
    order = tuple(order) or (_own_order(table) if many else ())
    options += [{"order_by": name} for name in order]
    if None not in row.values():
        options.append({"set": False})  # else a record without a null is written
    query = {"query": {table.name: [row] if many else row}}
    return {**query, "options": options} if options else query


def write_options(table: Table, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of `query` that write one record, of texts as typed.

    Raises:
        InvalidValue: As `query_options` does, and for a missing required field.
    """
    missing = [name for name in needed(table) if name not in values]
    if missing:
        raise InvalidValue(f"a write to {table.name} needs {' and '.join(missing)}.")
    if not values:
        raise InvalidValue("nothing is to be written.", "Choose a field and type its value.")
    _check_names(table, values)
    record = {name: read_value(table, name, text) for name, text in values.items()}
    return {"query": {table.name: record}, "options": [{"set": True}]}


def settable(table: Table) -> tuple[str, ...]:
    """Return the fields that a write may have, the required ones first."""
    if table.write is None:
        return ()
    first = needed(table)
    own = {name for name, way in table.write.fill.items() if way in _SERVERS_OWN}
    return *first, *(
        column.name
        for column in table.columns
        if column.name not in first
        and column.name not in own
        and (column.writable or column.name in table.key)
    )


def needed(table: Table) -> tuple[str, ...]:
    """Return the fields that a write needs: those of the key, and the project."""
    if table.write is None:
        return ()
    fill = table.write.fill
    known = {name for name, way in fill.items() if way in (*_SERVERS_OWN, *_IF_NONE_IS_GIVEN)}
    projects = [name for name, way in fill.items() if "project" in way]
    return tuple(dict.fromkeys(name for name in (*table.key, *projects) if name not in known))


def read_value(table: Table, name: str, text: str) -> Any:
    """Convert what was typed to the field's kind. Raises `InvalidValue`."""
    column = table.column(name)
    kind = column.kind if column else "text"
    if text in STANDS_FOR:
        return text
    value = convert.from_text(Option(name, _TYPES.get(kind, "text"), ""), typed_text(text))
    if kind == "timestamp" and not _is_moment(value):
        raise InvalidValue(f"{name} takes a time, not {text!r}.", "Write 2026-01-31 or 2026-01-31T14:30Z")
    return value


def _compared(table: Table, condition: Condition) -> Any:
    value = read_value(table, condition.column, condition.text)
    if condition.sign == "=":
        return value
    if condition.sign == CONTAINS:
        return {"ILIKE": f"%{value}%"}
    return {condition.sign: value}


def _check_names(table: Table, names: Iterable[str]) -> None:
    unknown = [name for name in names if table.column(name) is None]
    if unknown:
        raise InvalidValue(f"{table.name} has no field {unknown[0]!r}.")


def _own_order(table: Table) -> tuple[str, ...]:
    """Return the order that a lone limit needs: servers ignore it otherwise."""
    of_table = table.read.options if table.read else ()
    return tuple(str(name["order_by"]) for name in of_table if "limit" in name and "order_by" in name)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return False
    return True
