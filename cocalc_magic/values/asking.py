"""A query from what a person chooses: table, fields, conditions, order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_magic.catalog import Option
from cocalc_magic.errors import InvalidValue
from cocalc_magic.values import convert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.catalog import Table

CONDITIONS = ("=", "!=", "<", "<=", ">", ">=")
_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "uuid": "uuid"}


class Condition(NamedTuple):
    """A field, how it is compared, and with what, as typed."""

    column: str
    sign: str
    text: str


def query_options(
    table: Table, fields: Iterable[str], conditions: Iterable[Condition], limit: int, order: str = ""
) -> dict[str, Any]:
    """The options of ``query`` that get at most ``limit`` rows of the table.

    ``order`` is a field, with a minus before it for the greatest first. An equality is the field's value
    in the query; other comparisons are objects of the comparison and its value, as CoCalc's guide has them.
    Raises :class:`InvalidValue` for what is no field and for a value that does not fit its field's kind.
    """
    row: dict[str, Any] = dict.fromkeys(fields)
    for condition in conditions:
        if row.get(condition.column) is not None:
            raise InvalidValue(f"{condition.column} is compared twice.", "A query compares each field once.")
        value = _value(table, condition)
        row[condition.column] = value if condition.sign == "=" else {condition.sign: value}
    if not row:
        raise InvalidValue("the query names no field.", "Choose at least one.")
    unknown = [name for name in row if table.column(name) is None]
    if unknown:
        raise InvalidValue(f"{table.name} has no field {unknown[0]!r}.")
    options: list[dict[str, Any]] = [{"limit": limit}]
    if order:
        options.append({"order_by": order})
    return {"query": {table.name: [row]}, "options": options}


def _value(table: Table, condition: Condition) -> Any:
    column = table.column(condition.column)
    kind = column.kind if column else "text"
    return convert.from_text(Option(condition.column, _TYPES.get(kind, "text"), ""), condition.text)
