"""`user-query`: reads and writes of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import Caller, is_uuid
from cocalc_magic.sandbox.domain.query import query as run_query
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

NOBODY = Caller("")  # owns nothing, and is a member of nothing
_NOT_MINE = "FATAL: you do not have read access to this project"


def user_query(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result in the shape of the query; `options` beside it are ignored, as recorded."""
    query, caller = options.get("query"), caller or NOBODY
    if not isinstance(query, dict | list | str):
        raise Thrown("FATAL: invalid user_query of 'undefined' -- query must be an object")
    try:
        return {"query": run_query(world, caller, query, generation="v2")}
    except Failed as problem:
        if problem.error != _NOT_MINE:
            raise
        raise Thrown(_refusal(caller, query)) from None


def _refusal(caller: Caller, query: Any) -> str:
    """Word why a project cannot be read as today's server does, which forgets to fill in a value."""
    project_id = next((record["project_id"] for record in _records(query) if "project_id" in record), None)
    if not is_uuid(project_id):
        return f"invalid project_id -- {as_text(project_id)}"
    return f"{_NOT_MINE} -- account_id={caller.account_id}, project_id_=undefined"


def _records(query: Any) -> list[dict[str, Any]]:
    """Return the records in a query of any shape."""
    parts = query if isinstance(query, list) else [query]
    values = [value for part in parts if isinstance(part, dict) for value in part.values()]
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return [record for record in flat if isinstance(record, dict)]
