"""How files get into a project and out of it: by commands, which every server runs, or by HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic import catalog
from cocalc_magic.client import taped
from cocalc_magic.client.transfer import scripts
from cocalc_magic.client.transfer.local import Range
from cocalc_magic.client.transport import KeyCookie
from cocalc_magic.client.wire import download, upload
from cocalc_magic.client.wire.messages import WireRequest, encode_json
from cocalc_magic.errors import KeyRefused, MessageFailed, NotCoCalc
from cocalc_magic.response import Request

if TYPE_CHECKING:
    from typing import BinaryIO

    from cocalc_magic.client.routing import Outcome, Router
    from cocalc_magic.client.streams import Sink

NOT_THIS_WAY = (KeyRefused, MessageFailed, NotCoCalc)
"""Raised where a server has no such transfers, or refuses them to this key."""

SHORT = 40.0  # seconds of a command: longer ones are jobs on some servers, which are asked for their end
SLOWEST = 25_000  # bytes a second: what goes more slowly is given up
_MAX_JSON = 90_000  # bytes of a message that v1 servers take as JSON; they take 1 MB as a form
MAX_REPLY = 1024 * 1024  # bytes of an answer that is a word or a page


class Carrier(Protocol):
    """Carries files into one project and out of it; `by_http`: HTTP may work, not only commands."""

    by_http: bool

    @property
    def scripts(self) -> Any:
        """The module whose functions make the scripts that this project runs."""

    def run(self, script: str, seconds: float = SHORT) -> str:
        """Run a bash script in the project and return what it prints. Raises its failure."""

    def put(self, path: str, file: BinaryIO, start: int, size: int) -> None:
        """Put some bytes of a file at a path. Raises one of `NOT_THIS_WAY`, or another failure."""

    def get(self, path: str, sink: Sink, size: int) -> None:
        """Write a file of at most this size into a sink. Raises one of `NOT_THIS_WAY`, or another failure."""


class ProjectCarrier:
    """The carrier of a client.

    Args:
        router: The client's router.
        project_id: The project.
        by_http: Whether uploads and downloads by HTTP may work, not only commands.
    """

    def __init__(self, router: Router, project_id: str, *, by_http: bool = True) -> None:
        self.router, self.project_id, self.by_http = router, project_id, by_http

    @property
    def scripts(self) -> Any:
        """The module whose functions make the scripts that this project runs."""
        return scripts if self.router.server.answer is None else _python_scripts()

    def run(self, script: str, seconds: float = SHORT) -> str:
        """Run a bash script in the project and return what it prints. Raises its failure."""
        message = catalog.find("project_exec")
        form = "v1" in self.router.generations() and len(encode_json(script)) > _MAX_JSON
        options: dict[str, Any] = {"bash": True, "timeout": seconds}
        if form:  # it knows texts alone, and every text is true
            options = {"bash": "true", "timeout": f"{seconds:g}"}
        options |= {"project_id": self.project_id, "command": script}
        limit = self._limit(len(script)) + seconds
        return str(self.router.exchange(message, options, timeout=limit, form=form).get("stdout") or "")

    def put(self, path: str, file: BinaryIO, start: int, size: int) -> None:
        """Put some bytes of a file at a path. Raises its failure, and `OSError` of the file."""
        options: dict[str, Any] = {"project_id": self.project_id, "path": path, "size": size}
        if self.router.is_taped:
            options["sha256"] = Range(file, start, size).hash()
        what = Request("upload", options)

        def send(_: object) -> Outcome:
            request, head, tail = upload.form(self.project_id, path)
            body = Range(file, start, size, head, tail)
            response = self.router.transport.request(
                request, self._limit(size), self.router.credential, body=body, max_bytes=MAX_REPLY
            )
            failure = upload.failure(response, self.router.server.name)
            return self.router.response_of(None, what, response, 0.0), failure

        taped.transfer(self.router, what, send)

    def get(self, path: str, sink: Sink, size: int, timeout: float | None = None) -> None:
        """Write a file of at most this size into a sink.

        Args:
            path: The file.
            sink: What takes it.
            size: Bytes that it has at most.
            timeout: Seconds for all of it, where they do not depend on its size.

        Raises:
            CoCalcError: Its failure.
            OSError: What the sink raises.
        """
        request = WireRequest(download.path(self.project_id, path), {}, b"", "GET")
        limit, room = timeout or self._limit(size), size + MAX_REPLY
        what = Request("download", {"project_id": self.project_id, "path": path})

        def send(into: Sink | None) -> Outcome:
            response = self.router.transport.request(
                request, limit, KeyCookie(self.router.key), sink=into, max_bytes=room
            )
            failure = download.failure(response, path, self.router.server.name)
            return self.router.response_of(None, what, response, 0.0), failure

        taped.transfer(self.router, what, send, sink)

    def _limit(self, size: int) -> float:
        return self.router.timeout + size / SLOWEST


def _python_scripts() -> Any:
    from cocalc_magic.client.transfer import python_scripts  # late: few sandboxes are no processes

    return python_scripts


def carrier_of(router: Router, project: Any, *, ask: bool = True, into: bool = False) -> ProjectCarrier:
    """Return the carrier for a project, with HTTP where the server has such transfers or is not known.

    Where files come out of a project from another server, that does not get the key.

    Args:
        router: The client's router.
        project: The project: its id or title, or a value that holds its id.
        ask: Ask the server which APIs it has, where that is not known.
        into: Whether the files go into the project.
    """
    spoken = router.generations(ask=ask or router.has_scoped_key)
    project_id = router.projects.find(project).project_id
    known = catalog.generations.of(spoken)
    by_http = not spoken or any(each.uploads if into else each.downloads for each in known)
    return ProjectCarrier(router, project_id, by_http=by_http)
