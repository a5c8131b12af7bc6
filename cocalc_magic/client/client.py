"""The client: sends messages and returns their responses.

with Client() as client:
    client.ping()["now"]
    client.send("create_project", title="Seminar notes")
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import quote

from cocalc_magic import config
from cocalc_magic.catalog import generations
from cocalc_magic.client import official
from cocalc_magic.client.event_methods import EventMethods
from cocalc_magic.client.routing import SANDBOX_MARK, Router
from cocalc_magic.client.wire.messages import WireRequest, error_text
from cocalc_magic.config import login_sessions, saved_scope
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, KeyRequired
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor
    from types import TracebackType

    import requests
    from urllib3.util import Retry

    from cocalc_magic.bulk.loop import Stop
    from cocalc_magic.bulk.outcome import Progress as BulkProgress
    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.cassette.player import Player
    from cocalc_magic.cassette.recorder import Recorder
    from cocalc_magic.client.transfer.report import Progress, Transfer
    from cocalc_magic.config.scope import Scope
    from cocalc_magic.response import Response


NO_KEY = Secret("none")


class Client(EventMethods):
    """A connection to one CoCalc server::

        with Client() as client:
            project = client.create_project(title="Notes", start=True)
            print(client.project_exec(project_id=project, command="pwd")["stdout"])

    Every event of the catalog is a method too: `client.ping()`. `server` has its `name` and `url`, `key` is
    held so that it does not show itself, `timeout` are the seconds that an exchange may take. `router` is for
    what is built on the client (the magics, bulk work), and may change.

    Args:
        url: Name or address of the server. `Client()` follows the environment (`COCALC_HOST`,
            `COCALC_API_KEY`) and the settings, and talks to the sandbox when they name nothing;
            `Client("lab")` and `Client("https://…")` find the key of that server.
        key: The API key, where it is not to be looked up.
        timeout: Seconds that an exchange may take, else what the server's settings say (60). A message with
            a `timeout` option of its own (`project_exec`) gets that much more.
        session: A requests session of yours, for adapters and tests; it is used as it is and not closed.
        retries: How often a message is sent again, within `timeout`, after a failure that passes: a
            connection that is lost, HTTP 429, 502, 503 and 504; `Retry-After` is honoured. A message that may
            not be carried out twice is sent again only if it was not looked at (no connection, 429). Or a
            `urllib3.util.Retry` of yours.
        scope: What the key may do on a server with scoped keys, as far as you know it; what it lacks is
            refused before anything is sent.
        login_session: The session of a person who has signed in, for what such keys may not send.

    Raises:
        KeyRequired: There is no key for the server.
        InsecureServer: The key would travel unencrypted to another machine.
        CoCalcError: The address can't be one of a server.
    """

    def __init__(
        self,
        url: str | config.Server | None = None,
        key: str | Secret | None = None,
        *,
        timeout: float | None = None,
        session: requests.Session | None = None,
        retries: int | Retry = 0,
        scope: Scope = UNKNOWN,
        login_session: Secret | None = None,
    ) -> None:
        server, secret = _server_and_key(url, key)
        if key is None and login_session is None and (held := login_sessions.find(server.url)):
            login_session = held.cookie
        if key is None and scope == UNKNOWN:
            scope = saved_scope.find(server.url, secret)
        self.router = Router(server, secret, timeout, session, retries, scope, login_session)
        self.server, self.key, self.timeout = self.router.server, self.router.key, self.router.timeout

    def send(self, event: str, /, **options: Any) -> Response:
        """Send one message and return its response.

        Args:
            event: The name of the message: `ping`, `projects/stop`, `projects.createProject`.
            options: Python values, converted to the options' declared types.

        Raises:
            InvalidMessage: The message does not fit the catalog; nothing was sent.
            NotSent: The message is right, but was held back: the server has nothing that does it.
            ServerError: The server has answered with a failure.
            CoCalcError: Another one of the tree for every failure on the way.
        """
        return self.router.send(event, **options)

    def map(
        self,
        event: str,
        rows: Any,
        /,
        *,
        jobs: int = 8,
        key: str = "",
        first: int | None = None,
        again: bool = False,
        max_fail: float | None = None,
        executor: Executor | None = None,
        on_progress: Callable[[BulkProgress], None] | None = None,
        stop: Stop | None = None,
        **template: Any,
    ) -> BulkResult:
        """Send one message a row, each exactly once: called again, it sends what is missing::

            client.map("create_project", "students.csv", title="${row.name}'s project")

        Failures do not end it; `result.failed` has them, and `result.failure` is one error that names them.
        What was sent is kept in a journal on this machine, of this server, account, event and folder.

        Args:
            event: The name of the message.
            rows: A DataFrame, a list of dicts, a CSV or JSON-lines file, a response with one table, or the
                result of another `map`, of which those rows are left out that failed.
            template: The options, in whose texts `${row.column}` is filled in; functions get the row.
            jobs: Messages that are under way at the same time, at most; fewer where the server is busy.
            key: The column that identifies a row in place of what it sends.
            first: Send the first so many rows alone; without it, the rest follows.
            again: Send the rows as if nothing were known of them.
            max_fail: Failures after which it ends: a number, or a share of all rows below 1.
            executor: Whose workers send, with keys of their own; threads of this process if none is given.
            on_progress: Called some ten times a second.
            stop: An event that ends it when it is set; what is under way is finished.

        Raises:
            InvalidMessage: A row does not fit the catalog, or two send the same; nothing was sent.
            BulkFailed: It was stopped by Ctrl-C; the `result` of the error has what is done.
            KeyRequired: A worker has no key; nothing was sent.
            JournalFailed: The journal can't be read or written; nothing was sent, or nothing more.
        """
        from cocalc_magic.client.many import map_rows  # late: few sessions send many messages

        return map_rows(
            self.router,
            event,
            rows,
            template,
            key,
            jobs=jobs,
            first=first,
            again=again,
            max_fail=max_fail,
            executor=executor,
            on_progress=on_progress,
            stop=stop,
        )

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
            project: The project: its id or title, or a value that holds its id.
            local: A file or a folder, or several.
            remote: Where to in the project, from its home folder on. With a slash at its end it is a folder
                to copy into; without, a single source gets this very path (a file goes into a folder of this
                name that is there).
            force: Write over files that are there; those with the same content are always left alone.
            progress: Called with the bytes that are done and those that there are.

        Raises:
            InvalidValue: A source can't be read, or a path is not one in a project.
            AlreadyThere: Something with other content is there; nothing was sent.
            CoCalcError: Another one of the tree for every failure on the way or of the server.
        """
        sources = [local] if isinstance(local, str | PathLike) else list(local)
        from cocalc_magic.client.transfer.carrier import carrier_of  # late: few sessions move files
        from cocalc_magic.client.transfer.upload import Upload

        task = Upload(carrier_of(self.router, project, into=True), force=force, progress=progress)
        return task.run([typed_path(source) for source in sources], remote)

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
            project: The project: its id or title, or a value that holds its id.
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
        from cocalc_magic.client.transfer.carrier import carrier_of  # late: few sessions move files
        from cocalc_magic.client.transfer.download import Download, read_bytes

        if local is None:
            return read_bytes(self.router, project, str(remote))
        paths = [remote] if isinstance(remote, str) else list(remote)
        into = len(paths) > 1 or os.fspath(local).endswith(("/", os.sep))
        task = Download(carrier_of(self.router, project), force=force, progress=progress)
        return task.run(paths, typed_path(local), into=into)

    @classmethod
    def of_recording(cls, path: str | PathLike[str], *, strict: bool = False) -> Client:
        """Return a client that is answered from a recording alone: it needs no server and no key.

        Args:
            path: The file of the recording.
            strict: Messages must come in the recorded order, each once.

        Raises:
            InvalidCassette: There is no such recording, or it is damaged.
        """
        from cocalc_magic.cassette import file, player  # late: few clients are recorded

        return cls.answered_by(player.Player(file.read(path), strict=strict))

    @classmethod
    def answered_by(cls, player: Player, name: str = "") -> Client:
        """Return a client that a recording answers in place of its server of this name, or else its first."""
        recorded = player.server(name)
        sandbox = recorded.get("sandbox") is True
        # Nothing is sent, so it does not matter how safe the way would be.
        server = config.Server(recorded["name"], recorded["url"], sandbox, insecure=True)
        client = cls(server, NO_KEY)
        client.router.tapes.append(player)
        return client

    @contextmanager
    def recording(self, path: str | PathLike[str], *, leave_out: bool = False) -> Iterator[Recorder]:
        """Record messages and their responses in a file, which is written when the block has ended.

        Keys, passwords, tokens, e-mail addresses and names of people in it are replaced by stand-ins. Nothing
        is written where the block raises.

        Args:
            path: The file; an older recording there is replaced.
            leave_out: Leave messages out in which a secret is found that can't be replaced.

        Raises:
            AlreadyThere: Another file is there, which is not a recording.
            SecretsFound: There are secrets in it that can't be replaced, and nothing was written.
        """
        from cocalc_magic.cassette.recorder import Recorder  # late, as above

        recorder, tapes = Recorder(path), self.router.tapes
        self.router.projects.forget()  # so that looking one up by its title is recorded, too
        tapes.append(recorder)
        try:
            yield recorder
        finally:
            tapes.remove(recorder)
        recorder.save(leave_out=leave_out)

    @contextmanager
    def replaying(
        self, path: str | PathLike[str], *, strict: bool = False, expires: str = "", on_expiry: str = "warn"
    ) -> Iterator[Player]:
        """Answer messages from a recording, and send none.

        Args:
            path: The file of the recording.
            strict: Messages must come in the recorded order, each once.
            expires: How old the recording may be: `90d`, `12h`, `6w`.
            on_expiry: `warn` where it is older, or raise an `error`.

        Raises:
            InvalidCassette: There is no such recording, it is damaged, or it is older than allowed.
        """
        from cocalc_magic.cassette import file, player  # late, as above

        cassette = file.read(path)
        if warning := player.check_age(cassette, expires, on_expiry):
            warnings.warn(warning, stacklevel=3)
        answering, router = player.Player(cassette, strict=strict), self.router
        router.projects.forget(titles=True)
        router.tapes.append(answering)
        try:
            yield answering
        finally:
            router.tapes.remove(answering)
            router.projects.forget(titles=True)

    def control(self, verb: str, **options: Any) -> dict[str, Any]:
        """Ask the sandbox itself, not the CoCalc in it.

        Args:
            verb: `status`, `ticket`, `world`, `reset`, `fault`, `look` or `keys`.
            options: Those of the verb: `control("fault", latency=0.05, times=3)`.

        Raises:
            CoCalcError: The server is not a sandbox, or refuses.
        """
        request = WireRequest.of_json(f"/sandbox/{verb}", options)
        reply = self.router.request(request, self.timeout)
        if not reply.headers.get("Server", "").startswith(SANDBOX_MARK):
            raise CoCalcError(f"{self.server.name} is not a sandbox.", "%cocalc sandbox start")
        if verb == "reset":
            self.router.projects.forget(titles=True)
        answer = reply.decode({})
        if not isinstance(answer, dict) or reply.status != 200:
            reason = answer.get("error") if isinstance(answer, dict) else None
            raise CoCalcError(error_text(reason) if reason else f"the sandbox refuses ({reply.http}).")
        return answer

    def page_url(self, project: Any, path: str = "", *, kiosk: bool = False) -> str:
        """Return the address of a project's folder or file on the server; a folder's path ends in a slash.

        Args:
            project: Title or id of the project, a beginning of either, or what holds its id.
            path: From the project's home folder.
            kiosk: Leave out what leads elsewhere, as in a frame of another product.

        Raises:
            InvalidValue: No project or several have this title, or the path leads out of it.
        """
        from cocalc_magic.client.page_links import ProjectPage  # late: few clients are embedded

        return ProjectPage(self.router.projects.find(project).project_id, path, kiosk).address(
            self.server.url
        )

    def sign_in_url(self, auth_token: str, project: Any, path: str = "", *, kiosk: bool = False) -> Secret:
        """Return the link that signs a browser in with a token of `user_auth`, and opens a page.

        It works once, for whoever has it. Servers of today open their own first page in place of the
        project's.

        Args:
            auth_token: The token, as `user_auth` returns it.
            project: As for `page_url`; so are `path` and `kiosk`.

        Returns:
            The link, which does not show itself: `.reveal()` gives the text.

        Raises:
            InvalidValue: As `page_url` does.
        """
        from cocalc_magic.client.page_links import ProjectPage, sign_in_start_at  # late, as above

        page = ProjectPage(self.router.projects.find(project).project_id, path, kiosk)
        return Secret(sign_in_start_at(self.router, page) + quote(auth_token, safe=""))

    def session(self) -> requests.Session:
        """Return a session of `requests` that reaches this server and has no key: for HTTP by hand::

            client.session().post(f"{client.server.url}/api/v1/ping", json={}).status_code  # 400: nobody asks

        It does what any session does (keeps cookies, follows redirects). It takes the way that messages take:
        proxy and certificates of the server, or a call where its sandbox is in this process.
        """
        from cocalc_magic.client.plain_session import plain_session  # late: it loads requests

        return plain_session(self.server)

    def to_cocalc_api(self, project_id: Any = None) -> Any:
        """Return the official client, the package `cocalc-api`, for this server and key.

        On cocalc.ai a key may make five of its calls: `system.ping`, `system.get_names` and
        `projects.create_project` of a `Hub`, `system.ping` and `system.exec` of a `Project`. The others raise
        what there is instead, before anything is sent.

        Args:
            project_id: A project, for its `Project` in place of the `Hub`.

        Raises:
            PackageMissing: The package is not installed.
        """
        project = None if project_id is None else self.router.projects.find(project_id).project_id
        has_scoped_keys = generations.scoped(self.router.generations(ask=self.router.has_scoped_key))
        check = self.router.access.checking(project or "") if has_scoped_keys else None
        return official.connected(self.server, self.key, project, check)

    def close(self) -> None:
        """Close the connections; the client opens new ones when it is used again."""
        self.router.transport.close()

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


def _server_and_key(
    url: str | config.Server | None, key: str | Secret | None
) -> tuple[config.Server, Secret]:
    if url is None and key is None:
        return config.configured()
    if isinstance(url, str) and key is None:
        return config.connection(url)
    if key is None or key == "":
        raise KeyRequired("there is no key for this server.", "Give one: Client(url, key=…)")
    server = url if isinstance(url, config.Server) else config.at(url or config.COCALC_AI)
    return config.safe(config.in_service(server)), key if isinstance(key, Secret) else Secret(key)
