"""Messages between people, which stay in the sandbox."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.domain.accounts import find_by_address
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, stringify
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.storage.store import Row
    from cocalc_magic.sandbox.world import World

MAX_ROWS = 500
KINDS = ("received", "sent", "new", "starred", "liked")
MARKS = ("read", "saved", "starred", "liked", "deleted", "expire")
"""Columns with a bit for the sender and each recipient, in their order."""
_SHOWN_MARKS = ("read", "saved", "deleted")


def send(world: World, caller: Caller, options: Mapping[str, Any]) -> int | None:
    """Send a message to accounts, by ids or addresses; return its number, `None` where nobody is left.

    Unknown addresses are ignored, as recorded.
    """
    recipients = options.get("to_ids")
    if not isinstance(recipients, list):
        raise Failed("TypeError: Cannot read properties of undefined (reading 'filter')")
    accounts = [find_by_address(world, recipient) for recipient in recipients if _is_address(recipient)]
    ids = [recipient for recipient in recipients if not _is_address(recipient)]
    ids += [account["account_id"] for account in accounts if account]
    return deliver(world, caller.account_id, ids, options)


def _is_address(recipient: Any) -> bool:
    return isinstance(recipient, str) and "@" in recipient


def deliver(world: World, from_id: str, to_ids: Iterable[Any], message: Mapping[str, Any]) -> int | None:
    """Store a message (`subject`, `body`, perhaps `reply_id`) for accounts; return its number."""
    to_ids = list(to_ids)
    if missing := _missing(world, to_ids):
        raise Thrown(f"invalid account_id -- {missing[0]}")
    if not to_ids:
        return None
    row = {
        "from_id": from_id,
        "to_ids": to_ids,
        "subject": message.get("subject"),
        "body": message.get("body"),
    }
    return _insert(world, {**row, "sent": now(), "thread_id": _thread(world, message.get("reply_id"))})


def _missing(world: World, account_ids: Iterable[Any]) -> list[str]:
    """Return the accounts that do not exist. Raises `Failed` for a value that is not an id."""
    for account_id in account_ids:
        if not is_uuid(account_id):
            raise Thrown(f'invalid input syntax for type uuid: "{as_text(account_id)}"', kind="error")
    return [each for each in account_ids if world.store.get("accounts", each.lower()) is None]


def _insert(world: World, row: Row) -> int:
    """Insert a message and return its number. Raises `Failed` in the database's words."""
    for name in ("subject", "body"):
        if row[name] is None:
            raise Thrown(
                f'null value in column "{name}" of relation "messages" violates not-null constraint',
                kind="error",
            )
    text = {name: as_text(row[name]) for name in ("subject", "body")}
    to_ids = [account_id.lower() for account_id in row["to_ids"]]
    with world.store.transaction():
        world.store.insert("messages", {**row, **text, "to_ids": to_ids})
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
    cutoff = options.get("cutoff")
    where: list[tuple[str, str, Any]] = [("sent", ">", milliseconds(cutoff))] if cutoff is not None else []
    if kind == "sent":
        where.append(("from_id", "=", caller.account_id))
    else:
        where += [("to_ids", "HAS", caller.account_id), ("sent", "IS NOT", None)]
    rows = world.store.select("messages", where, order=["-id"])
    rows = [row for row in rows if _is_of_kind(row, kind, caller.account_id)]
    marks = () if kind in ("new", "starred") else _SHOWN_MARKS
    return [_shown(row, caller.account_id, marks) for row in rows[offset : offset + limit]]


def _is_of_kind(row: Row, kind: str, account_id: str) -> bool:
    if kind == "starred":
        return _is_marked(row, "starred", account_id) and not _is_marked(row, "deleted", account_id)
    hidden = (*_SHOWN_MARKS, "expire") if kind == "new" else ("expire",)
    return not any(_is_marked(row, name, account_id) for name in hidden)


def _is_marked(row: Row, name: str, account_id: str) -> bool:
    position = _position(row, account_id)
    return (row[name] or "")[position : position + 1] == "1"


def _position(row: Row, account_id: str) -> int:
    """Return the place of an account's bit: the recipients come after the sender."""
    return row["to_ids"].index(account_id) + 1 if account_id in row["to_ids"] else 0


def _number(value: Any, default: int) -> int:
    number = default if value is None else as_number(value)
    if not math.isfinite(number):
        raise Thrown('invalid input syntax for type bigint: "NaN"', kind="error")
    if number < 0:
        raise Thrown("LIMIT must not be negative", kind="error")
    return int(number)


def _shown(row: Row, account_id: str, marks: Iterable[str]) -> dict[str, Any]:
    names = ("id", "subject", "body", "from_id", "to_ids")
    fields = {**{name: row[name] for name in names}, "sent": iso(row["sent"]) if row["sent"] else None}
    return {**fields, "thread_id": row["thread_id"]} | {
        name: _is_marked(row, name, account_id) for name in marks
    }


# -- queries ---------------------------------------------------------------------------------------


def create(world: World, caller: Caller, record: Mapping[str, Any]) -> Row:
    """Store a message as the table `create_message` does; one without `sent` is a draft. Return the row."""
    to_ids = list(dict.fromkeys(record.get("to_ids") or ()))
    if missing := _missing(world, to_ids):
        raise Thrown(_NOT_ALL.format(stringify(missing)))
    sent = record.get("sent")
    row = {"from_id": caller.account_id, "to_ids": to_ids, "thread_id": record.get("thread_id")}
    texts = {name: record.get(name) for name in ("subject", "body")}
    number = _insert(world, {**row, **texts, "sent": None if sent is None else milliseconds(sent)})
    stored = world.store.get("messages", number) or {}
    moment = stored["sent"]
    return {**stored, "sent": None if moment is None else iso(moment)}


def mark(world: World, caller: Caller, row: Row | None, changes: Mapping[str, Any]) -> None:
    """Write what a recipient may: the own bits of a message."""
    if row is None:
        raise Failed("use the sent_messages table to create a new message")
    bits = _bits(row, changes)
    if bits and caller.account_id not in row["to_ids"]:
        raise Thrown("you do not have permission to edit this message")
    _set_bits(world, row, bits, _position(row, caller.account_id))


def edit(world: World, caller: Caller, row: Row | None, changes: Mapping[str, Any]) -> None:
    """Write what a sender may: anything of a draft, and the own bits."""
    if row is None:
        raise Failed("use the create_message virtual table to create messages")
    if row["from_id"] != caller.account_id:
        return
    if not row["sent"]:
        if missing := _missing(world, changes.get("to_ids") or ()):
            raise Thrown(_NOT_ALL.format(stringify(missing)))
        world.store.update("messages", row["id"], {n: v for n, v in changes.items() if n not in MARKS})
    _set_bits(world, row, _bits(row, changes), 0)


_NOT_ALL = "every target account_id must exist -- these accounts do not exist: {}"


def _bits(row: Row, changes: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns of bits that are to change, with what was sent for them."""
    sent = {name: as_text(changes[name]) for name in MARKS if changes.get(name) is not None}
    return {name: text for name, text in sent.items() if text != row[name]}


def _set_bits(world: World, row: Row, bits: Mapping[str, str], position: int) -> None:
    """Set the bit at this place of each column to the one that was sent there."""
    width, changed = len(row["to_ids"]) + 1, {}
    for name, text in bits.items():
        bit = text[position : position + 1] or "0"
        if bit not in "01":
            raise Thrown(f"invalid bit '{bit}'")
        old = (row[name] or "").ljust(width, "0")[:width]
        changed[name] = old[:position] + bit + old[position + 1 :]
    world.store.update("messages", row["id"], changed)
