"""Messages from people to people, kept in the sandbox and nowhere else.

Failures begin with the name of JavaScript's error, as the conat bridge shows them; API v2 shows them
without it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.accounts import account_with
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_number, as_text
from cocalc_magic.sandbox.storage.store import now
from cocalc_magic.sandbox.world import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import Caller, World

MOST = 500  # of one list
KINDS = ("received", "sent", "new", "starred", "liked")
_MARKS = {"read": False, "saved": False, "deleted": False}  # that the reader sets in the page alone


def send(world: World, caller: Caller, options: Mapping[str, Any]) -> int | None:
    """Sends a message to accounts, by ids or addresses; returns its number, ``None`` when nobody is left.

    An address that no account has is left out, as recorded.
    """
    given = options.get("to_ids")
    if not isinstance(given, list):
        raise Failed("TypeError: Cannot read properties of undefined (reading 'filter')")
    found = (account_with(world, one) for one in given if isinstance(one, str) and "@" in one)
    known = [account["account_id"] for account in found if account]
    others = [one for one in given if not (isinstance(one, str) and "@" in one)]
    return deliver(world, caller.account_id, [*others, *known], options)


def deliver(world: World, from_id: str, to_ids: Iterable[Any], message: Mapping[str, Any]) -> int | None:
    """Keeps a message (``subject``, ``body``, perhaps ``reply_id``) for accounts; returns its number."""
    to_ids = list(to_ids)
    for one in to_ids:
        if not is_uuid(one):
            raise Failed(f'error: invalid input syntax for type uuid: "{as_text(one)}"')
        if world.store.get("accounts", one.lower()) is None:
            raise Failed(f"Error: invalid account_id -- {one}")
    if not to_ids:
        return None
    for name in ("subject", "body"):
        if message.get(name) is None:
            raise Failed(
                f'error: null value in column "{name}" of relation "messages" violates not-null constraint'
            )
    row = {
        "subject": as_text(message["subject"]),
        "body": as_text(message["body"]),
        "from_id": from_id,
        "to_ids": [one.lower() for one in to_ids],
        "sent": now(),
        "thread_id": _thread(world, message.get("reply_id")),
    }
    with world.store.transaction():
        world.store.insert("messages", row)
        return int(world.store.select("messages", order=["-id"], limit=1)[0]["id"])


def _thread(world: World, reply_id: Any) -> int | None:
    """The number of the message that a thread began with; ``None`` for one that begins a thread."""
    number = as_number(reply_id) if reply_id is not None else math.nan
    answered = world.store.get("messages", int(number)) if number.is_integer() and number < 2**31 else None
    if answered is None:
        return None
    return int(answered["thread_id"] or answered["id"])


def get(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Messages to the caller, or from it, the newest first."""
    kind = options.get("type")
    kind = "received" if kind is None else kind
    limit, offset = _number(options.get("limit"), 100), _number(options.get("offset"), 0)
    if limit > MOST:
        raise Failed(f"Error: limit must be at most {MOST}")
    if kind not in KINDS or kind == "liked":
        raise Failed('error: syntax error at or near "undefined"')
    if kind == "starred":  # nobody can mark one here
        return []
    where: list[tuple[str, str, Any]] = [("from_id", "=", caller.account_id)] if kind == "sent" else []
    if options.get("cutoff") is not None:
        where.append(("sent", ">", milliseconds(options["cutoff"])))
    rows = world.store.select("messages", where, order=["-id"])
    theirs = [row for row in rows if kind == "sent" or caller.account_id in row["to_ids"]]
    return [_shown(row, {} if kind == "new" else _MARKS) for row in theirs[offset : offset + limit]]


def _number(value: Any, default: int) -> int:
    number = default if value is None else as_number(value)
    if not math.isfinite(number):
        raise Failed('error: invalid input syntax for type bigint: "NaN"')
    if number < 0:
        raise Failed("error: LIMIT must not be negative")
    return int(number)


def _shown(row: Row, marks: Mapping[str, bool]) -> dict[str, Any]:
    names = ("id", "subject", "body", "from_id", "to_ids")
    fields = {name: row[name] for name in names}
    return {**fields, "sent": iso(row["sent"]), "thread_id": row["thread_id"], **marks}
