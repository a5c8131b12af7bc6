"""Sends messages and brings their responses.

with Client() as client:
    client.ping()["now"]
    client.send("create_project", title="Seminar notes")
"""

from __future__ import annotations

import io
import json
import os
import uuid
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from cocalc_magic import catalog, config
from cocalc_magic.client import official
from cocalc_magic.client.credentials import KeyAuth, NoAuth
from cocalc_magic.client.events import EventMethods
from cocalc_magic.client.projects import Projects
from cocalc_magic.client.routing import SANDBOX_MARK, Router
from cocalc_magic.client.transport import Transport
from cocalc_magic.client.wire import reply as replies
from cocalc_magic.client.wire import v2
from cocalc_magic.client.wire.generations import Letter
from cocalc_magic.client.wire.probe import Capabilities
from cocalc_magic.client.wire.reply import HEADERS
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, KeyRequired, MessageFailed
from cocalc_magic.response import Request, Response
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    import requests

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.transfer.carrier import ProjectCarrier
    from cocalc_magic.client.transfer.report import Progress, Transfer
    from cocalc_magic.client.wire.reply import Reply

TIMEOUT = 60.0  # seconds for a whole exchange
MAX_DOWNLOAD = 512 * 1024 * 1024  # bytes of a file that is given as a whole
_SPOKEN = Capabilities()  # what this process knows of servers


class Client(EventMethods):
    """A connection to one CoCalc server.

    ``Client()`` follows the environment (``COCALC_HOST``, ``COCALC_API_KEY``) and the settings, and talks
    to the sandbox when they name nothing; ``Client("lab")`` and ``Client("https://…")`` find the key of
    that server. Every event of the catalog is a method too: ``client.ping()``.
    ``timeout``: seconds that an exchange may take, else what the server's settings say; a message with a
    ``timeout`` option of its own (``project_exec``) gets that much more. ``session``: a requests session
    of yours, for adapters and tests; it is used as it is and not closed. ``projects`` are those at the server
    by title, which does wherever a project is meant.
    """

    def __init__(
        self,
        url: str | config.Server | None = None,
        key: str | Secret | None = None,
        *,
        timeout: float | None = None,
        session: requests.Session | None = None,
    ) -> None:
        self.server, self.key = _where(url, key)
        self.timeout = timeout or self.server.timeout or TIMEOUT
        self._transport = Transport(self.server, session)
        spoken = _SPOKEN if session is None else Capabilities()
        self._exchanges = Router(self.server, self._post, spoken, self.timeout)
        self.projects = Projects(self.send)

    # -- sending -----------------------------------------------------------------------------------

    def send(self, event: str, /, **options: Any) -> Response:
        """Sends one message and gives its response.

        Options are converted to their declared types and checked before anything is sent. Raises
        :class:`~cocalc_magic.errors.InvalidMessage` for what does not fit the catalog, and
        another :class:`~cocalc_magic.errors.CoCalcError` for every failure on the way or of the server.
        """
        message = catalog.find(event)
        return self.exchange(message, check(message, options))

    def exchange(
        self,
        message: Message,
        options: Mapping[str, Any],
        *,
        timeout: float | None = None,
        raising: bool = True,
        form: bool = False,
        on_job: Callable[[], None] | None = None,
    ) -> Response:
        """Sends options that are checked already; ``raising=False`` returns a failed response instead.

        A project may be named by its title, which is looked up first. Raises
        :class:`~cocalc_magic.errors.InvalidValue` where no project or several are called so.
        ``form`` sends key-value pairs in place of JSON, which holds ten times as much on v1 servers.
        ``on_job`` is called when the message has become a job on the server, which an interrupt ends.
        """
        sent = self.projects.resolved(message, options)
        if message.takes_id:
            sent.setdefault("id", str(uuid.uuid4()))
        request = Request(message.event, sent, message.secret)
        try:
            response, problem = self._exchanges.exchange(message, request, timeout, form, on_job)
            response.ok = problem is None
            self.projects.learn(message, response)
            response.titles = self.projects.titles
            if problem and raising:
                raise problem
        except CoCalcError as failure:
            failure.hide(request.secrets())
            raise
        return response

    # -- files -------------------------------------------------------------------------------------

    def upload(
        self,
        project: Any,
        local: str | PathLike[str] | Sequence[str | PathLike[str]],
        remote: str = ".",
        *,
        force: bool = False,
        progress: Progress | None = None,
    ) -> Transfer:
        """Copy files and folders of this machine into a project.

        Args:
            project: The project: an id, a title, or what holds one.
            local: A file or a folder, or several.
            remote: Where to in the project, from its home folder on. With a slash at its end it is a folder
                to copy into; without, a single source gets this very path (a file goes into a folder of this
                name that is there).
            force: Write over files that are there; those with the same content are always left alone.
            progress: Called with the bytes that are done and those that there are.

        Raises:
            InvalidValue: A source can't be read, or a path is none in a project.
            AlreadyThere: Something with other content is there; nothing was sent.
            CoCalcError: Another one of the tree for every failure on the way or of the server.
        """
        sources = [local] if isinstance(local, str | PathLike) else list(local)
        from cocalc_magic.client.transfer.upload import Upload

        task = Upload(self._carrier(project), force=force, progress=progress)
        return task.run([Path(source).expanduser() for source in sources], remote)

    @overload
    def download(self, project: Any, remote: str) -> bytes: ...
    @overload
    def download(
        self,
        project: Any,
        remote: str | Sequence[str],
        local: str | PathLike[str],
        *,
        force: bool = False,
        progress: Progress | None = None,
    ) -> Transfer: ...
    def download(
        self,
        project: Any,
        remote: str | Sequence[str],
        local: str | PathLike[str] | None = None,
        *,
        force: bool = False,
        progress: Progress | None = None,
    ) -> bytes | Transfer:
        """Return the bytes of a file in a project, or copy files and folders out of it.

        Args:
            project: The project: an id, a title, or what holds one.
            remote: The file, whose path begins at the home folder; with `local` also a folder, a pattern
                (`plots/*.png`), or several.
            local: Where to here. With a slash at its end it is a folder to copy into; without, a single file
                or folder gets this very path (a file goes into a folder of this name that is here). Without
                it the bytes of the file are returned.
            force: Write over files that are here; those with the same content are always left alone.
            progress: Called with the bytes that are done and those that there are.

        Raises:
            InvalidValue: There is no such file, or the path leads out of the project.
            AlreadyThere: Something with other content is here; nothing was written.
            CoCalcError: Another one of the tree for every failure on the way or of the server.
        """
        if local is None:
            return self._bytes_of(project, str(remote))
        from cocalc_magic.client.transfer.download import Download

        paths = [remote] if isinstance(remote, str) else list(remote)
        into = len(paths) > 1 or os.fspath(local).endswith(("/", os.sep))
        task = Download(self._carrier(project), force=force, progress=progress)
        return task.run(paths, Path(local).expanduser(), into=into)

    def _bytes_of(self, project: Any, path: str) -> bytes:
        carrier, data = self._carrier(project, ask=False), io.BytesIO()
        try:
            if carrier.by_http:
                carrier.get(path, data, MAX_DOWNLOAD, self.timeout)
                return data.getvalue()
        except MessageFailed as problem:
            if problem.status not in (404, 405) or self.generations() != {"v1"}:
                raise  # servers of the first API alone have nothing beside it
        from cocalc_magic.client.transfer.download import read

        return read(carrier, path)

    def _carrier(self, project: Any, *, ask: bool = True) -> ProjectCarrier:
        """The ways into a project; those beside the API where today's APIs are there, or nobody knows."""
        from cocalc_magic.client.transfer.carrier import (
            ProjectCarrier,  # late, as all of it: few sessions move files
        )

        spoken = self.generations(ask=ask)
        return ProjectCarrier(
            self.projects.find(project).project_id,
            self.server.name,
            self.key,
            self.timeout,
            self.exchange,
            self._transport.request,
            self.generations,
            by_http=not spoken or "v2" in spoken,
        )

    # -- the sandbox, keys, APIs -------------------------------------------------------------------

    def control(self, verb: str, **options: Any) -> dict[str, Any]:
        """Asks the sandbox itself, not the CoCalc in it: ``status``, ``ticket``, ``reset`` or ``fault``.

        Raises :class:`~cocalc_magic.errors.CoCalcError` for another server, and when it fails.
        """
        body = json.dumps(options).encode()
        reply = self._post(Letter(f"/sandbox/{verb}", HEADERS, body), self.timeout)
        if not reply.headers.get("Server", "").startswith(SANDBOX_MARK):
            raise CoCalcError(f"{self.server.name} is no sandbox.", "%cocalc sandbox start")
        if verb == "reset":
            self.projects.forget(titles=True)
        answer = replies.decode(reply, {})
        if not isinstance(answer, dict) or reply.status != 200:
            said = answer.get("error") if isinstance(answer, dict) else None
            raise CoCalcError(replies.words(said) if said else f"the sandbox refuses ({reply.http}).")
        return answer

    def key_dialog(self, event: str, options: Mapping[str, Any]) -> tuple[Any, Secret | None]:
        """Sends ``/api-keys`` or ``/api-key``, what CoCalc's key dialog is made of; its answer.

        The text of a key in the answer is taken out of it and given apart. Raises what sending raises;
        :class:`~cocalc_magic.errors.NotCoCalc` where the server has no such dialog.
        """
        letter = Letter(v2.path(event), HEADERS, replies.encode(dict(options)))
        reply = self._post(letter, self.timeout)
        status, reason, headers = reply.status, reply.reason, reply.headers
        value, key = _without_key(v2.decode(reply, event))
        del reply  # it holds the text, and tracebacks may show it
        request = Request(event, options, ("password",))
        response = Response(
            value, request, server=self.server.name, status=status, reason=reason, headers=headers
        )
        if problem := v2.failure(response):
            raise problem
        return value, key

    def _post(self, letter: Letter, limit: float, *, signed: bool = True) -> Reply:
        """Send a request for a message, with the key or as a stranger."""
        return self._transport.request(letter, limit, (KeyAuth if signed else NoAuth)(self.key))

    def generations(self, *, ask: bool = True) -> frozenset[str]:
        """Which of ``v1``, ``v2`` and ``conat`` the server speaks; it is asked once, without the key.

        ``ask=False`` asks nobody; nothing is returned then where it is not known.
        """
        return self._exchanges.generations(ask=ask)

    def first_message(self, event: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """What would go out first for a message, as far as the server is known already: itself, or today's.

        Raises :class:`~cocalc_magic.errors.NoEquivalent` where the server has nothing for it.
        """
        return self._exchanges.first_message(event, options)

    # -- other clients ------------------------------------------------------------------------------

    def to_cocalc_api(self, project_id: Any = None) -> Any:
        """The official client for this server and key: its ``Hub``, or its ``Project`` where one is named.

        Raises :class:`~cocalc_magic.errors.CoCalcError` where the package ``cocalc-api`` is not installed.
        """
        project = None if project_id is None else self.projects.find(project_id).project_id
        return official.connected(self.server, self.key, project)

    # -- life --------------------------------------------------------------------------------------

    def close(self) -> None:
        """Closes the connections; the client opens new ones when it is used again."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client {self.server.url}>"


def _where(url: str | config.Server | None, key: str | Secret | None) -> tuple[config.Server, Secret]:
    if url is None and key is None:
        return config.configured()
    if isinstance(url, str) and key is None:
        return config.connection(url)
    if not key:
        raise KeyRequired("there is no key for this server.", "Give one: Client(url, key=…)")
    server = url if isinstance(url, config.Server) else config.at(url or config.COCALC_COM)
    return config.safe(server), key if isinstance(key, Secret) else Secret(key)


def _without_key(value: Any) -> tuple[Any, Secret | None]:
    """An answer of the key dialog without the text of the key that it tells, and that."""
    records = value.get("response") if isinstance(value, dict) else None
    key = None
    for record in [value, *(records if isinstance(records, list) else [])]:
        for name in ("api_key", "secret"):
            if isinstance(record, dict) and isinstance(text := record.pop(name, None), str) and text:
                key = Secret(text)
    return value, key
