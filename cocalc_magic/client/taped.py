"""What a router sends while it is recorded, or a recording answers in the server's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.cassette import tape

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.cassette.tape import Send, Sink
    from cocalc_magic.catalog import Message
    from cocalc_magic.client.routing import Outcome, Router
    from cocalc_magic.response import Request


def generations(router: Router, ask: Callable[[], frozenset[str]]) -> frozenset[str]:
    """Return what the server speaks, or spoke when it was recorded; `ask` finds it out."""
    return tape.generations(router.all_tapes(), router.server, ask)


def exchange(
    router: Router, request: Request, send: Send, message: Message | None = None, sink: Sink | None = None
) -> Outcome:
    """Send a request past the tapes of a router, and return the outcome; `sink` takes what is downloaded."""
    secrets = tuple(filter(None, (router.key, router.login_session)))
    outgoing = tape.Outgoing(router.server, secrets, request, message, sink)
    return tape.exchange(router.all_tapes(), outgoing, send)


def transfer(
    router: Router, request: Request, send: Callable[[Sink | None], Outcome], sink: Sink | None = None
) -> None:
    """Move a file by HTTP, recorded as a message is.

    Args:
        router: The client's router.
        request: What is moved, in words.
        send: Does it, and returns the outcome; it gets the sink to write into.
        sink: Takes the content of a download.

    Raises:
        CoCalcError: The failure.
    """
    if router.is_taped:
        _, problem = exchange(router, request, lambda outgoing: send(outgoing.sink), sink=sink)
    else:
        _, problem = send(sink)
    if problem is not None:
        raise problem
