"""Read the stored rows of tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.columns import cast, json_operand, milliseconds, moment, shown, sql_type
from cocalc_magic.sandbox.domain.query import order, parse, rows
from cocalc_magic.sandbox.domain.query.computed import COMPUTED
from cocalc_magic.sandbox.domain.query.rows import Rows
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_number, as_text
from cocalc_magic.sandbox.storage.store import kinds, now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cocalc_magic.catalog import Column, Table
    from cocalc_magic.catalog.schema import Reading
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.domain.query.parse import Query
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

    Condition = tuple[str, str, Any]

DAY = 86_400_000  # milliseconds
COMPARISONS = {"==": "=", "=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
PATTERNS = {  # the store's operator, and PostgreSQL's own name of it
    "LIKE": ("GLOB", "~~"), "ILIKE": ("LIKE", "~~*"),
    "NOT LIKE": ("NOT GLOB", "!~~"), "NOT ILIKE": ("NOT LIKE", "!~~*"),
}  # fmt: skip
TRUTHS = ("IS", "IS NOT")
_UNITS = {"seconds": 1000, "minutes": 60_000, "hours": 3_600_000, "days": DAY, "months": 30 * DAY,
          "years": 365 * DAY}  # fmt: skip


def read(
    world: World, caller: Caller, query: Query, options: Iterable[Mapping[str, Any]], feed: Any = None
) -> Any:
    """Read a table: return a record or `None`, or for `many` a list of records, without their nulls.

    Raises `Failed`.
    """
    table = query.tables.get(query.table)
    if table is None or table.read is None:
        raise Failed(f"FATAL: get queries not allowed for table '{query.table}'")
    if not (caller.account_id or table.read.anonymous):
        raise Failed(f"FATAL: anonymous get queries not allowed for table '{query.table}'")
    columns = [_readable(table, field) for field in query.record]
    rows.check(world, caller, table.read.rows, query.record)
    if table.read.admin:
        rows.require_admin(caller)
    allowed = rows.allowed(world, caller, table.read.rows, query.record)
    if compute := COMPUTED.get(table.name):
        if feed is not None:
            raise Failed("changefeeds are not supported for querying this table")
        return compute(world, caller, query, options)
    read_options = parse.read_options(options, table.read.options)
    if feed is not None:
        _check_feed(table, query, feed)
    _refuse_unstored(table, columns)
    keys = _order(table, read_options.order, columns)
    where = [*_where(table.read, columns, query.record), *allowed.where]
    if read_options.only_changes:
        return None
    limit = read_options.limit if query.many else min(read_options.limit, 1)
    matching = _select(world, table.stored_in, Rows(tuple(where), allowed.among), keys, limit)
    return _shown(table.read, columns, matching, many=query.many)


def _check_feed(table: Table, query: Query, feed: Any) -> None:
    """Raise `Failed` for a feed whose id is none, or whose records cannot be told apart."""
    if not is_uuid(feed):
        raise Failed("FATAL: changes.id must be a uuid")
    for name in table.key:
        if name not in query.record:
            raise Failed(f"FATAL: changefeed MUST include primary key (='{name}') in query")


def _select(world: World, table: str, rows: Rows, keys: Sequence[order.Key], limit: int) -> list[Row]:
    """Return rows in an order, which the store makes where it is of columns alone."""
    names = [key.plain for key in keys]
    if None not in names:
        columns = [name for name in dict.fromkeys(names) if name]
        return world.store.select(table, rows.where, among=rows.among, order=columns, limit=limit)
    return order.sort(world.store.select(table, rows.where, among=rows.among), keys)[:limit]


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


def _order(table: Table, text: str | None, columns: Iterable[Column]) -> tuple[order.Key, ...]:
    if text is None:
        return ()
    return order.parse(text, kinds(table.stored_in), [column.name for column in columns])


def _conditions(column: Column, wanted: Any) -> list[Condition]:
    """Return the conditions that a value of a record sets: none, equality, or a comparison."""
    if wanted is None:
        return []
    if isinstance(wanted, dict) and len(wanted) == 1:
        sign, operand = next(iter(wanted.items()))
        if sign in TRUTHS:
            return [(column.name, sign, _truth(column, operand))]
        if sign in (*COMPARISONS, *PATTERNS) and operand is None:
            return []  # a condition without a value is ignored
        if sign in PATTERNS:
            return [_pattern(column, sign, as_text(operand))]
        if sign in COMPARISONS:
            return [(column.name, COMPARISONS[sign], _operand(column, operand))]
    return [(column.name, "=", _operand(column, wanted))]


def _truth(column: Column, value: Any) -> Any:
    """Return what follows IS: null, or whether the column is true; any other value counts as true."""
    word = as_text(value).lower() if value is not None else "null"
    if word in ("null", "undefined"):
        return None
    word = word if word in ("false", "unknown") else "true"
    if column.kind != "boolean":
        raise Failed(
            f"postgresql error: argument of IS {word.upper()} must be type boolean, "
            f"not type {sql_type(column)}"
        )
    return {"false": False, "unknown": None}.get(word, True)


def _pattern(column: Column, sign: str, pattern: str) -> Condition:
    operator, name = PATTERNS[sign]
    if column.kind != "text":
        raise Failed(f"postgresql error: operator does not exist: {sql_type(column)} {name} unknown")
    return (column.name, operator, _as_glob(pattern) if "GLOB" in operator else pattern)


def _as_glob(pattern: str) -> str:
    """Convert a pattern of LIKE to one of GLOB, which distinguishes capitals as PostgreSQL does."""
    letters = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    return "".join(
        letters.get(part[1:], part[1:]) if len(part) > 1 else letters.get(part, part) for part in parts
    )


def _operand(column: Column, value: Any) -> Any:
    if column.kind == "map":
        return json_operand(value)
    if column.kind != "timestamp":
        return cast(column, value)
    if isinstance(value, dict) and value.get("relative_time") is not None and value.get("unit") in _UNITS:
        return milliseconds(now() + as_number(value["relative_time"]) * _UNITS[value["unit"]])
    return moment(value)
