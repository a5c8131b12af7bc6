"""What one kernel remembers between messages: its connection, its current project, what it has sent."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog, config
from cocalc_magic.catalog import is_uuid
from cocalc_magic.client.client import Client
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import ConfirmationRequired, InvalidValue
from cocalc_magic.response import Request
from cocalc_magic.session.frontend import Nobody
from cocalc_magic.syntax.flags import VIEWS
from cocalc_magic.syntax.parse import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response
    from cocalc_magic.session.frontend import Surroundings

NO_KEY = Secret("none")
REMEMBERED = 1_000  # messages


@dataclass(frozen=True)
class Sent:
    """One message that was sent, for the history; secret values are not kept."""

    moment: float
    server: str
    message: Message
    options: Mapping[str, Any]
    outcome: str
    elapsed: float
    complete: bool = True  # it can be sent again as it stands: nothing of it was hidden


@dataclass
class Session:
    """The state behind ``%cocalc``; one a shell."""

    history: deque[Sent] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    last_error: BaseException | None = None
    surroundings: Surroundings = field(default_factory=Nobody)
    owners: dict[tuple[str, Secret], str] = field(default_factory=dict)  # by address and key, as asked
    explored: dict[str, Any] = field(default_factory=dict)  # what the explorer showed last
    used_server: str = ""  # name or address, as ``server use`` took it
    _clients: dict[str, Client] = field(default_factory=dict)
    _project: tuple[str, str] | None = None
    _project_was_chosen: bool = False

    @property
    def project(self) -> tuple[str, str] | None:
        """Id and title of the current project; inside CoCalc that is first the one that one is in."""
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
    def titles(self) -> dict[str, str]:
        """Titles of projects by id, as far as they were seen, so that Tab can offer them and ask nobody."""
        clients = list(self._clients.values())  # threads add to them
        return {key: title for client in clients for key, title in client.router.projects.titles.items()}

    def forget_projects(self) -> None:
        """Drop what is known of projects of the sandbox, which has begun anew."""
        for client in list(self._clients.values()):
            if client.server.sandbox:
                client.router.projects.forget(titles=True)

    def choice(self, server: str | None = None) -> config.Choice:
        """Which server is meant, and by what; ``server`` is what the line itself names."""
        return config.choose(
            config.Choice(server or "", "--server"),
            config.Choice(self.used_server, "server use"),
            config.Choice(self.surroundings.server, "c.CoCalc.server"),
        )

    def use_server(self, server: str) -> None:
        """Takes a server for this kernel; the current project belonged to the one before."""
        if server != self.used_server:
            self.used_server, self.project = server, None

    def client(self, server: str | None = None) -> Client:
        """The client of a server, by name or address; ``None`` for the one that is in use.

        Raises :class:`KeyRequired` for one without a key: a key goes nowhere but where it belongs.
        """
        where, key = config.connection(self.choice(server).server)
        client = self._clients.get(where.url)
        if client is None or client.key != key or client.server != where:
            client = self._clients[where.url] = Client(where, key)
        return client

    def keyless(self, server: str | None = None) -> Client:
        """A client of that server for what takes no key along: to show a message, to ask as a stranger."""
        return Client(config.at(self.choice(server).server), NO_KEY)

    def send(self, call: Call, on_job: Callable[[], None] | None = None) -> Response:
        """Sends what the line asks for and remembers it; raises what the client raises.

        ``on_job`` is called when it has become a job on the server.
        """
        flags = call.flags
        call, client = self.with_ids(call), self._client_of(call)
        view, timeout = _view(flags.get("as")), _seconds(flags.get("timeout"))
        if call.message.confirm and not flags.get("yes") and not client.server.sandbox:
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

    def with_ids(self, call: Call) -> Call:
        """The same message with the id of every project that it names otherwise; its server is asked.

        Raises :class:`InvalidValue` for what no project or several are called.
        """
        if not call.message.has_project_names(call.options):
            return call
        known = self._client_of(call).router.projects
        return replace(call, options=known.resolved(call.message, call.options))

    def _client_of(self, call: Call) -> Client:
        server = call.flags.get("server")
        return self.client(None if server is None else str(server))

    def again(self, response: Response) -> tuple[Callable[[Callable[[], None]], Response], bool]:
        """What sends the message of a response once more, and whether to ask before that.

        It takes what is to be called when the message has become a job on the server.
        """
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
        """The flag that sends to the server of this name again, whichever is in use by then."""
        for client in list(self._clients.values()):  # threads add to them
            if client.server.name == name:
                return {"server": config.SANDBOX if client.server.sandbox else client.server.url}
        return {}

    def _remember(self, call: Call, client: Client, began: float, outcome: str) -> None:
        shown = Request(call.message.event, call.options, call.message.secret).shown()
        elapsed, complete = time.time() - began, shown == call.options
        self.history.append(Sent(began, client.server.name, call.message, shown, outcome, elapsed, complete))


def _view(name: str | bool | None) -> str:
    if name is None:
        return "auto"
    if name not in VIEWS:
        raise InvalidValue(f"--as takes {', '.join(VIEWS)}, not {name!r}.")
    return str(name)


def _seconds(text: str | bool | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise InvalidValue(f"--timeout takes seconds, more than 0 and less than a day, not {text!r}.")
    return seconds
