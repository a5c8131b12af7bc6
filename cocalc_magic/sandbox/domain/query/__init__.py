"""Queries: reads and writes of the tables, all by the schema in `cocalc_magic.catalog.schema`.

parse       the parts of a query, and its options
rows        which rows of a table a caller may read
order       the expressions that rows are sorted by
reads       reads of stored rows
computed    tables without rows of their own
name_rules  what names of accounts, projects and published paths may be
checks      what is checked of a record, table by table
writes      writes: required columns, rights, and effects

From the bottom up: computed, name_rules, order, parse, rows, reads, checks, writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.query import parse
from cocalc_magic.sandbox.domain.query.reads import read
from cocalc_magic.sandbox.domain.query.rows import NoReadAccess
from cocalc_magic.sandbox.domain.query.writes import write
from cocalc_magic.sandbox.errors import Failed, Thrown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Table
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def query(
    world: World,
    caller: Caller,
    query: Any,
    options: Any = None,
    feed: Any = None,
    schema: Mapping[str, Table] | None = None,
) -> Any:
    """Carry out a query, or a list of them; return the result in the same shape. Raises `Failed`.

    `feed` is the id of what asks for later changes as well: what it may be is checked, and nothing follows.
    `schema` has the tables that there are, by default those of v1.
    """
    known = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    named = parse.acting_as(world, known, caller)
    if named:
        known = [option for option in known if option.get("account_id") is None]
    return _run(_Run(world, named or caller, options, known, feed, schema or tables("v1")), query)


@dataclass(frozen=True)
class _Run:
    """Who asks, with which options (as they were sent, and those that are objects), and for which feed."""

    world: World
    caller: Caller
    raw_options: Any
    options: list[dict[str, Any]]
    feed: Any
    schema: Mapping[str, Table]


def _run(run: _Run, query: Any) -> Any:
    if isinstance(query, list):
        if run.feed is not None and len(query) > 1:
            raise Failed("FATAL: changefeeds only implemented for single table")
        return [_run(replace(run, feed=None), part) for part in query]
    parsed = parse.parse(query, run.caller, run.schema, run.raw_options)
    if parse.is_write(parsed, run.options):
        if run.feed is not None:
            raise Failed("FATAL: changefeeds only for read queries")
        result = write(run.world, run.caller, parsed, run.options)
    else:
        if run.feed is not None and not parsed.many:
            raise Failed("FATAL: changefeeds only implemented for multi-document queries")
        options = [option for option in run.options if option.get("set") is None]
        result = read(run.world, run.caller, parsed, options, run.feed)
    return {} if result is None else {parsed.table: result}


def query_today(world: World, caller: Caller, wanted: Any, options: Any = None) -> Any:
    """Carry out a query on the tables of today, as their servers do, who word some failures otherwise.

    Raises `Failed`.
    """
    if wanted is None:
        raise Thrown("Cannot read properties of undefined (reading 'undefined')", kind="TypeError")
    try:
        return query(world, caller, wanted, options, schema=tables("v2"))
    except NoReadAccess as problem:
        raise Failed(problem.as_today) from None
