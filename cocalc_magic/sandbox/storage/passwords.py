"""What is secret, as it is kept: passwords by scrypt with a salt, random texts by SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

COST = 2**14  # scrypt's N; some 50 ms


def hash_random(text: str) -> str:
    """A key, cookie, token or ticket as it is kept: these are random, so that no slow hash is needed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str, cost: int = COST) -> str:
    """A password as it is kept; ``cost`` is scrypt's, small only for accounts of a world file."""
    salt = secrets.token_bytes(16)
    return f"scrypt${cost}${salt.hex()}${_digest(password, salt, cost)}"


def is_password(given: Any, kept: str | None) -> bool:
    """Whether this is the password that was kept; takes as long when none was."""
    text = given if isinstance(given, str) else ""
    if kept is None:
        _digest(text, b"none", COST)
        return False
    _, cost, salt, digest = kept.split("$")
    same = hmac.compare_digest(_digest(text, bytes.fromhex(salt), int(cost)), digest)
    return same and isinstance(given, str)


def _digest(password: str, salt: bytes, cost: int) -> str:
    encoded = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(encoded, salt=salt, n=cost, r=8, p=1).hex()
