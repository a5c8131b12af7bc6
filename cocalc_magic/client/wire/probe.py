"""Which APIs a server speaks, found by three or four requests that carry no key and change nothing.

An API is there when JSON comes back, whatever it says; a page, a redirect, 404 or 405 mean that it is not.
None of them starts a project, sends mail or touches an account. As recorded from servers of 2024 and 2026.

cocalc.ai has the paths of API v2 and of conat and another API on them: what tells it apart is that a
program can sign a person in there. It is asked about where there is conat, and then nothing else is.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

from cocalc_magic import catalog
from cocalc_magic.catalog.raw import PATH
from cocalc_magic.client.wire.messages import WireResponse

if TYPE_CHECKING:
    from cocalc_magic.catalog import Message


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
AI = Probe(catalog.SCOPED, "/api/v2/auth/cli/login/status", b"{}")

Post = Callable[[str, bytes], WireResponse]
"""Posts a body to a path, without the key."""


def speaks(reply: WireResponse) -> bool:
    """Return whether the answer to a probe shows that its API is there."""
    if reply.location or reply.absent or reply.status in (401, 403) or reply.status >= 500:
        return False
    try:
        return isinstance(reply.value(), dict)
    except (ValueError, RecursionError):
        return reply.status == 400 and "API key" in reply.body  # servers of 2017 said it as text


def ask(post: Post) -> frozenset[str]:
    """Ask a server, and return the generations that it speaks."""
    generations: set[str] = set()
    for probe in PROBES:
        if speaks(post(probe.path, probe.body)):
            generations.add(probe.generation)
            if probe.generation == "conat" and _is_ai(post(AI.path, AI.body)):
                return frozenset({AI.generation})
    return frozenset(generations)


def _is_ai(reply: WireResponse) -> bool:
    """Return whether a server has refused a sign-in that names no challenge, and not the path of it."""
    return reply.status == 200 and speaks(reply) and "error" in reply.value()


class Capabilities:
    """What is known of servers, by address; threads may share it, and only one of them asks a server."""

    def __init__(self) -> None:
        self.known: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def find(self, url: str, post: Post, doubted: frozenset[str] | None = None) -> frozenset[str]:
        """Return what a server speaks; it is asked where that is not known, or where `doubted` is what is.

        An answer that names nothing is not kept: a server that is starting speaks nothing yet.
        """
        with self._lock:
            known = self.known.get(url)
            if known and known is not doubted:
                return known
            generations = ask(post)
            if generations:
                self.known[url] = generations
            return generations


def has_api_of(generations: Collection[str], message: Message) -> bool:
    """Return whether a server that speaks these has the message's API; a path belongs to none.

    Of a generation that shares its wires with others it is whether it has the message itself.
    """
    if message.raw:
        older = (wire for name in generations for wire in catalog.generations.TABLE[name].builds_on)
        return message.generation in (*generations, *older, PATH)
    return not set(message.generations).isdisjoint(generations)


def proves_nothing(message: Message, known: frozenset[str] | None) -> bool:
    """Return whether a server that lacks the message may have its API: every version of v2 lacks some."""
    return message.generation == PATH or (bool(known) and message.generation == "v2")
