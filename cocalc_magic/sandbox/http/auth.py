"""Authentication by API keys: the `Authorization` header, as recorded.

Basic (the key is the user name, what follows the first colon is ignored) and Bearer are known, in this
spelling only. The recorded server reads an unknown key as one of the current format, whose last six
characters are a number in base 62: a number that no integer of its database holds shows as an error of the
database.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.domain.access import Caller
from cocalc_magic.sandbox.errors import Refused
from cocalc_magic.sandbox.storage.keys import LARGEST_NUMBER

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World


def parse_authorization(header: str | None) -> str | None:
    """Return the key in a header; `None` for a Bearer without one. Raises `Refused`."""
    if header is None:
        raise Refused("You must provide authentication via an API key.")
    scheme, *rest = header.split() or ["undefined"]
    if scheme == "Bearer":
        return rest[0] if rest else None
    if scheme != "Basic":
        raise Refused(f"Unknown authorization type '{scheme}'")
    if not rest:
        raise Refused(
            "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an "
            "Array-like Object. Received undefined"
        )
    return _decode_base64(rest[0]).partition(":")[0]


def require_caller(world: World, key: str | None) -> Caller:
    """Return the caller that a key belongs to. Raises `Refused`."""
    if key is None:
        raise Refused("TypeError: Cannot read properties of undefined (reading 'startsWith')")
    if caller := find_caller(world, key):
        return caller
    if world.keys.is_banned(key):
        raise Refused("User is BANNED.  If this is a mistake, please contact help@cocalc.com")
    number = _decode_base62(key[-6:])
    if abs(number) > LARGEST_NUMBER:
        raise Refused(f'error: value "{number}" is out of range for type integer')
    raise Refused("No account found. Is your API key wrong?")


def find_caller(world: World, key: str | None) -> Caller | None:
    """Return the caller that a key belongs to; `None` for an unknown key, or a banned account's."""
    owner = world.keys.find(key) if key else None
    if owner and owner.project_id:
        return Caller(owner.project_id, project_id=owner.project_id)
    return Caller(owner.account_id, admin=owner.admin) if owner else None


def sender(world: World, header: str | None) -> str | None:
    """Return the account whose key an `Authorization` header has, or `None`."""
    with suppress(Refused):
        if caller := find_caller(world, parse_authorization(header)):
            return caller.account_id
    return None


def _decode_base64(text: str) -> str:
    """Decode as Node does: up to the first `=`, and without what is not a digit."""
    digits = text.partition("=")[0].replace("-", "+").replace("_", "/")
    digits = "".join(c for c in digits if c.isascii() and (c.isalnum() or c in "+/"))
    if len(digits) % 4 == 1:  # six more bits, which make no byte
        digits = digits[:-1]
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode("utf-8", "replace")


def _decode_base62(digits: str) -> int:
    """Compute a number from the codes of its digits as the recorded server does, for any characters."""
    number = 0
    for digit in digits:
        code = ord(digit)
        number = number * 62 + (code - 48 if code < 58 else code - 29 if code < 91 else code - 87)
    return number
