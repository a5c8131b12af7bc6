"""``user-query``: reads and writes of the tables, as the message ``query`` of v1 does them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import access, query
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text
from cocalc_magic.sandbox.world import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

NOBODY = Caller("")  # owns nothing, and is in nothing
_NOT_MINE = "FATAL: you do not have read access to this project"


def user_query(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The result in the shape of the query; ``options`` beside it are not looked at, as recorded."""
    asked = options.get("query")
    if not isinstance(asked, dict | list | str):
        raise Failed("FATAL: invalid user_query of 'undefined' -- query must be an object")
    if asked == []:
        return {"query": []}
    given = {"query": asked, "options": None, "changes": None, "multi_response": False}
    try:
        return {"query": query.query(world, caller or NOBODY, given)["query"]}
    except Failed as problem:
        if problem.error != _NOT_MINE:
            raise
        raise Failed(_refusal(caller or NOBODY, asked)) from None


def _refusal(caller: Caller, asked: Any) -> str:
    """Why a project is not read, in the words of today's server, which show what it forgot to fill in."""
    one = next((record for record in _records(asked) if "project_id" in record), {})
    if not access.is_uuid(one.get("project_id")):
        return f"invalid project_id -- {as_text(one.get('project_id'))}"
    return f"{_NOT_MINE} -- account_id={caller.account_id}, project_id_=undefined"


def _records(asked: Any) -> list[dict[str, Any]]:
    """The records of a query of any shape."""
    queries = asked if isinstance(asked, list) else [asked]
    values = [value for query in queries if isinstance(query, dict) for value in query.values()]
    return [
        one
        for value in values
        for one in (value if isinstance(value, list) else [value])
        if isinstance(one, dict)
    ]
