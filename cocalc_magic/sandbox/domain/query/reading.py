"""Rows of the tables as a reader gets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.columns import cast, milliseconds, shown
from cocalc_magic.sandbox.domain.query import parse, rows
from cocalc_magic.sandbox.domain.query.computed import COMPUTED
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.catalog import Column, Table
    from cocalc_magic.catalog.schema import Reading
    from cocalc_magic.sandbox.domain.query.parse import Asked
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import Caller, World

    Condition = tuple[str, str, Any]

DAY = 86_400_000  # milliseconds
OPERATORS = {
    "==": "=", "=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
    "IS": "IS", "IS NOT": "IS NOT",
    "LIKE": "LIKE", "ILIKE": "LIKE", "NOT LIKE": "NOT LIKE", "NOT ILIKE": "NOT LIKE",
}  # fmt: skip


def read(world: World, caller: Caller, one: Asked, given: Iterable[Mapping[str, Any]]) -> Any:
    """What a read gives: a record or a list of them, ``None`` for no record. Raises :class:`Failed`.

    In lists values that are null are left out.
    """
    table = tables().get(one.table)
    if table is None or table.read is None:
        raise Failed(f"FATAL: get queries not allowed for table '{one.table}'")
    columns = [_readable(table, field) for field in one.record]
    rows.check(world, caller, table.read.rows, table.name, one.record)
    if table.read.admin:
        rows.require_admin(caller)
    theirs = rows.allowed(world, caller, table.read.rows, one.record)
    if answer := COMPUTED.get(table.name):
        return answer(world, caller, one)
    chosen = parse.choices(given, table.read.options)
    order = _order(table, chosen.order)
    _refuse_unstored(table, columns)
    if chosen.only_changes:
        return None
    limit = chosen.limit if one.many else min(chosen.limit, 1)
    found = world.store.select(
        table.stored_in,
        [*_wanted(table.read, columns, one.record), *theirs.where],
        among=theirs.among,
        order=order,
        limit=limit,
    )
    return _given_back(table.read, columns, found, many=one.many)


def _wanted(rules: Reading, columns: Iterable[Column], record: Mapping[str, Any]) -> list[Condition]:
    """What the record and the table's own age limit ask of the rows."""
    recent = [(name, ">=", now() - int(days * DAY)) for name, days in rules.days.items()]
    asked = (
        condition
        for column in columns
        if not _chooses_rows(rules, column)
        for condition in _conditions(column, record[column.name])
    )
    return [*asked, *recent]


def _given_back(rules: Reading, columns: Iterable[Column], found: Iterable[Row], *, many: bool) -> Any:
    """The rows as a reader gets them."""
    shown_columns = [column for column in columns if not _chooses_rows(rules, column)]
    records = [{column.name: shown(column, row[column.name]) for column in shown_columns} for row in found]
    if many:
        return [{name: value for name, value in row.items() if value is not None} for row in records]
    return records[0] if records else None


def _chooses_rows(rules: Reading, column: Column) -> bool:
    """Whether a field only says whose rows are meant: it is no condition, and does not come back."""
    return rules.rows == "people of the project" and column.name == "project_id"


def _readable(table: Table, field: str) -> Column:
    column = table.column(field)
    if column is None or not column.readable:
        raise Failed(f"FATAL: user get query not allowed for {table.name}.{field}")
    return column


def _refuse_unstored(table: Table, columns: Iterable[Column]) -> None:
    """Some of what may be asked for is in no table of the server, which then shows its database's error."""
    if not table.stored_in:
        raise Failed(f'postgresql error: relation "{table.name}" does not exist')
    for column in columns:
        if not column.stored:
            raise Failed(f'postgresql error: column "{column.name}" does not exist')


def _order(table: Table, chosen: tuple[str, ...]) -> tuple[str, ...]:
    for name in chosen:
        if not name:
            raise Failed('postgresql error: syntax error at or near "LIMIT"')
        column = table.column(name.removeprefix("-"))
        if column is None or not column.stored:
            raise Failed(f'postgresql error: column "{name.removeprefix("-")}" does not exist')
    return chosen


def _conditions(column: Column, wanted: Any) -> list[Condition]:
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
