"""Messages that find people."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Failed, StorageFailed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text, stringify
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import Caller, World

MINUTE = 60_000  # milliseconds
MOST = 50  # hits for anyone but an admin
MOST_EVER = 100_000
MOST_PARTS = 100  # of a query, and words of a part; the rest is not looked for
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+")


def user_search(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Accounts by name or address, the most recently active first.

    The query is parts with commas or semicolons between; one with an ``@`` is an address, another a set
    of words that all stand in the name. Addresses are shown only of accounts found by theirs.
    """
    if options["admin"] and not caller.admin:
        raise Failed("must be logged in and a member of the admin group")
    as_admin = bool(options["admin"])
    count = _limit(options["limit"], as_admin)
    _note_activity(world, caller)
    found: dict[str, Row] = {}
    by_address: set[str] = set()
    for part in re.split(r"[,;\n]", as_text(options["query"]).lower())[:MOST_PARTS]:
        hits, addressed = _hits(world, part.strip(), count, as_admin)
        found |= {hit["account_id"]: hit for hit in hits}
        by_address |= {hit["account_id"] for hit in hits if addressed}
    rows = sorted(found.values(), key=_recent, reverse=True)
    return {"results": [_shown(row, row["account_id"] in by_address, as_admin) for row in rows[:count]]}


def _note_activity(world: World, caller: Caller) -> None:
    """The caller is active, which is noted once a minute, as recorded."""
    row, moment = world.store.get("accounts", caller.account_id), now()
    if row and moment - (row["last_active"] or 0) > MINUTE:
        with suppress(StorageFailed):  # a search needs no room
            world.store.update("accounts", caller.account_id, {"last_active": moment})


def _recent(row: Row) -> tuple[int, int, int]:
    """When an account was last active, or made; of two at the same moment the later one is more recent."""
    return row["last_active"] or row["created"] or 0, row["turn"] or 0, row["position"]


def _limit(value: Any, as_admin: bool) -> int:
    limit = as_number(value)
    if not math.isfinite(limit):
        raise Failed('error: invalid input syntax for type integer: "NaN"')
    if limit < 0:
        raise Failed("error: LIMIT must not be negative")
    return min(int(limit), MOST_EVER if as_admin else MOST)


def _hits(world: World, part: str, limit: int, as_admin: bool) -> tuple[list[Row], bool]:
    """Who one part of the query finds, and whether by address."""
    if not part:
        return [], False
    if is_uuid(part):
        row = world.store.get("accounts", part)
        return [row] if row else [], False
    if as_admin:
        by_address = reversed(world.store.select("accounts", [("email_address", "LIKE", f"%{part}%")]))
        return [*world.store.accounts_found_by(part.split()[:MOST_PARTS], limit), *by_address], False
    if address := _ADDRESS.search(part):
        return world.store.select("accounts", [("email_address", "=", address[0])]), True
    if "@" in part and not part.startswith("@"):
        return [], True
    return [
        row for row in world.store.accounts_found_by(part.split()[:MOST_PARTS], limit) if not row["unlisted"]
    ], False


def _shown(row: Row, by_address: bool, as_admin: bool) -> dict[str, Any]:
    names = ["account_id", "first_name", "last_name", "name"]
    names += ["email_address"] * (by_address or as_admin)
    names += ["last_active", "created"]
    names += ["banned"] * as_admin
    return {**{name: row[name] for name in names}, "email_address_verified": row["email_address_verified"]}


def get_usernames(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """First and last names by account id, the ids as they were given; nothing is known of unknown ones."""
    del caller
    given = options["account_ids"]
    ids = list(given) if isinstance(given, list | str) else []
    for one in ids:
        if not is_uuid(one):
            raise Failed(f"invalid uuid {as_text(one)} in account_ids -- {stringify(given)}")
    names: dict[str, Any] = {one: {} for one in ids}
    for one in ids:
        if row := world.store.get("accounts", one.lower()):
            names[row["account_id"]] = {"first_name": row["first_name"], "last_name": row["last_name"]}
    return {"usernames": names}
