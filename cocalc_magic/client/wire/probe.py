"""Which APIs a server speaks, found by three requests that carry no key and change nothing.

An API is there when JSON comes back, whatever it says; a page, a redirect, 404 or 405 mean that it is not.
None of the three starts a project, mails or touches an account. Source: the behaviour of servers of 2024
and 2026, recorded.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import NamedTuple

from cocalc_magic.client.wire.reply import Reply


class Probe(NamedTuple):
    """One request: which API it is for, where it goes below the server's address, and its body."""

    generation: str
    path: str
    body: bytes


_FIELDS = ["siteName", "siteURL", "version", "kucalc", "jupyterApiEnabled"]
PROBES = (
    Probe("conat", "/api/conat/hub", b"{}"),
    Probe("v2", "/api/v2/customize", json.dumps({"fields": _FIELDS}).encode()),
    Probe("v1", "/api/v1/ping", b""),
)

Get = Callable[[str, bytes], Reply]
"""Posts a body to a path without any key; raises what HTTP raises."""


def speaks(reply: Reply) -> bool:
    """Whether the answer to a probe shows that its API is there."""
    if reply.location or reply.absent or reply.status in (401, 403) or reply.status >= 500:
        return False
    try:
        return isinstance(reply.value(), dict)
    except (ValueError, RecursionError):
        return reply.status == 400 and "API key" in reply.body  # servers of 2017 said it as text


def ask(post: Get) -> frozenset[str]:
    """The generations that the server speaks, by asking it three times."""
    return frozenset(probe.generation for probe in PROBES if speaks(post(probe.path, probe.body)))


class Capabilities:
    """What is known of servers, by address; threads may share it, and only one of them asks."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def of(self, url: str) -> frozenset[str] | None:
        """What the server speaks, as far as it was asked; ``None`` where it was not."""
        return self._known.get(url)

    def find(self, url: str, post: Get, doubted: frozenset[str] | None = None) -> frozenset[str]:
        """What the server speaks; it is asked unless that is known, or if what was known is ``doubted``.

        An answer that names nothing is not kept: a server that just starts speaks nothing yet.
        """
        with self._lock:
            known = self._known.get(url)
            if known and known is not doubted:
                return known
            found = ask(post)
            if found:
                self._known[url] = found
            return found
