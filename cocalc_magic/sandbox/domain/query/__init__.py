"""The ``query`` message: reads and writes of the tables, all by :mod:`cocalc_magic.catalog.schema`.

asking      what a query asks for, and its options
rows        which rows of a table a caller may read
reading     rows as a reader gets them
computed    tables without rows: what the server works out
writing     what a write needs, and what it changes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.query import parse
from cocalc_magic.sandbox.domain.query.reading import read
from cocalc_magic.sandbox.domain.query.writing import write
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import stringify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World


def query(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The result in the shape of the query; ``options`` and ``changes`` come back as they were sent."""
    if not isinstance(options["options"], list | None):
        raise Failed(f"FATAL: options (={stringify(options['options'])}) must be an array")
    given = [option for option in options["options"] or [] if isinstance(option, dict)]
    asked = options["query"]
    many = isinstance(asked, list)
    results = [_one(world, caller, one, given) for one in (asked if many else [asked])]
    echoed = {name: options[name] for name in ("options", "changes") if options[name] is not None}
    return {
        "query": results if many else results[0],
        "multi_response": bool(options["multi_response"]),
        **echoed,
    }


def _one(world: World, caller: Caller, asked: Any, given: list[dict[str, Any]]) -> dict[str, Any]:
    one = parse.asked(asked, caller)
    caller = parse.acting_as(given, caller)
    if parse.is_write(one, given):
        write(world, caller, one, given)
        return {}
    result = read(world, caller, one, given)
    return {} if result is None else {one.table: result}
