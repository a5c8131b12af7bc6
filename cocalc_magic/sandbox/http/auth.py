"""Who a request comes from: its ``Authorization`` header and the key in it, as recorded.

Basic (the key is the user name, what follows the first colon is ignored) and Bearer are known, with
this very spelling. A key that is not found is read as one of the current format, whose last six
characters are a number in base 62: a number that no database integer holds showed as an error
text of the database.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.storage.keys import LARGEST_NUMBER
from cocalc_magic.sandbox.world import Caller

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World


class Refused(Exception):
    """The request is refused in these words, with HTTP status 400."""


def key_of(authorization: str | None) -> str | None:
    """The key in a header; ``None`` for a Bearer without one. Raises :class:`Refused`."""
    if authorization is None:
        raise Refused("You must provide authentication via an API key.")
    scheme, *rest = authorization.split() or ["undefined"]
    if scheme == "Bearer":
        return rest[0] if rest else None
    if scheme != "Basic":
        raise Refused(f"Unknown authorization type '{scheme}'")
    if not rest:
        raise Refused(
            "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an "
            "Array-like Object. Received undefined"
        )
    return _decoded(rest[0]).partition(":")[0]


def caller_of(world: World, key: str | None) -> Caller:
    """Who a key speaks for. Raises :class:`Refused`."""
    if key is None:
        raise Refused("TypeError: Cannot read properties of undefined (reading 'startsWith')")
    if caller := known_caller(world, key):
        return caller
    number = _number(key[-6:])
    if abs(number) > LARGEST_NUMBER:
        raise Refused(f'error: value "{number}" is out of range for type integer')
    raise Refused("No account found. Is your API key wrong?")


def known_caller(world: World, key: str) -> Caller | None:
    """Who a key speaks for; ``None`` for a key that is not known, has expired, or is a banned account's."""
    owner = world.keys.find(key) if key else None
    if owner and owner.project_id:
        return Caller(owner.project_id, project_id=owner.project_id)
    return Caller(owner.account_id, admin=owner.admin) if owner else None


def account_caller(world: World, account_id: str) -> Caller | None:
    """An account as a caller; ``None`` when there is none, or it is banned."""
    account = world.store.get("accounts", account_id)
    if account is None or account["banned"]:
        return None
    return Caller(account_id, admin="admin" in (account["groups"] or []))


def _decoded(text: str) -> str:
    """Base 64 as Node reads it, up to the first ``=``: what is no digit of it is skipped."""
    known = text.partition("=")[0].replace("-", "+").replace("_", "/")
    digits = "".join(c for c in known if c.isascii() and (c.isalnum() or c in "+/"))
    if len(digits) % 4 == 1:  # six bits more, which make no byte
        digits = digits[:-1]
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-8", "replace")


def _number(digits: str) -> int:
    """Digits of base 62 by their codes, as the recorded server computes it, for any characters."""
    number = 0
    for digit in digits:
        code = ord(digit)
        number = number * 62 + (code - 48 if code < 58 else code - 29 if code < 91 else code - 87)
    return number
