"""Finding people: the search by name or address, and names by account id."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.accounts import find_by_address
from cocalc_magic.sandbox.domain.addresses import is_address
from cocalc_magic.sandbox.errors import StorageFailed, Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, stringify
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MINUTE = 60_000  # milliseconds
FEW_HITS, MAX_HITS = 20, 50  # where no limit is given, and at most
MAX_HITS_OF_ADMIN = 2_500  # on servers of today
MAX_PARTS = 100  # parts of a query; further ones are ignored
MAX_WORDS = 300  # of all parts
DELETED_USER = {"first_name": "Deleted", "last_name": "User"}
_LARGEST_INTEGER = 2**31 - 1


def search(
    world: World, query: Any, limit: Any, *, as_admin: bool = False, only_email: bool = False
) -> list[dict[str, Any]]:
    """Search accounts by name or address; return them with the most recently active first.

    An account that is found by its address and by its name is in the result twice.

    Args:
        query: Parts separated by commas or semicolons. A part with an `@` is an address, any other a set of
            words that all occur in the name. Anything but a text finds nobody.
        limit: The number of hits, as any JSON value; those by address count, and are never left out.
        as_admin: Search addresses by any part, and show all of them; else only hits by address show it.
        only_email: Search addresses alone.
    """
    if not isinstance(query, str):
        return []
    if is_uuid(query):
        row = world.store.get("accounts", query.lower())
        return [_shown(row, as_admin)] if row else []
    if is_address(query):
        row = find_by_address(world, query)
        return [_shown(row, as_admin, by_address=True)] if row else []
    parts, addresses = _parse(query, as_admin)
    most = as_number(limit)
    by_address = [] if most <= 0 else _by_addresses(world, addresses)
    by_name = [] if only_email else _by_names(world, parts, most - len(by_address), as_admin)
    hits = [*((row, True) for row in by_address), *((row, False) for row in by_name)]
    recent = sorted(hits, key=lambda hit: _recency(hit[0]), reverse=True)
    return [_shown(row, as_admin, by_address=addressed) for row, addressed in recent]


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


def note_activity(world: World, caller: Caller) -> None:
    """Store, once a minute as recorded, that the caller is active."""
    row, moment = world.store.get("accounts", caller.account_id), now()
    if row and moment - (row["last_active"] or 0) > MINUTE:
        with suppress(StorageFailed):  # a search works on a full disk
            world.store.update("accounts", caller.account_id, {"last_active": moment})


def _parse(query: str, as_admin: bool) -> tuple[list[list[str]], list[str]]:
    """Return the words of each part of a query, and the addresses in it; those are words to an admin."""
    parts, addresses = [], []
    for part in re.split(r"[,;\n]", query.lower())[:MAX_PARTS]:
        text = part.strip()
        if "@" not in text or text.startswith("@"):
            parts.append(text.split())
        else:
            words = (re.sub(r"^<(.*)>.*$", r"\1", word) for word in text.split())
            addresses += [word for word in words if is_address(word)]
    if as_admin:
        parts, addresses = [*parts, *([address] for address in addresses)], []
    return [words for words in parts if words], addresses


def _by_addresses(world: World, addresses: list[str]) -> list[Row]:
    rows = [find_by_address(world, address) for address in dict.fromkeys(addresses)]
    return [row for row in rows if row]


def _by_names(world: World, parts: list[list[str]], most: float, as_admin: bool) -> list[Row]:
    """Return the accounts whose name has all words of a part. Raises `Failed` in the database's words."""
    if not parts or most <= 0:
        return []
    if not most.is_integer():
        shown = "NaN" if math.isnan(most) else "Infinity" if math.isinf(most) else stringify(most)
        raise Thrown(f'invalid input syntax for type integer: "{shown}"', kind="error")
    if most > _LARGEST_INTEGER:
        raise Thrown(f'value "{int(most)}" is out of range for type integer', kind="error")
    return world.store.search_accounts(_few(parts), int(most), everything=as_admin)


def _few(parts: list[list[str]]) -> list[list[str]]:
    """Return as many parts as have few enough words."""
    kept: list[list[str]] = []
    for words in parts:
        if sum(map(len, kept)) + len(words) > MAX_WORDS:
            break
        kept.append(words)
    return kept


def _recency(row: Row) -> tuple[int, int, int]:
    """Return the sort key of the search: the last activity or the creation, ties by their order in time."""
    return max(row["last_active"] or 0, row["created"] or 0), row["turn"] or 0, row["position"]


def _shown(row: Row, as_admin: bool, *, by_address: bool = False) -> dict[str, Any]:
    columns = ["account_id", "first_name", "last_name", "name"]
    columns += ["email_address"] * (by_address or as_admin)
    columns += ["last_active", "created"]
    columns += ["banned"] * as_admin
    verified = row["email_address_verified"]
    if row["email_address"] and verified:
        verified = verified.get(row["email_address"]) is not None
    return {**{name: row[name] for name in columns}, "email_address_verified": verified}
