"""Tickets that let one browser look at the sandbox's page; in memory, as hashes."""

from __future__ import annotations

import secrets
import time

from cocalc_magic.sandbox.storage.passwords import hash_random

TICKET_TIME = 300.0  # seconds
VISIT = 12 * 3600  # seconds that a browser may look on
MOST = 100


class Tickets:
    """What opens the page: tickets, each good once, and the visits that they have become."""

    def __init__(self) -> None:
        self._tickets: dict[str, float] = {}
        self._visits: dict[str, float] = {}

    def new(self) -> str:
        """A ticket."""
        return _keep(self._tickets, TICKET_TIME)

    def redeem(self, ticket: str) -> str | None:
        """The value of a visitor's cookie, for a ticket that has not been used."""
        until = self._tickets.pop(hash_random(ticket), 0.0)
        return _keep(self._visits, VISIT) if until > time.monotonic() else None

    def admits(self, cookie: str | None) -> bool:
        """Whether a cookie is a visitor's."""
        return cookie is not None and self._visits.get(hash_random(cookie), 0.0) > time.monotonic()


def _keep(kept: dict[str, float], seconds: float) -> str:
    """A fresh random text, whose hash is kept for so long; the oldest gives way."""
    text = secrets.token_urlsafe(24)
    while len(kept) >= MOST:
        kept.pop(next(iter(kept)))
    kept[hash_random(text)] = time.monotonic() + seconds
    return text
