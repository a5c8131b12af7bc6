"""Which APIs a server speaks, found by three or four requests that carry no key and change nothing.

An API is there when JSON comes back, whatever it says; a page, a redirect, 404 or 405 mean that it is not.
None of them starts a project, sends mail or touches an account. As recorded from servers of 2024 and 2026.

Where they go stands in the table of generations. One that builds on others has another API on their paths
(cocalc.ai, where programs can sign people in): it is asked about where the last of these was found, and
nothing else is then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from cocalc_magic.catalog.generations import TABLE, building_on, of
from cocalc_magic.catalog.raw import PATH
from cocalc_magic.client.wire.messages import WireResponse

if TYPE_CHECKING:
    from cocalc_magic.catalog import Message


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
    for name in reversed(TABLE):
        if TABLE[name].builds_on or not speaks(_asked(name, post)):
            continue
        generations.add(name)
        for newer in building_on(name):
            if TABLE[newer].builds_on[-1] == name and _refuses(_asked(newer, post)):
                return frozenset({newer})
    return frozenset(generations)


def _asked(name: str, post: Post) -> WireResponse:
    path, body = TABLE[name].probe
    return post(path, body.encode())


def _refuses(reply: WireResponse) -> bool:
    """Return whether a server has refused what a probe says, and so has its path."""
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


SHARED = Capabilities()
"""Of the servers that this process has asked."""


def known_generations(url: str) -> frozenset[str]:
    """Return which generations the server at an address speaks, if this process knows; it is not asked."""
    return SHARED.known.get(url, frozenset())


def forget_generations() -> None:
    """Forget what servers speak, where others may be at their addresses by now."""
    SHARED.known.clear()


def has_api_of(generations: Collection[str], message: Message) -> bool:
    """Return whether a server that speaks these has the message's API; a path belongs to none.

    Of a generation that shares its wires with others it is whether it has the message itself.
    """
    if message.raw:
        older = (wire for generation in of(generations) for wire in generation.builds_on)
        return message.generation in (*generations, *older, PATH)
    return not set(message.generations).isdisjoint(generations)


def proves_nothing(message: Message, known: frozenset[str] | None) -> bool:
    """Return whether a server that lacks the message may have its API: every version of v2 lacks some."""
    return message.generation == PATH or (bool(known) and message.generation == "v2")
