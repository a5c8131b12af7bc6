"""Queries: reads and writes of the tables, all by the schema in `cocalc_magic.catalog.schema`.

parse       the parts of a query, and its options
rows        which rows of a table a caller may read
reading     reads of stored rows
computed    tables without rows of their own
writing     writes: required columns, rights, and effects

From the bottom up: computed, parse, rows, reads, writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.query import parse
from cocalc_magic.sandbox.domain.query.reads import read
from cocalc_magic.sandbox.domain.query.writes import write
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import stringify

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def query(world: World, caller: Caller, query: Any, options: Any = None, *, generation: str) -> Any:
    """Carry out a query, or a list of them, on the tables of a generation; return the result in its shape.

    Raises `Failed`.
    """
    if not isinstance(options, list | None):
        raise Failed(f"FATAL: options (={stringify(options)}) must be an array")
    known = [option for option in options or [] if isinstance(option, dict)]
    if isinstance(query, list):
        return [_run(world, caller, part, known, generation) for part in query]
    return _run(world, caller, query, known, generation)


def _run(
    world: World, caller: Caller, part: Any, options: list[dict[str, Any]], generation: str
) -> dict[str, Any]:
    query = parse.parse(part, caller, tables(generation))
    caller = parse.acting_as(options, caller)
    if parse.is_write(query, options):
        write(world, caller, query, options)
        return {}
    result = read(world, caller, query, options)
    return {} if result is None else {query.table: result}
