"""Messages between people, which stay in the sandbox.

Failures begin with the JavaScript name of the error, as the conat bridge shows them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.accounts import find_by_address
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MAX_ROWS = 500
KINDS = ("received", "sent", "new", "starred", "liked")
_MARKS = {"read": False, "saved": False, "deleted": False}  # which a reader sets in the web page alone


def send(world: World, caller: Caller, options: Mapping[str, Any]) -> int | None:
    """Send a message to accounts, by ids or addresses; return its number, `None` where nobody is left.

    Unknown addresses are ignored, as recorded.
    """
    recipients = options.get("to_ids")
    if not isinstance(recipients, list):
        raise Thrown("Cannot read properties of undefined (reading 'filter')", kind="TypeError")
    accounts = [find_by_address(world, recipient) for recipient in recipients if _is_address(recipient)]
    ids = [recipient for recipient in recipients if not _is_address(recipient)]
    ids += [account["account_id"] for account in accounts if account]
    return deliver(world, caller.account_id, ids, options)


def _is_address(recipient: Any) -> bool:
    return isinstance(recipient, str) and "@" in recipient


def deliver(world: World, from_id: str, to_ids: Iterable[Any], message: Mapping[str, Any]) -> int | None:
    """Store a message (`subject`, `body`, perhaps `reply_id`) for accounts; return its number."""
    to_ids = list(to_ids)
    for account_id in to_ids:
        if not is_uuid(account_id):
            raise Thrown(f'invalid input syntax for type uuid: "{as_text(account_id)}"', kind="error")
        if world.store.get("accounts", account_id.lower()) is None:
            raise Thrown(f"invalid account_id -- {account_id}")
    if not to_ids:
        return None
    for name in ("subject", "body"):
        if message.get(name) is None:
            raise Thrown(
                f'null value in column "{name}" of relation "messages" violates not-null constraint',
                kind="error",
            )
    row = {
        "subject": as_text(message["subject"]),
        "body": as_text(message["body"]),
        "from_id": from_id,
        "to_ids": [account_id.lower() for account_id in to_ids],
        "sent": now(),
        "thread_id": _thread(world, message.get("reply_id")),
    }
    with world.store.transaction():
        world.store.insert("messages", row)
        return int(world.store.select("messages", order=["-id"], limit=1)[0]["id"])


def _thread(world: World, reply_id: Any) -> int | None:
    """Return the number of the first message of the thread; `None` for a message that begins one."""
    number = as_number(reply_id) if reply_id is not None else math.nan
    answered = world.store.get("messages", int(number)) if number.is_integer() and number < 2**31 else None
    if answered is None:
        return None
    return int(answered["thread_id"] or answered["id"])


def get(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return messages to or from the caller, the newest first."""
    kind = options.get("type")
    kind = "received" if kind is None else kind
    limit, offset = _number(options.get("limit"), 100), _number(options.get("offset"), 0)
    if limit > MAX_ROWS:
        raise Thrown(f"limit must be at most {MAX_ROWS}")
    if kind not in KINDS or kind == "liked":
        raise Thrown('syntax error at or near "undefined"', kind="error")
    if kind == "starred":  # only the web page can star one
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
        raise Thrown('invalid input syntax for type bigint: "NaN"', kind="error")
    if number < 0:
        raise Thrown("LIMIT must not be negative", kind="error")
    return int(number)


def _shown(row: Row, marks: Mapping[str, bool]) -> dict[str, Any]:
    names = ("id", "subject", "body", "from_id", "to_ids")
    fields = {name: row[name] for name in names}
    return {**fields, "sent": iso(row["sent"]), "thread_id": row["thread_id"], **marks}
