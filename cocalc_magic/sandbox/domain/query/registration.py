"""Registration tokens: texts that new accounts need, which administrators keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.columns import cast, moment, shown
from cocalc_magic.sandbox.errors import Thrown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.sandbox.world import World

TABLE = "registration_tokens"
ALL = "*"
_CHANGED = ("descr", "expires", "limit", "disabled")


def registration_tokens(
    world: World, record: Mapping[str, Any], options: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]] | None:
    """Return all tokens for the token `*`; write, or delete, any other one, whatever a query looks like.

    Raises `Failed` where there is none.
    """
    token = record.get("token")
    if token and any(option.get("delete") is True for option in options):
        world.store.delete(TABLE, cast(tables()[TABLE].column("token"), token))
        return None
    if token == ALL:
        return _all(world)
    if not token:
        raise Thrown("don't know what to do with this query")
    _write(world, record)
    return []


def _all(world: World) -> list[dict[str, Any]]:
    columns = tables()[TABLE].columns
    return [
        {column.name: shown(column, row[column.name]) for column in columns}
        for row in world.store.select(TABLE)
    ]


def _write(world: World, record: Mapping[str, Any]) -> None:
    """Insert a token, or change all of it."""
    table = tables()[TABLE]
    values = {
        name: cast(table.column(name), record.get(name)) for name in ("token", *_CHANGED) if name != "expires"
    }
    expires = record.get("expires")
    values |= {"expires": moment(expires) if expires else None, "disabled": values["disabled"] or False}
    token = values.pop("token")
    with world.store.transaction():
        if world.store.get(TABLE, token):
            world.store.update(TABLE, token, values)
        else:
            world.store.insert(TABLE, {"token": token, **values})
