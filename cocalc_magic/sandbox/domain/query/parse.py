"""Parse queries: a table, a record, and options.

A record with a null anywhere in it is a read (nulls are the wanted fields, other values are conditions), any
other record a write; `options: [{set: …}]` decides where it is names.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text, is_true, parse_int, stringify
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.catalog import Table
    from cocalc_magic.sandbox.world import World

OPTIONS = ("delete", "only_changes", "limit", "order_by", "slice", "heartbeat")
MAX_ROWS = 100_000


@dataclass(frozen=True)
class Query:
    """One `{table: record}`, or `{table: [record]}`, which asks for `many` rows of one of these tables."""

    table: str
    record: dict[str, Any]
    many: bool
    tables: Mapping[str, Table]


@dataclass(frozen=True)
class ReadOptions:
    """The `options` of a read."""

    only_changes: bool
    limit: int
    order: str | None


def parse(query: Any, caller: Caller, tables: Mapping[str, Table], options: Any = None) -> Query:
    """Parse a query of one table. Raises `Failed` for any other shape, and for options that are no list."""
    by_name = _by_name(query)
    if len(by_name) > 1:
        raise Failed("FATAL: must specify exactly one key in the query")
    table, record = next(iter(by_name.items()), ("undefined", None))
    many = isinstance(record, list)
    if isinstance(record, list):
        if len(record) > 1:
            raise Failed("FATAL: array of length > 1 not yet implemented")
        record = record[0] if record else None
    if not isinstance(options, list | None):
        raise Failed(f"FATAL: options (={stringify(options)}) must be an array")
    if not isinstance(record, dict):
        raise Failed(f"FATAL: invalid user_query of '{table}' -- query must be an object")
    return Query(table, _fill_in(record, caller), many, tables)


def _by_name(query: Any) -> dict[str, Any]:
    """Return the values of a query by JavaScript's names: a text has one for each character, others none."""
    if isinstance(query, str):
        units = len(query.encode("utf-16-le", "surrogatepass")) // 2
        return dict.fromkeys(map(str, range(min(units, 2))))
    return query if isinstance(query, dict) else {}


def is_write(query: Query, options: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether the query writes."""
    chosen = [is_true(option["set"]) for option in options if option.get("set") is not None]
    return chosen[-1] if chosen else not _has_null(query.record)


def acting_as(world: World, options: Iterable[Mapping[str, Any]], caller: Caller) -> Caller | None:
    """Return the account that an administrator names, whose rights count then; `None` where none is named."""
    named = [option["account_id"] for option in options if option.get("account_id") is not None]
    if not named:
        return None
    if not caller.admin:
        raise Failed("user must be admin to sudo")
    account_id = str(cast(tables()["accounts"].column("account_id"), named[0]))
    row = world.store.get("accounts", account_id) or {}
    return Caller(account_id, admin="admin" in (row.get("groups") or ()))


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
    unknown = [name for name, _ in pairs if name not in OPTIONS]
    if unknown:
        raise Failed(f"unknown option '{unknown[-1]}'")
    last = dict(pairs)
    if last.get("slice") is not None:
        raise Failed("slice not implemented")
    order = _order([as_text(value) for name, value in pairs if name == "order_by"])
    return ReadOptions(is_true(last.get("only_changes")), _limit(last.get("limit")), order)


def _order(chosen: Iterable[str]) -> str | None:
    """Join orders as real servers do: a leading minus becomes DESC at the end of its text."""
    texts = [f"{text[1:]} DESC " if text.startswith("-") else text for text in chosen]
    joined = ""
    for text in texts:
        joined = f"{joined}, {text}" if joined else text
    if "'" in joined:
        raise Failed(f"ERROR -- detected ' apostrophe in order_by='{joined}'")
    return joined if texts else None


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
    limit = parse_int(value)
    if math.isnan(limit):
        return MAX_ROWS
    if limit < 0:
        raise Failed(f"ERROR -- opts.limit = '{stringify(limit)}' is not an integer")
    return int(min(limit, MAX_ROWS))
