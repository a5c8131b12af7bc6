"""The ways into a project and out of it: commands, which every server runs, and HTTP beside the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic import catalog
from cocalc_magic.client.credentials import KeyAuth, KeyCookie
from cocalc_magic.client.transfer.local import Range
from cocalc_magic.client.wire import download, upload
from cocalc_magic.client.wire.generations import Letter
from cocalc_magic.client.wire.reply import encode
from cocalc_magic.errors import KeyRefused, MessageFailed, NotCoCalc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.credentials import Credential
    from cocalc_magic.client.streams import Body, Sink
    from cocalc_magic.client.wire.reply import Reply
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.response import Response

NOT_THIS_WAY = (KeyRefused, MessageFailed, NotCoCalc)
"""What a server answers that has not this way, or does not let this key go it."""

SHORT = 40.0  # seconds of a command: longer ones are jobs on some servers, which are asked for their end
SLOWEST = 25_000  # bytes a second: what goes more slowly is given up
_JSON = 90_000  # bytes of a message that v1 servers take as JSON; they take 1 MB as a form
CHATTER = 1024 * 1024  # bytes of an answer that is a word or a page


class Exchange(Protocol):
    """Sends a message, as a client does."""

    def __call__(
        self,
        message: Message,
        options: Mapping[str, Any],
        *,
        timeout: float | None = None,
        form: bool = False,
    ) -> Response:
        """The response; raises its failure."""


class Ask(Protocol):
    """Speaks HTTP, as a transport does."""

    def __call__(
        self,
        letter: Letter,
        limit: float,
        credential: Credential,
        *,
        body: Body | None = None,
        sink: Sink | None = None,
        max_bytes: int,
    ) -> Reply:
        """What came; raises what HTTP raises."""


class Carrier(Protocol):
    """The ways into one project and out of it; ``by_http`` says whether there may be others than commands."""

    by_http: bool

    def run(self, script: str, seconds: float = SHORT) -> str:
        """What a script of bash prints in the project; raises its failure."""

    def put(self, path: str, file: BinaryIO, start: int, size: int) -> None:
        """Puts some bytes of a file at a path; raises one of ``NOT_THIS_WAY``, or another failure."""

    def get(self, path: str, sink: Sink, size: int) -> None:
        """Gives a file of at most this size to a sink; raises one of ``NOT_THIS_WAY``, or another failure."""


@dataclass
class ProjectCarrier:
    """The ways that a client has to a project."""

    project_id: str
    server: str
    key: Secret
    patience: float
    exchange: Exchange
    ask: Ask
    generations: Callable[[], frozenset[str]]
    by_http: bool = True

    def run(self, script: str, seconds: float = SHORT) -> str:
        """What a script of bash prints in the project; raises its failure."""
        message = catalog.find("project_exec")
        form = "v1" in self.generations() and len(encode(script)) > _JSON
        # A form knows texts alone, and every text is true.
        options = {"bash": "true", "timeout": f"{seconds:g}"} if form else {"bash": True, "timeout": seconds}
        sent = {"project_id": self.project_id, "command": script, **options}
        limit = self.patience + seconds + self._seconds(len(script))
        return str(self.exchange(message, sent, timeout=limit, form=form).get("stdout") or "")

    def put(self, path: str, file: BinaryIO, start: int, size: int) -> None:
        """Puts some bytes of a file at a path; raises its failure, and ``OSError`` of the file."""
        letter, head, tail = upload.form(self.project_id, path)
        body = Range(file, start, size, head, tail)
        reply = self.ask(letter, self._limit(size), KeyAuth(self.key), body=body, max_bytes=CHATTER)
        if problem := upload.failure(reply, self.server):
            raise problem

    def get(self, path: str, sink: Sink, size: int, limit: float | None = None) -> None:
        """Gives a file of at most this size to a sink; raises its failure, and ``OSError`` of the sink.

        ``limit``: seconds for all of it, where they do not go by its size.
        """
        letter = Letter(download.path(self.project_id, path), {}, b"", "GET")
        room = size + CHATTER
        seconds = limit or self._limit(size)
        reply = self.ask(letter, seconds, KeyCookie(self.key), sink=sink, max_bytes=room)
        if problem := download.failure(reply, path, self.server):
            raise problem

    def _limit(self, size: int) -> float:
        return self.patience + self._seconds(size)

    @staticmethod
    def _seconds(size: int) -> float:
        return size / SLOWEST
