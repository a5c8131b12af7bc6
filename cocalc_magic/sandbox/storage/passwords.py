"""Hash secrets: passwords by scrypt with a salt, random texts by SHA-256.

Where Python lacks scrypt (in a page, which has no OpenSSL), passwords are hashed by PBKDF2, with rounds that
take no longer there. A hash says how it was made, so that a database can move.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

COST = 2**14  # scrypt's N; some 50 ms
ROUNDS = 10_000  # of PBKDF2 in Python, some 50 ms
_SCRYPT, _PBKDF2 = "scrypt", "pbkdf2"
HAS_SCRYPT = hasattr(hashlib, "scrypt")


def hash_random(text: str) -> str:
    """Hash a key, cookie, token or ticket: these are random, so that a fast hash is safe."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str, cost: int = COST, *, scrypt: bool = HAS_SCRYPT) -> str:
    """Hash a password; `cost` is scrypt's, small only for accounts of a world file."""
    salt = secrets.token_bytes(16)
    method, number = (_SCRYPT, cost) if scrypt else (_PBKDF2, ROUNDS * cost // COST or 1)
    return f"{method}${number}${salt.hex()}${_digest(method, password, salt, number)}"


def is_password(value: Any, stored: str | None) -> bool:
    """Compare a value with the stored hash of a password; it takes as long where there is none.

    Where scrypt is missing, no password has a hash that was made by it.
    """
    text = value if isinstance(value, str) else ""
    if stored is None:
        stored = f"{_SCRYPT}${COST}$00$" if HAS_SCRYPT else f"{_PBKDF2}${ROUNDS}$00$"
    method, number, salt, digest = stored.split("$")
    if method == _SCRYPT and not HAS_SCRYPT:
        return False
    same = hmac.compare_digest(_digest(method, text, bytes.fromhex(salt), int(number)), digest)
    return same and isinstance(value, str)


def _digest(method: str, password: str, salt: bytes, number: int) -> str:
    encoded = password.encode("utf-8", "surrogatepass")
    if method == _SCRYPT:
        return hashlib.scrypt(encoded, salt=salt, n=number, r=8, p=1).hex()
    return _pbkdf2(encoded, salt, number).hex()


def _pbkdf2(password: bytes, salt: bytes, rounds: int) -> bytes:
    """Return the first block of PBKDF2 with HMAC-SHA-256, as RFC 8018 defines it."""
    keyed = hmac.new(password, digestmod=hashlib.sha256)

    def sign(text: bytes) -> bytes:
        signing = keyed.copy()
        signing.update(text)
        return signing.digest()

    block = sign(salt + (1).to_bytes(4, "big"))
    total = int.from_bytes(block, "big")
    for _ in range(rounds - 1):
        block = sign(block)
        total ^= int.from_bytes(block, "big")
    return total.to_bytes(32, "big")
