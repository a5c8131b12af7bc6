"""Tickets that open the dashboard in one browser; in memory, as hashes."""

from __future__ import annotations

import secrets
import time

from cocalc_magic.sandbox.storage.passwords import hash_random

TICKET_TIME = 300.0  # seconds
VISIT_TIME = 12 * 3600  # seconds
MAX_STORED = 100


class Tickets:
    """Tickets, each of which works once, and the visits that they have become."""

    def __init__(self) -> None:
        self._tickets: dict[str, float] = {}
        self._visits: dict[str, float] = {}

    def new(self) -> str:
        """Return a new ticket."""
        return _add(self._tickets, TICKET_TIME)

    def redeem(self, ticket: str) -> str | None:
        """Return the value of a visitor's cookie, for a ticket that has not been used."""
        until = self._tickets.pop(hash_random(ticket), 0.0)
        return _add(self._visits, VISIT_TIME) if until > time.monotonic() else None

    def is_visitor(self, cookie: str | None) -> bool:
        """Tell whether a cookie is a visitor's."""
        return cookie is not None and self._visits.get(hash_random(cookie), 0.0) > time.monotonic()


def _add(entries: dict[str, float], seconds: float) -> str:
    """Return a random text whose hash is stored for so many seconds; the oldest one is dropped."""
    text = secrets.token_hex(16)  # of letters and digits: no line of a link ends inside it
    while len(entries) >= MAX_STORED:
        entries.pop(next(iter(entries)))
    entries[hash_random(text)] = time.monotonic() + seconds
    return text
