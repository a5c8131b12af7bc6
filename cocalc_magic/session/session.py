"""State that one kernel keeps between messages: clients, the current project, the history."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass, field, replace
from getpass import getpass
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog, config
from cocalc_magic.catalog import is_uuid
from cocalc_magic.client.client import NO_KEY, Client
from cocalc_magic.config import login_sessions, saved_scope
from cocalc_magic.errors import CoCalcError, ConfirmationRequired, InvalidValue
from cocalc_magic.response import Request
from cocalc_magic.session.frontend import HeadlessFrontend
from cocalc_magic.syntax.flags import VIEWS
from cocalc_magic.syntax.parse import Call, check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.bulk.result import BulkResult
    from cocalc_magic.cassette.player import Player
    from cocalc_magic.cassette.recorder import Recorder
    from cocalc_magic.cassette.tape import Tape
    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.config.scope import Scope
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.response import Response
    from cocalc_magic.session.frontend import Frontend, OnJob
    from cocalc_magic.session.jobs import Job

MAX_HISTORY = 1_000  # messages
MAX_COURSE_RESULTS = 20


@dataclass(frozen=True)
class Sent:
    """One message in the history, without secret values."""

    moment: float
    server: str
    message: Message
    options: Mapping[str, Any]
    outcome: str
    elapsed: float
    complete: bool = True  # nothing of it was hidden, so it can be sent again as it stands


@dataclass
class Session:
    """The state behind `%cocalc`; one per shell."""

    history: deque[Sent] = field(default_factory=lambda: deque(maxlen=MAX_HISTORY))
    last_error: BaseException | None = None
    failed_at: float = 0.0  # the moment of it
    frontend: Frontend = field(default_factory=HeadlessFrontend)
    owners: dict[tuple[str, Secret], str] = field(
        default_factory=dict
    )  # by address and key, as the server says
    scopes: dict[tuple[str, Secret], Scope] = field(default_factory=dict)  # of keys, as a person said
    explored: dict[str, Any] = field(default_factory=dict)  # what the explorer showed last
    jobs: list[Job] = field(default_factory=list)  # begun in the background, in order
    course_results: deque[tuple[float, str, BulkResult]] = field(
        default_factory=lambda: deque(maxlen=MAX_COURSE_RESULTS)
    )  # of actions of a class: when, of which file
    scores: dict[str, tuple[int, int]] = field(default_factory=dict)  # of exercises: reached, possible
    exercises: dict[str, dict[str, Any]] = field(default_factory=dict)  # of a capsule, by their file and name
    exercises_from: float = 0.0  # the moment from which messages count for exercises
    used_server: str = ""  # name or address, as `server use` took it
    recorders: list[Recorder] = field(default_factory=list)  # the last one is stopped first
    player: Player | None = None  # what answers in place of all servers
    _tapes: list[Tape] = field(default_factory=list)  # of all clients
    _answered: dict[str, Client] = field(default_factory=dict)  # by the player, by name of the server
    _clients: dict[str, Client] = field(default_factory=dict)
    _project: tuple[str, str] | None = None
    _project_was_chosen: bool = False
    _project_elsewhere: tuple[tuple[str, str] | None, bool] = (None, False)  # while a recording answers

    # -- projects ----------------------------------------------------------------------------------

    @property
    def project(self) -> tuple[str, str] | None:
        """Id and title of the current project; inside CoCalc it starts as the one the notebook is in."""
        if self._project_was_chosen:
            return self._project
        home = os.environ.get("COCALC_PROJECT_ID", "")
        if not is_uuid(home) or self.choice().server == config.SANDBOX:
            return None
        return home, self.titles.get(home) or "the project that this notebook is in"

    @project.setter
    def project(self, project: tuple[str, str] | None) -> None:
        self._project, self._project_was_chosen = project, True

    @property
    def project_id(self) -> str:
        """Id of the current project; empty if there is none."""
        return self.project[0] if self.project else ""

    @property
    def titles(self) -> dict[str, str]:
        """Titles of projects by id, as far as they are known without a request."""
        clients = list(self._clients.values())  # other threads add to them
        return {key: title for client in clients for key, title in client.router.projects.titles.items()}

    def project_titles(self) -> Mapping[str, str]:
        """Return titles of projects by id: those the server lists and those known already."""
        try:
            projects = self.client().router.projects.all(fresh=True)
        except CoCalcError:  # sending a message will report it; forms work without titles
            return self.titles
        return {
            **self.titles,
            **{project.project_id: project.title or "Untitled" for project in projects},
        }

    def forget_projects(self) -> None:
        """Forget the sandbox's projects, after it has started anew."""
        self.project = None
        for client in list(self._clients.values()):
            if client.server.sandbox:
                client.router.projects.forget(titles=True)

    # -- exercises ---------------------------------------------------------------------------------

    def note_failure(self, problem: BaseException) -> None:
        """Keep a failure for `last-error` and for hints of exercises."""
        self.last_error, self.failed_at = problem, time.time()

    def start_exercises(self) -> None:
        """Begin anew: messages, failures and scores of before do not count."""
        self.exercises_from, self.last_error = time.time(), None
        self.scores.clear()

    # -- servers -----------------------------------------------------------------------------------

    def choice(self, server: str | None = None) -> config.Choice:
        """Return the server that is meant and what chose it; `server` is what the line itself names."""
        return config.choose(
            config.Choice(server or "", "--server"),
            config.Choice(self.used_server, "server use"),
            config.Choice(self.frontend.server, "c.CoCalc.server"),
        )

    def use_server(self, server: str) -> None:
        """Use a server in this kernel; the current project belonged to the previous one."""
        if server not in (self.used_server, self.choice().server):
            self.project = None
        self.used_server = server

    def client(self, server: str | None = None) -> Client:
        """Return the client of a server by name or address; `None` for the one in use.

        Raises:
            KeyRequired: There is neither a key for the server nor a session.
        """
        if self.player is not None:
            return self._answered_client(self.player, self.choice(server).server)
        where, key = config.connection(self.choice(server).server)
        held = None if where.url in login_sessions.without else login_sessions.find(where.url)
        cookie = held.cookie if held else None
        client = self._clients.get(where.url)
        # A key that is the same object needs no comparison.
        if client is None or client.server != where or not (client.key is key or client.key == key):
            scope = self.scopes.get((where.url, key)) or saved_scope.find(where.url, key)
            client = self._clients[where.url] = Client(where, key, scope=scope, login_session=cookie)
            client.router.tapes = self._tapes
        elif client.router.login_session is not cookie:
            client.router.login_session = cookie
        return client

    def state_scope(self, url: str, key: Secret, scope: Scope) -> None:
        """Keep what a person says that a key may do."""
        self.scopes[url, key] = scope
        if (client := self._clients.get(url)) and client.key == key:
            client.router.scope = scope

    def keyless(self, server: str | None = None) -> Client:
        """Return a client that sends no key: to show a message, or to probe a server."""
        if self.player is not None:
            return self.client(server)
        return Client(config.in_service(config.at(self.choice(server).server)), NO_KEY)

    def default(self, message: Message, option: Option) -> Callable[[], Any] | None:
        """Return a function that gives an option which was left out: the current project, or a password.

        `None` if nothing does. A password is asked of a person.
        """
        if option.name == message.current_project and (project_id := self.project_id):
            return lambda: project_id
        if option.name in message.secret and self.frontend.person:
            return lambda: getpass(f"{message.event} {option.name}: ") or None
        return None

    # -- recordings --------------------------------------------------------------------------------

    def record(self, recorder: Recorder) -> None:
        """Record the messages of this session from now on."""
        self.recorders.append(recorder)
        self._tapes.append(recorder)
        for client in list(self._clients.values()):
            client.router.projects.forget()  # so that looking one up by its title is recorded, too

    def stop_recording(self) -> None:
        """Stop the last recording; saving it is the caller's."""
        self._tapes.remove(self.recorders.pop())

    def replay(self, player: Player | None) -> None:
        """Answer the messages of this session from a recording, or from servers again."""
        self._tapes[:] = [*self.recorders, *([player] if player else [])]
        if self.player is None:
            self._project_elsewhere = (self._project, self._project_was_chosen)
        self._project, self._project_was_chosen = (None, True) if player else self._project_elsewhere
        self.player = player
        self._answered.clear()

    def _answered_client(self, player: Player, name: str) -> Client:
        name = str(player.server(name)["name"])
        if name not in self._answered:
            client = self._answered[name] = Client.answered_by(player, name)
            client.router.tapes = self._tapes
        return self._answered[name]

    # -- sending -----------------------------------------------------------------------------------

    def run(self, call: Call) -> Response:
        """Send what a line asks for, with progress; ask first where the message has to be confirmed.

        Raises:
            ConfirmationRequired: Nobody at a terminal has agreed; a page gets a button that sends it.
            CoCalcError: Whatever the client raises.
        """
        event, server = call.message.event, self.choice(_text(call.flags.get("server"))).server
        quiet = call.silent or bool(call.flags.get("quiet"))
        chosen = replace(call, flags={**call.flags, "server": server})
        agreed = replace(call, flags={**chosen.flags, "yes": True})
        try:
            with self.frontend.progress(event, server, quiet=quiet) as on_job:
                return self.send(chosen, on_job)
        except ConfirmationRequired as question:
            if self.frontend.page:
                self.frontend.show_send_button(
                    event, server, question.problem, lambda on_job: self.send(agreed, on_job)
                )
            if not self.agrees(f"{question.problem} Send it?"):
                raise
        with self.frontend.progress(event, server, quiet=quiet) as on_job:
            return self.send(agreed, on_job)

    def send(self, call: Call, on_job: OnJob | None = None) -> Response:
        """Send what a line asks for and record it in the history.

        Raises:
            ConfirmationRequired: The message has to be confirmed, and `--yes` is missing.
            CoCalcError: Whatever the client raises.
        """
        flags = call.flags
        call, client = self.with_ids(call), self._client_of(call)
        view, timeout = _view(flags.get("as")), seconds(flags.get("timeout"))
        asks = call.message.confirm and not client.server.sandbox and not client.router.is_offline
        if asks and not flags.get("yes"):
            raise ConfirmationRequired(
                f"{call.message.event} asks first. {call.message.confirm}", "Run it with --yes"
            )
        began, outcome = time.time(), "failed"
        try:
            response = client.router.exchange(
                call.message,
                call.options,
                timeout=timeout,
                raising=not flags.get("no-raise"),
                form=bool(flags.get("form")),
                on_job=on_job,
            )
            outcome = str(response.status) if response.ok else "failed"
        except BaseException as problem:
            outcome = type(problem).__name__
            raise
        finally:
            self._remember(call, client, began, outcome)
        response.view = view
        return response

    def submit(self, message: Message, options: Mapping[str, Any], on_job: OnJob | None = None) -> Response:
        """Send what a form holds; the form has asked for confirmation. Raises what `send` raises."""
        return self.send(Call(message, check(message, options), {"yes": True}), on_job)

    def confirmation(self, message: Message) -> str:
        """Return why a message has to be confirmed; empty on the sandbox and where nothing is to confirm."""
        return "" if self.client().server.sandbox else message.confirm

    def confirm(
        self, server: config.Server, what: str, *, yes: bool, hint: str = "Run it with --yes"
    ) -> None:
        """Return if the person has agreed, by `--yes` or at a terminal, or if it is the sandbox.

        Raises:
            ConfirmationRequired: Anywhere else: a cell cannot wait for an answer.
        """
        agreed = yes or server.sandbox or self.agrees(f"{what} Go on?")
        if not agreed:
            raise ConfirmationRequired(what, hint)

    def agrees(self, question: str) -> bool:
        """Return whether a person at a terminal has said yes."""
        return self.frontend.terminal and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")

    def types(self, question: str, word: str) -> bool:
        """Return whether a person at a terminal has typed this very word."""
        return self.frontend.terminal and input(question).strip() == word

    def with_ids(self, call: Call) -> Call:
        """Return the call with ids in place of projects' titles; its server is asked for unknown ones.

        Raises:
            InvalidValue: No project or several have this title.
        """
        if not call.message.has_project_names(call.options):
            return call
        known = self._client_of(call).router.projects
        return replace(call, options=known.resolved(call.message, call.options))

    def _client_of(self, call: Call) -> Client:
        return self.client(_text(call.flags.get("server")))

    def again(self, response: Response) -> tuple[Callable[[OnJob], Response], bool]:
        """Return a function that sends a response's message again, and whether to ask before that."""
        message = catalog.find(response.request.event)
        options = {
            name: value
            for name, value in response.request.options.items()
            if name != "id" or not message.takes_id
        }
        flags: dict[str, str | bool] = {"yes": True, **self.to(response.server)}
        asks = bool(message.confirm) or not message.idempotent
        return lambda on_job: self.send(Call(message, options, flags), on_job), asks

    def to(self, name: str) -> dict[str, str | bool]:
        """Return the flag that names a server, for a message that goes to it whichever is in use then."""
        for client in list(self._clients.values()):  # other threads add to them
            if client.server.name == name:
                return {"server": config.SANDBOX if client.server.sandbox else client.server.url}
        return {}

    def _remember(self, call: Call, client: Client, began: float, outcome: str) -> None:
        shown = Request(call.message.event, call.options, call.message.secret).shown()
        elapsed, complete = time.time() - began, shown == call.options
        self.history.append(Sent(began, client.server.name, call.message, shown, outcome, elapsed, complete))


def _text(flag: str | bool | None) -> str | None:
    return None if flag is None else str(flag)


def _view(name: str | bool | None) -> str:
    if name is None:
        return "auto"
    if name not in VIEWS:
        raise InvalidValue(f"--as takes {', '.join(VIEWS)}, not {name!r}.")
    return str(name)


def seconds(text: str | bool | None) -> float | None:
    """Return the seconds of `--timeout`; `None` where it is not given. Raises `InvalidValue`."""
    if text is None:
        return None
    try:
        duration = float(text)
    except ValueError:
        duration = 0.0
    if not 0 < duration < 86_400:
        raise InvalidValue(f"--timeout takes seconds, more than 0 and less than a day, not {text!r}.")
    return duration
