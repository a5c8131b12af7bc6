"""`user-query`: reads and writes of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.domain.query import query_today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import World

NOBODY = Caller("")  # owns nothing, and is a member of nothing


def user_query(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result in the shape of the query; `options` beside it are ignored, as recorded."""
    return {"query": query_today(world, caller or NOBODY, options.get("query"))}
