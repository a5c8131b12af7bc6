"""What one query asks for: its table, its record, and its options.

A record with a null leaf anywhere is a read (the nulls are what is wanted, other values are
conditions), any other a write; ``options: [{set: …}]`` decides where it is given.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.columns import cast
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import Caller

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KNOWN_OPTIONS = ("set", "delete", "only_changes", "limit", "order_by", "slice", "heartbeat", "account_id")
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Asked:
    """One ``{table: record}`` or ``{table: [record]}``."""

    table: str
    record: dict[str, Any]
    many: bool


@dataclass(frozen=True)
class Choices:
    """The ``options`` of a read."""

    only_changes: bool
    limit: int
    order: tuple[str, ...]


def asked(query: Any, caller: Caller) -> Asked:
    """The query's one table and record. Raises :class:`Failed` for another shape."""
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
    return Asked(table, _filled_in(record, caller), many)


def is_write(one: Asked, given: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the query writes."""
    return next((bool(option["set"]) for option in given if "set" in option), not _has_null(one.record))


def acting_as(given: Iterable[Mapping[str, Any]], caller: Caller) -> Caller:
    """The account whose rights count: an administrator may name another one's."""
    named = [option["account_id"] for option in given if "account_id" in option]
    if not named:
        return caller
    if not caller.admin:
        raise Failed("user must be admin to sudo")
    return Caller(str(cast(tables()["accounts"].column("account_id"), named[-1])), admin=True)


def choices(given: Iterable[Mapping[str, Any]], defaults: Iterable[Mapping[str, Any]]) -> Choices:
    """The options of a read; raises :class:`Failed` for an unknown one.

    A table's own options hold unless the caller gives all the names of one of them: a lone ``limit`` of
    ``projects`` is overruled by the table's limit, which comes in one piece with its order.
    """
    given = list(given)
    theirs = {name for option in given for name in option}
    named = [
        (name, value)
        for option in (*given, *(one for one in defaults if not set(one) <= theirs))
        for name, value in option.items()
    ]
    unknown = next((name for name, _ in named if name not in KNOWN_OPTIONS), None)
    if unknown is not None:
        raise Failed(f"unknown option '{unknown}'")
    last = dict(named)
    if "slice" in last:
        raise Failed("slice not implemented")
    return Choices(
        only_changes=bool(last.get("only_changes")),
        limit=_limit(last.get("limit")),
        order=tuple(dict.fromkeys(as_text(value) for name, value in named if name == "order_by")),
    )


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


def _limit(value: Any) -> int:
    """The number that a text begins with, as JavaScript's ``parseInt`` reads it."""
    match = re.match(r"\s*([+-]?\d+)", as_text(value)) if value is not None else None
    limit = float(match[1]) if match else math.inf
    if limit < 0:
        raise Failed("postgresql error: LIMIT must not be negative")
    return int(min(limit, MOST_ROWS))
