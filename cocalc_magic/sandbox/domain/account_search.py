"""Finding people: the search by name or address, and names by account id."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import StorageFailed, Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, stringify
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MINUTE = 60_000  # milliseconds
MAX_HITS = 50
MAX_SHOWN = 20  # where today's servers are asked for no number
MAX_HITS_OF_ADMIN = 100_000
MAX_PARTS = 100  # parts of a query, and words of a part; further ones are ignored
DELETED_USER = {"first_name": "Deleted", "last_name": "User"}
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+")


def search(
    world: World, caller: Caller, query: Any, limit: Any, *, as_admin: bool = False
) -> list[dict[str, Any]]:
    """Search accounts by name or address; return them with the most recently active first.

    Args:
        query: Parts separated by commas or semicolons. A part with an `@` is an address, any other a set of
            words that all occur in the name.
        limit: The number of hits, as any JSON value. as_admin: Search addresses by any part, and show all of
        them; else only the accounts that were found by
            their address show it.
    """
    count = _limit(limit, as_admin)
    _note_activity(world, caller)
    rows: dict[str, Row] = {}
    by_address: set[str] = set()
    for part in re.split(r"[,;\n]", as_text(query).lower())[:MAX_PARTS]:
        hits, addressed = _hits(world, part.strip(), count, as_admin)
        rows |= {hit["account_id"]: hit for hit in hits}
        by_address |= {hit["account_id"] for hit in hits if addressed}
    recent = sorted(rows.values(), key=_recency, reverse=True)[:count]
    return [_shown(row, row["account_id"] in by_address, as_admin) for row in recent]


def names(world: World, ids: Any) -> dict[str, Any]:
    """Return first name, last name and profile by account id; an unknown account is a deleted user.

    Raises `Failed` in the database's words.
    """
    if ids is None or isinstance(ids, bool | int | float):
        raise Thrown("account_ids is not iterable", kind="TypeError")
    if not isinstance(ids, list):
        raise Thrown(
            f'malformed array literal: "{ids if isinstance(ids, str) else stringify(ids)}"', kind="error"
        )
    by_id = {}
    for account_id in ids:
        if not is_uuid(account_id):
            raise Thrown(f'invalid input syntax for type uuid: "{as_text(account_id)}"', kind="error")
        row = world.store.get("accounts", account_id.lower())
        shown = ("first_name", "last_name", "profile")
        by_id[account_id.lower()] = {name: row[name] for name in shown} if row else DELETED_USER
    return by_id


def _note_activity(world: World, caller: Caller) -> None:
    """Store, once a minute as recorded, that the caller is active."""
    row, moment = world.store.get("accounts", caller.account_id), now()
    if row and moment - (row["last_active"] or 0) > MINUTE:
        with suppress(StorageFailed):  # a search works on a full disk
            world.store.update("accounts", caller.account_id, {"last_active": moment})


def _recency(row: Row) -> tuple[int, int, int]:
    """Return the sort key of the search: the last activity or the creation, ties by their order in time."""
    return row["last_active"] or row["created"] or 0, row["turn"] or 0, row["position"]


def _limit(value: Any, as_admin: bool) -> int:
    limit = as_number(value)
    if not math.isfinite(limit):
        raise Thrown('invalid input syntax for type integer: "NaN"', kind="error")
    if limit < 0:
        raise Thrown("LIMIT must not be negative", kind="error")
    return min(int(limit), MAX_HITS_OF_ADMIN if as_admin else MAX_HITS)


def _hits(world: World, part: str, limit: int, as_admin: bool) -> tuple[list[Row], bool]:
    """Return the accounts that one part of a query finds, and whether by address."""
    if not part:
        return [], False
    if is_uuid(part):
        row = world.store.get("accounts", part)
        return [row] if row else [], False
    words = part.split()[:MAX_PARTS]
    if as_admin:
        by_address = reversed(world.store.select("accounts", [("email_address", "LIKE", f"%{part}%")]))
        return [*world.store.search_accounts(words, limit), *by_address], False
    if address := _ADDRESS.search(part):
        return world.store.select("accounts", [("email_address", "=", address[0])]), True
    if "@" in part and not part.startswith("@"):
        return [], True
    return [row for row in world.store.search_accounts(words, limit) if not row["unlisted"]], False


def _shown(row: Row, by_address: bool, as_admin: bool) -> dict[str, Any]:
    columns = ["account_id", "first_name", "last_name", "name"]
    columns += ["email_address"] * (by_address or as_admin)
    columns += ["last_active", "created"]
    columns += ["banned"] * as_admin
    return {**{name: row[name] for name in columns}, "email_address_verified": row["email_address_verified"]}
