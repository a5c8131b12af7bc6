"""What stands between a message and its server: it watches the exchange, or answers in the server's place."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.catalog import Message
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.errors import ServerError
    from cocalc_magic.response import Request, Response

T = TypeVar("T")
Outcome = tuple["Response", "ServerError | None"]
"""A response, and the failure that it amounts to."""


class Sink(Protocol):
    """Takes the content of a file that is downloaded."""

    def write(self, data: bytes, /) -> object:
        """Write the next bytes."""


@dataclass(frozen=True)
class Outgoing:
    """One message on its way to a server.

    Args:
        server: Where it goes.
        secrets: The key and the session that it may go with, which no file may contain.
        request: The message, with its options.
        message: Its entry of the catalog; `None` for a file that is uploaded or downloaded.
        sink: Takes the content of a file that is downloaded.
    """

    server: Server
    secrets: tuple[Secret, ...]
    request: Request
    message: Message | None = None
    sink: Sink | None = None

    @property
    def takes_id(self) -> bool:
        """Whether the option `id` only tells answers apart, and is none of what is asked."""
        return self.message is not None and self.message.takes_id


Send = Callable[[Outgoing], Outcome]
"""Sends a message, and returns its outcome; raises an error where there is no response."""

Generations = Callable[[], frozenset[str]]
"""Finds out which APIs a server speaks."""


class Tape(Protocol):
    """A recorder, or what answers from a cassette; `offline`: nothing reaches a server past it."""

    offline: bool

    def exchange(self, outgoing: Outgoing, send: Send) -> Outcome:
        """Return the outcome of a message, which `send` sends. Raises what that raises."""

    def generations(self, server: Server, find: Generations) -> frozenset[str]:
        """Return which APIs a server speaks, which `find` finds out."""

    def know_people(self, names: Iterable[str]) -> None:
        """Take note of people's full names, which may stand in any text of a message."""


_BEGAN: ContextVar[float | None] = ContextVar("began", default=None)


def begun_now(function: Callable[..., T]) -> Callable[..., T]:
    """Return the function as a call whose message counts as begun now, whenever a thread gets to it.

    So messages that are handed to many threads are recorded in the order in which they were handed over.
    """
    began = time.perf_counter()

    def call(*args: Any) -> T:
        token = _BEGAN.set(began)
        try:
            return function(*args)
        finally:
            _BEGAN.reset(token)

    return call


def began() -> float:
    """Return when the message on its way has begun, by `time.perf_counter`."""
    moment = _BEGAN.get()
    return time.perf_counter() if moment is None else moment


def exchange(tapes: Iterable[Tape], outgoing: Outgoing, send: Send) -> Outcome:
    """Return the outcome of a message that passes these tapes.

    What answers is asked before what records hears of it; of several that answer, the last one is asked.
    """
    for tape in _in_order(tapes):
        send = _past(tape, send)
    return send(outgoing)


def generations(tapes: Iterable[Tape], server: Server, find: Generations) -> frozenset[str]:
    """Return which APIs a server speaks, as far as these tapes tell."""
    for tape in _in_order(tapes):
        find = _found_past(tape, server, find)
    return find()


def _in_order(tapes: Iterable[Tape]) -> list[Tape]:
    return sorted(tapes, key=lambda tape: not tape.offline)


def _past(tape: Tape, send: Send) -> Send:
    return lambda outgoing: tape.exchange(outgoing, send)


def _found_past(tape: Tape, server: Server, find: Generations) -> Generations:
    return lambda: tape.generations(server, find)
