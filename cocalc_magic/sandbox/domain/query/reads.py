"""Read the stored rows of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.columns import cast, milliseconds, shown
from cocalc_magic.sandbox.domain.query import parse, rows
from cocalc_magic.sandbox.domain.query.computed import COMPUTED
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_number, as_text
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.catalog import Column, Table
    from cocalc_magic.catalog.schema import Reading
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.domain.query.parse import Query
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

    Condition = tuple[str, str, Any]

DAY = 86_400_000  # milliseconds
OPERATORS = {
    "==": "=", "=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
    "IS": "IS", "IS NOT": "IS NOT",
    "LIKE": "LIKE", "ILIKE": "LIKE", "NOT LIKE": "NOT LIKE", "NOT ILIKE": "NOT LIKE",
}  # fmt: skip


def read(world: World, caller: Caller, query: Query, options: Iterable[Mapping[str, Any]]) -> Any:
    """Read a table: return a record or `None`, or for `many` a list of records, without their nulls.

    Raises `Failed`.
    """
    table = query.tables.get(query.table)
    if table is None or table.read is None:
        raise Failed(f"FATAL: get queries not allowed for table '{query.table}'")
    columns = [_readable(table, field) for field in query.record]
    rows.check(world, caller, table.read.rows, table.name, query.record)
    if table.read.admin:
        rows.require_admin(caller)
    allowed = rows.allowed(world, caller, table.read.rows, query.record)
    if compute := COMPUTED.get(table.name):
        return compute(world, caller, query)
    read_options = parse.read_options(options, table.read.options)
    order = _order(table, read_options.order)
    _refuse_unstored(table, columns)
    if read_options.only_changes:
        return None
    limit = read_options.limit if query.many else min(read_options.limit, 1)
    matching = world.store.select(
        table.stored_in,
        [*_where(table.read, columns, query.record), *allowed.where],
        among=allowed.among,
        order=order,
        limit=limit,
    )
    return _shown(table.read, columns, matching, many=query.many)


def _where(rules: Reading, columns: Iterable[Column], record: Mapping[str, Any]) -> list[Condition]:
    """Return the conditions of a record, and those of the table's own age limit."""
    recent = [(name, ">=", now() - int(days * DAY)) for name, days in rules.days.items()]
    conditions = (
        condition
        for column in columns
        if not _chooses_rows(rules, column)
        for condition in _conditions(column, record[column.name])
    )
    return [*conditions, *recent]


def _shown(rules: Reading, columns: Iterable[Column], matching: Iterable[Row], *, many: bool) -> Any:
    """Return rows as a reader gets them."""
    shown_columns = [column for column in columns if not _chooses_rows(rules, column)]
    records = [{column.name: shown(column, row[column.name]) for column in shown_columns} for row in matching]
    if many:
        return [{name: value for name, value in row.items() if value is not None} for row in records]
    return records[0] if records else None


def _chooses_rows(rules: Reading, column: Column) -> bool:
    """Tell whether a field only selects whose rows are meant: it is not a condition, and not returned."""
    return rules.rows == "people of the project" and column.name == "project_id"


def _readable(table: Table, field: str) -> Column:
    column = table.column(field)
    if column is None or not column.readable:
        raise Failed(f"FATAL: user get query not allowed for {table.name}.{field}")
    return column


def _refuse_unstored(table: Table, columns: Iterable[Column]) -> None:
    """Raise the database's error for a readable table or column that the server does not store."""
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
    """Return the conditions that a value of a record sets: none, equality, or a comparison."""
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
    """Return the milliseconds of a unit, by default an hour."""
    units = {
        "second": 1000,
        "minute": 60_000,
        "hour": 3_600_000,
        "day": DAY,
        "week": 7 * DAY,
        "month": 30 * DAY,
    }
    return units.get(as_text(name).rstrip("s"), 3_600_000)
