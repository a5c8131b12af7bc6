"""One door to the three wires: how a message of any generation is written, and what its answer means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.client.wire import command, conat, raw, v1, v2
from cocalc_magic.client.wire import reply as replies
from cocalc_magic.errors import InvalidValue, MessageFailed, ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.wire.reply import Reply
    from cocalc_magic.response import Response


@dataclass(frozen=True)
class Letter:
    """A message ready for HTTP: where it goes below the server's address, headers, body, method."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


def write(message: Message, options: Mapping[str, Any], *, seconds: float, form: bool = False) -> Letter:
    """The message as it travels; ``seconds`` are those that the client is willing to wait.

    Raises :class:`InvalidValue` for ``form`` where the wire has none.
    """
    if message.raw and not form:
        return Letter(*raw.encode(message, options, seconds))
    if message.generation == "v1":
        return Letter(v1.path(catalog.raw.bare(message.event)), *v1.encode(dict(options), form=form))
    if form:
        raise InvalidValue(f"{message.event} travels as JSON only.", "Leave --form out.")
    if message.generation == "v2":
        return Letter(v2.path(message.event), *v2.encode(message, options))
    return Letter(conat.path(message.event), *conat.encode(message, options, seconds))


def read(message: Message, reply: Reply) -> Any:
    """The value of the answer; raises :class:`NotCoCalc` where it has none."""
    if message.generation == catalog.raw.PATH:
        return raw.decode(reply)
    if message.generation == "v1":
        return v1.decode(reply)
    return (
        v2.decode(reply, catalog.raw.bare(message.event))
        if message.generation == "v2"
        else conat.decode(reply)
    )


def failure(message: Message, response: Response) -> ServerError | None:
    """The error that a response amounts to, or ``None`` for a success."""
    problem = _failure(message, response)
    if type(problem) is MessageFailed and (of_command := command.failure(response, problem.said)):
        of_command.said = problem.said
        return of_command
    if problem is not None:
        problem.hints = (*replies.busy(response.status), *problem.hints)
    return problem


def _failure(message: Message, response: Response) -> ServerError | None:
    if message.generation == "v1":
        return v1.failure(response, response.request.options.get("id"))
    of_conat = message.generation == "conat" or raw.target(message.event)[1].startswith("/api/conat/")
    return conat.failure(response) if of_conat else v2.failure(response)
