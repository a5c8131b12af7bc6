"""Hash secrets: passwords by scrypt with a salt, random texts by SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

COST = 2**14  # scrypt's N; some 50 ms


def hash_random(text: str) -> str:
    """Hash a key, cookie, token or ticket: these are random, so that a fast hash is safe."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str, cost: int = COST) -> str:
    """Hash a password; `cost` is scrypt's, small only for accounts of a world file."""
    salt = secrets.token_bytes(16)
    return f"scrypt${cost}${salt.hex()}${_digest(password, salt, cost)}"


def is_password(value: Any, stored: str | None) -> bool:
    """Compare a value with the stored hash of a password; it takes as long where there is none."""
    text = value if isinstance(value, str) else ""
    if stored is None:
        _digest(text, b"none", COST)
        return False
    _, cost, salt, digest = stored.split("$")
    same = hmac.compare_digest(_digest(text, bytes.fromhex(salt), int(cost)), digest)
    return same and isinstance(value, str)


def _digest(password: str, salt: bytes, cost: int) -> str:
    encoded = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(encoded, salt=salt, n=cost, r=8, p=1).hex()
