"""Parse queries: a table, a record, and options.

A record with a null anywhere in it is a read (nulls are the wanted fields, other values are conditions), any
other record a write; `options: [{set: …}]` decides where it is names.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.catalog import Table

OPTIONS = ("set", "delete", "only_changes", "limit", "order_by", "slice", "heartbeat", "account_id")
MAX_ROWS = 100_000


@dataclass(frozen=True)
class Query:
    """One `{table: record}`, or `{table: [record]}`, which asks for `many` rows of these tables."""

    table: str
    record: dict[str, Any]
    many: bool
    tables: Mapping[str, Table]


@dataclass(frozen=True)
class ReadOptions:
    """The `options` of a read."""

    only_changes: bool
    limit: int
    order: tuple[str, ...]


def parse(query: Any, caller: Caller, tables: Mapping[str, Table]) -> Query:
    """Parse a query of one of these tables. Raises `Failed` for any other shape."""
    if not isinstance(query, dict) or len(query) > 1:
        raise Failed("FATAL: must specify exactly one key in the query")
    table, record = next(iter(query.items()), ("undefined", None))
    many = isinstance(record, list)
    if isinstance(record, list):
        if len(record) > 1:
            raise Failed("FATAL: array of length > 1 not yet implemented")
        record = record[0] if record else None
    if not isinstance(record, dict):
        raise Failed(f"FATAL: invalid user_query of '{table}' -- query must be an object")
    return Query(table, _fill_in(record, caller), many, tables)


def is_write(query: Query, options: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether the query writes."""
    return next((bool(option["set"]) for option in options if "set" in option), not _has_null(query.record))


def acting_as(options: Iterable[Mapping[str, Any]], caller: Caller) -> Caller:
    """Return the account whose rights count: an administrator may name another one."""
    named = [option["account_id"] for option in options if "account_id" in option]
    if not named:
        return caller
    if not caller.admin:
        raise Failed("user must be admin to sudo")
    return Caller(str(cast(tables()["accounts"].column("account_id"), named[-1])), admin=True)


def read_options(options: Iterable[Mapping[str, Any]], defaults: Iterable[Mapping[str, Any]]) -> ReadOptions:
    """Return the options of a read. Raises `Failed` for an unknown one.

    A default of the table holds unless the caller gives all the names in it: a lone `limit` of `projects`
    is overridden by the table's, which comes in one piece with its order.
    """
    options = list(options)
    names = {name for option in options for name in option}
    pairs = [
        (name, value)
        for option in (*options, *(default for default in defaults if not set(default) <= names))
        for name, value in option.items()
    ]
    unknown = next((name for name, _ in pairs if name not in OPTIONS), None)
    if unknown is not None:
        raise Failed(f"unknown option '{unknown}'")
    last = dict(pairs)
    if "slice" in last:
        raise Failed("slice not implemented")
    return ReadOptions(
        only_changes=bool(last.get("only_changes")),
        limit=_limit(last.get("limit")),
        order=tuple(dict.fromkeys(as_text(value) for name, value in pairs if name == "order_by")),
    )


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_null(item) for item in value.values())
    return value is None or (isinstance(value, list) and any(_has_null(item) for item in value))


def _fill_in(record: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Replace the values `{account_id}` and `{now}`."""
    values = {"{account_id}": caller.account_id, "{now}": now()}

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(fill(name)): fill(item) for name, item in value.items()}
        if isinstance(value, list):
            return [fill(item) for item in value]
        return values.get(value, value) if isinstance(value, str) else value

    return {str(values.get(name, name)): fill(value) for name, value in record.items()}


def _limit(value: Any) -> int:
    """Return the number that a text begins with, as JavaScript's `parseInt` does."""
    match = re.match(r"\s*([+-]?\d+)", as_text(value)) if value is not None else None
    limit = float(match[1]) if match else math.inf
    if limit < 0:
        raise Failed("postgresql error: LIMIT must not be negative")
    return int(min(limit, MAX_ROWS))
