"""Messages to a server with scoped keys: by the key, by the session of a person, or by neither.

The key goes with what it may send, the session with the rest that a person may. What nobody here may send is
refused with what is missing, before anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.client.project_start import ATTEMPT, ProjectStarter, runs_inside
from cocalc_magic.client.wire import permission
from cocalc_magic.client.wire.translate import not_possible
from cocalc_magic.errors import (
    KeyRefused,
    KeyRequired,
    NotPermitted,
    NotSent,
    PermissionRefused,
    ServerError,
    ServiceTimeout,
)
from cocalc_magic.response import Request
from cocalc_magic.sanitize.secret_forms import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.routing import Outcome, Router, Sender

_CHANGED = "Changed there meanwhile? %cocalc login --scope CAPABILITIES tells what it has now."
_OF_SANDBOX = "%cocalc sandbox keys create --scope CAPABILITY,… makes a key that may do more."


class Access:
    """What may be sent to the server of a router, and with what."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._starter = ProjectStarter(self._start, self._ping, router.pause)

    def exchange(
        self,
        message: Message,
        request: Request,
        timeout: float | None,
        seconds: float,
        on_wait: Callable[[], None] | None = None,
        *,
        form: bool = False,
    ) -> Outcome | None:
        """Send a message as it is; a project that it goes into is started first.

        A message that may be repeated is sent once more if the project was too late for it.

        Args:
            message: The message.
            request: Its options.
            timeout: Seconds that a person wants to wait at most, if they said.
            seconds: Seconds for the exchange.
            on_wait: Called when a project is waited for.
            form: Send key-value pairs.

        Raises:
            NotPermitted: It may not be sent, as far as is known.
        """
        by, request = self.sender(message, request.options), _with_timeout(message, request)
        project_id = str(request.options.get("project_id") or "")
        inside = bool(project_id) and runs_inside(message)
        for repeats in (message.idempotent, False):
            try:
                if inside:
                    self._starter.ensure_running(project_id, timeout, on_wait)
            except ServerError as problem:
                if problem.response is None:
                    raise
                return problem.response, problem
            outcome = self._router.exchange_once(message, request, seconds, by, form=form)
            failure = outcome and outcome[1]
            if not inside or not isinstance(failure, ServiceTimeout):
                break
            self._starter.forget(project_id)
            if not repeats:
                break
        self._learn(message, project_id, failure, by)
        return outcome and (outcome[0], self._explained(outcome[1], by))

    def sender(self, message: Message, options: Mapping[str, Any]) -> Sender:
        """Return what authenticates a message.

        Raises:
            NotPermitted: Neither the key nor a session may send it, as far as is known.
            KeyRequired: There is neither of them.
        """
        wanted, router = message.permission, self._router
        has_session = router.login_session is not None
        if wanted is None:  # a raw message
            return "key" if router.key else "session" if has_session else "nobody"
        lacking = self._lacking(message, options)
        if wanted.key and router.key and not lacking:
            return "key"
        if wanted.session and has_session:
            return "session"
        if wanted.key and wanted.nobody and not wanted.capabilities:
            return "nobody"
        raise self._forbidden(message, *(lacking or ("", "")))

    def checking(self, project_id: str) -> Callable[[str], None]:
        """Return a function for calls of another client: it raises what forbids an event, as `sender` does.

        Where the event goes into the project, that is started.
        """
        server = self._router.server

        def check(event: str) -> None:
            message = catalog.get(event)
            if message is None or message.permission is None:
                raise not_possible(event, self._router.generations(), server.name, server.url)
            if self.sender(message, {"project_id": project_id}) != "key":
                raise self._forbidden(message, "", "")
            if runs_inside(message) and project_id:
                self._starter.ensure_running(project_id)

        return check

    def problem_of(self, event: str, options: Mapping[str, Any]) -> NotSent | None:
        """Return what forbids to send an event with such options, if anything does."""
        try:
            self.sender(catalog.find(event), options)
        except NotSent as problem:
            return problem
        return None

    def _start(self, project_id: str) -> None:
        self._ask("projects/start", {"project_id": project_id})

    def _ping(self, project_id: str) -> None:
        """Ask a project whether it runs; the bridge to it is for keys alone."""
        if self._router.key:
            self._ask("project:system.ping", {"project_id": project_id})
        else:
            self._ask("/exec", {"project_id": project_id, "command": "true", "timeout": ATTEMPT - 2})

    def _ask(self, event: str, options: Mapping[str, Any]) -> None:
        message = catalog.find(event)
        by = self.sender(message, options)
        outcome = self._router.exchange_once(message, Request(event, options), ATTEMPT, by)
        problem = outcome and outcome[1]
        self._learn(message, "", problem, by)
        if problem:
            raise self._explained(problem, by) or problem

    def _explained(self, problem: ServerError | None, by: Sender) -> ServerError | None:
        """Return the error with what to do about a key or a session that is not known, if that is it."""
        router = self._router
        if not isinstance(problem, KeyRefused):
            return problem
        if by == "session":
            problem.problem = f"the sign-in at {router.server.name} has ended: {problem.server_text}"
            problem.hints = (f"%cocalc login {router.server.reference} signs you in again.",)
        elif not router.has_scoped_key:
            begin = f"Its keys begin with {KEYS[0].marks[0]}: those of older servers are not known there."
            problem.hints = (begin, _made_on(router.server.url))
        return problem

    def _learn(self, message: Message, project_id: str, problem: Exception | None, by: Sender) -> None:
        """Keep what the key was refused, so that the server is not asked again, and who has answered."""
        if isinstance(problem, PermissionRefused) and problem.capability and by == "key":
            self._router.scope = self._router.scope.refusing(problem.capability, problem.project)
        if message.event == "projects/stop":
            self._starter.forget(project_id)
        elif problem is None and project_id and runs_inside(message):
            self._starter.answered(project_id)

    def _lacking(self, message: Message, options: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return what the key is known to lack for a message: a capability, and the project it is for."""
        for capability, project in permission.needed(message, options):
            if self._router.scope.may(capability, project) is False:
                return capability, project
        return None

    def _forbidden(self, message: Message, capability: str, project: str) -> NotSent:
        wanted, server, titles = message.permission, self._router.server, self._router.projects.titles
        change = _made_on(server.url)
        if capability:
            words = permission.project_words(project, titles)
            return NotPermitted(
                f"{message.event} needs {capability}{words}, which the key does not have.",
                change,
                _OF_SANDBOX if server.sandbox else _CHANGED,
                event=message.event,
                capability=capability,
                project=project,
            )
        if wanted is not None and wanted.key:
            return KeyRequired(f"{message.event} needs a key of {server.name}.", change)
        reason = f": {wanted.refusal}" if wanted is not None and wanted.refusal else ""
        if wanted is not None and wanted.session:
            nearest = f"It is for people: %cocalc login {server.reference} --page signs you in."
        else:
            nearest = "People do it in a browser."
        problem = f"{message.event} is not for keys on {server.name}{reason.rstrip('.')}."
        return NotPermitted(problem, nearest, event=message.event)


def _with_timeout(message: Message, request: Request) -> Request:
    """Return a request with the time limit of its command: without one servers wait for 15 seconds alone."""
    limit = next((option.default for option in message.options if option.name == "timeout"), None)
    if limit is None or "timeout" in request.options or not runs_inside(message):
        return request
    return Request(request.event, {**request.options, "timeout": limit}, message.secret)


def _made_on(address: str) -> str:
    return f"Keys are made, and changed, on {permission.keys_page(address)}"
