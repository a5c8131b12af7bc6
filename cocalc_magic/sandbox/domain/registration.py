"""Registration tokens: texts that new accounts need, which administrators keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.columns import cast, moment, shown
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.storage.store import now

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


# -- use -------------------------------------------------------------------------------------------


def add(world: World, token: str) -> None:
    """Insert a token, unless there is such a one."""
    if world.store.get(TABLE, token) is None:
        world.store.insert(TABLE, {"token": token, "disabled": False})


def is_required(world: World) -> bool:
    """Tell whether a new account needs a token: it does as soon as there is one that is not disabled."""
    return any(not row["disabled"] for row in world.store.select(TABLE))


def redeem(world: World, token: Any) -> str | None:
    """Count a use of a token, where one is needed; return why it cannot be used, `""` where there is none."""
    if not is_required(world):
        return None
    if not token:
        return ""
    with world.store.transaction():
        row = world.store.get(TABLE, str(cast(tables()[TABLE].column("token"), token)))
        if problem := _problem(row):
            return problem
        assert row  # noqa: S101 - a missing one is a problem
        world.store.update(TABLE, row["token"], {"counter": (row["counter"] or 0) + 1})
    return None


def _problem(row: Mapping[str, Any] | None) -> str | None:
    if row is None:
        return "Registration token is wrong."
    if row["disabled"]:
        return "Registration token disabled."
    if row["expires"] is not None and row["expires"] < now():
        return "Registration token no longer valid."
    if row["limit"] is not None and row["limit"] <= (row["counter"] or 0):
        return "Registration token used up."
    return None
