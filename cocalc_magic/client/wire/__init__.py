"""How a message travels, by API: pure functions between messages and HTTP.

messages    HTTP requests and responses, and their JSON
command     what servers say of a command that failed
permission  what a key with capabilities may send, and how servers refuse it
v1          POST <server>/api/v1/<event>, options as one JSON object
v2          POST <server>/api/v2/<path>, the same
conat       POST <server>/api/conat/hub or …/project, the name in the body
raw         any method and path
probe       which of them a server speaks
upload      files into a project, beside the API
download    files out of a project, beside the API
translate   a v1 message by what today's servers have

From the bottom up: command, messages, conat, download, probe, upload, translate, v1, v2, raw, permission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic.catalog.raw import PATH
from cocalc_magic.client.wire import command, conat, permission, raw, v1, v2
from cocalc_magic.client.wire.messages import busy_hints
from cocalc_magic.errors import MessageFailed, ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.wire.messages import WireRequest, WireResponse
    from cocalc_magic.response import Response


class Wire(Protocol):
    """How the messages of one API travel; the modules v1, v2, conat and raw are such."""

    def path(self, event: str) -> str:
        """Return where a message goes, below the server's address."""

    def encode(
        self, message: Message, options: Mapping[str, Any], *, seconds: float = 0, form: bool = False
    ) -> WireRequest:
        """Return the request for a message.

        Args:
            message: The message.
            options: Its options, checked.
            seconds: How long the client waits for the answer.
            form: Send key-value pairs in place of JSON.

        Raises:
            InvalidValue: For `form` where the wire or an option can't travel so.
        """

    def options_of(self, message: Message, body: dict[str, Any]) -> tuple[dict[str, Any], float | None]:
        """Return the options in a body, the way back of `encode`, and the seconds that a server waits."""

    def decode(self, response: WireResponse, event: str = "") -> Any:
        """Return the value of a response. Raises `NotCoCalc` where it has none."""

    def failure(self, response: Response) -> ServerError | None:
        """Return the error that a response amounts to, or `None` for a success."""


WIRES: Mapping[str, Wire] = {"v1": v1, "v2": v2, "conat": conat, PATH: raw}
"""The wires by the generation of their messages."""


def failure(message: Message, response: Response) -> ServerError | None:
    """Return the error that a response amounts to, whatever its API.

    A command that failed and a refusal of a good key have errors of their own.
    """
    problem = WIRES[message.generation].failure(response)
    if problem is not None and (refused := permission.failure(response, problem.server_text)):
        refused.server_text = problem.server_text
        return refused
    if type(problem) is MessageFailed and (command_failure := command.failure(response, problem.server_text)):
        command_failure.server_text = problem.server_text
        return command_failure
    if problem is not None:
        problem.hints = (*busy_hints(response.status), *problem.hints)
    return problem


def may_hide_unknown_key(message: Message, response: Response) -> bool:
    """Return whether this may be the answer to a key that the server does not know."""
    return WIRES[message.generation] is v2 and v2.may_hide_unknown_key(message, response.value)
