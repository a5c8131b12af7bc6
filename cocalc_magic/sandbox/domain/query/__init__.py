"""Queries: reads and writes of the tables, all by the schema in `cocalc_magic.catalog.schema`.

parse       the parts of a query, and its options
rows        which rows of a table a caller may read
order       the expressions that rows are sorted by
reads       reads of stored rows
computed    tables without rows of their own
name_rules  what names of accounts, projects and published paths may be
writes      writes: required columns, rights, and effects

From the bottom up: computed, name_rules, order, parse, rows, reads, writes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.query import parse
from cocalc_magic.sandbox.domain.query.reads import read
from cocalc_magic.sandbox.domain.query.rows import NoReadAccess
from cocalc_magic.sandbox.domain.query.writes import write
from cocalc_magic.sandbox.errors import Failed, Thrown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Table
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.domain.query.parse import Query
    from cocalc_magic.sandbox.world import World


def query(
    world: World, caller: Caller, query: Any, options: Any = None, schema: Mapping[str, Table] | None = None
) -> Any:
    """Carry out a query, or a list of them; return the result in the same shape. Raises `Failed`.

    Args:
        schema: The tables that there are, by default those of v1.
    """
    known = [option for option in options if isinstance(option, dict)] if isinstance(options, list) else []
    named = parse.acting_as(world, known, caller)
    if named:
        known = [option for option in known if option.get("account_id") is None]
    parser = partial(parse.parse, caller=named or caller, tables=schema or tables("v1"), options=options)
    return _run(world, named or caller, query, parser, known)


def _run(
    world: World, caller: Caller, query: Any, parser: Callable[[Any], Query], options: list[dict[str, Any]]
) -> Any:
    if isinstance(query, list):
        return [_run(world, caller, part, parser, options) for part in query]
    parsed = parser(query)
    if parse.is_write(parsed, options):
        result = write(world, caller, parsed, options)
    else:
        result = read(world, caller, parsed, [option for option in options if option.get("set") is None])
    return {} if result is None else {parsed.table: result}


def query_today(world: World, caller: Caller, wanted: Any, options: Any = None) -> Any:
    """Carry out a query on the tables of today, as their servers do, who word some failures otherwise.

    Raises `Failed`.
    """
    if wanted is None:
        raise Thrown("Cannot read properties of undefined (reading 'undefined')", kind="TypeError")
    try:
        return query(world, caller, wanted, options, tables("v2"))
    except NoReadAccess as problem:
        raise Failed(problem.as_today) from None
