"""One message and its response, whatever the server speaks: sent as it is, or translated.

A message goes out as it is while nothing is known of the server. Only a 404 page in place of an answer makes
it worth while to ask which APIs there are, and nothing has happened to the message then.
"""

from __future__ import annotations

import logging
import time
import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from cocalc_magic import catalog
from cocalc_magic.client import cancel, retrying
from cocalc_magic.client.projects import Projects
from cocalc_magic.client.transport import DEFAULT_TIMEOUT, KeyAuth, NoAuth, SessionAuth, Transport
from cocalc_magic.client.wire import WIRES, failure, may_hide_unknown_key, permission, probe
from cocalc_magic.client.wire.messages import HEADERS, WireRequest
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.errors import (
    AnswerTooLarge,
    CoCalcError,
    Interrupted,
    KeyRefused,
    NotRecorded,
    ServerError,
)
from cocalc_magic.response import Headers, Request, Response
from cocalc_magic.sanitize import visible_line
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests
    from urllib3.util import Retry

    from cocalc_magic.cassette.tape import Tape
    from cocalc_magic.catalog import Message
    from cocalc_magic.client.access import Access
    from cocalc_magic.client.transport import Credential
    from cocalc_magic.client.wire.messages import WireResponse
    from cocalc_magic.config import Server
    from cocalc_magic.config.scope import Scope
    from cocalc_magic.config.secret import Secret

_log = logging.getLogger("cocalc_magic")
SANDBOX_MARK = "cocalc-magic-sandbox"  # begins the sandbox's Server header
PROBE_TIMEOUT = 15.0  # seconds for each of the requests
STARTING = "waiting for the project to start on"

Outcome = tuple[Response, ServerError | None]
"""A response, and the failure that it amounts to."""

Sender = Literal["key", "session", "nobody"]
"""What authenticates a message."""


class Router:
    """Sends messages to one server, as they are or translated.

    Args:
        server: The server.
        key: The key that goes with every message.
        timeout: Seconds for an exchange, else what the server's settings say.
        session: A requests session to use as it is; what is known of servers is not shared with others then.
        retries: How often a message is sent again after a failure that passes.
        scope: What the key may do, as far as that is known; what the server refuses is added to it.
        login_session: The session of a person who has signed in (the value of the cookie), for what a key
            may not send; the key may be empty then.

    Attributes:
        tapes: What records the messages, or answers in the server's place.
    """

    everywhere: ClassVar[list[Tape]] = []
    """The tapes of all clients of this process."""

    def __init__(
        self,
        server: Server,
        key: Secret,
        timeout: float | None = None,
        session: requests.Session | None = None,
        retries: int | Retry = 0,
        scope: Scope = UNKNOWN,
        login_session: Secret | None = None,
    ) -> None:
        self.server, self.key, self.scope = server, key, scope
        # Where there is a session alone, it is one of a server with such keys.
        self.has_scoped_key = not key or permission.is_scoped(key.reveal())
        self.login_session = login_session
        self.timeout = timeout or server.timeout or DEFAULT_TIMEOUT
        self.transport = Transport(server, session)
        self._retries = retrying.policy(retries) if retries else None
        self.projects = Projects(self.send)
        self._capabilities = probe.SHARED if session is None else probe.Capabilities()
        self._key_is_known = False  # asked only where an answer leaves it open
        self.tapes: list[Tape] = []

    @property
    def login_session(self) -> Secret | None:
        """The session of a person who has signed in, if there is one."""
        return self._login_session

    @login_session.setter
    def login_session(self, login_session: Secret | None) -> None:
        self._login_session = login_session
        key, secrets = self.key, tuple(filter(None, (self.key, login_session)))
        nobody = NoAuth(*secrets)
        self._credentials: dict[Sender, Credential] = {
            "key": KeyAuth(*secrets) if key else nobody,
            "session": SessionAuth(*reversed(secrets)) if login_session else nobody,
            "nobody": nobody,
        }

    def send(self, event: str, /, **options: Any) -> Response:
        """Check a message and send it; see `Client.send`."""
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
        on_job: Callable[..., None] | None = None,
    ) -> Response:
        """Send options that are checked already, and return the response.

        Args:
            message: The message.
            options: Its options; a project may be named by its title, which is looked up first.
            timeout: Seconds for the exchange, in place of the client's and the message's own.
            raising: Raise what the server says went wrong, rather than return a response that is not `ok`.
            form: Send key-value pairs in place of JSON; v1 servers take ten times as much of them.
            on_job: Called when the message has become a job on the server, which an interrupt ends; or else
                with words for what it waits for there.

        Raises:
            InvalidValue: No project, or several, have a name that was given.
            NoEquivalent: The server has nothing that does it.
            CoCalcError: Another one of the tree for every failure on the way or of the server.
        """
        named = message.has_project_names(options)
        sent = self.projects.resolved(message, options) if named else dict(options)
        if message.takes_id:
            sent.setdefault("id", str(uuid.uuid4()))
        request = Request(message.event, sent, message.secret)
        try:
            response, problem = self._taped(message, request, timeout, form, on_job)
            response.ok = problem is None
            self.projects.learn(message, response)
            response.titles = self.projects.titles
            if problem and raising:
                raise problem
        except AnswerTooLarge as problem:
            problem.hints = ("Ask for less at once; what is in a file comes by Client.download",)
            problem.hide(request.secrets())
            raise
        except CoCalcError as problem:
            problem.hide(request.secrets())
            raise
        except Interrupted as interrupt:
            seconds = message.own_seconds(request.options)
            interrupt.name(f"{message.event}{f' (at most {seconds:g} s)' if seconds else ''}")
            raise
        return response

    def generations(self, *, ask: bool = True) -> frozenset[str]:
        """Return which of the catalog's generations the server speaks.

        Args:
            ask: Ask the server, without the key, unless that is known; else nothing is returned then.
        """
        if self.is_taped:
            from cocalc_magic.client import taped  # late: few clients are recorded

            return taped.generations(self, lambda: self._generations(ask))
        return self._generations(ask)

    @cached_property
    def access(self) -> Access:
        """What a scoped key may send, on a server that has such keys."""
        from cocalc_magic.client.access import Access  # late: few servers have scoped keys

        return Access(self)

    def first_message(self, event: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return what would go out first for a message, as far as the server is known: itself, or today's.

        Raises:
            NotSent: The server has nothing for it, or it may not be sent.
        """
        generations = self.generations(ask=False)
        if generations and "v1" not in generations:
            from cocalc_magic.client import translation  # late: many servers need none

            return translation.first_message(self, event, options)
        return event, dict(options)

    @property
    def credential(self) -> Credential:
        """What authenticates requests beside the API: the key, or the session where there is no key."""
        return self._credentials["key" if self.key else "session"]

    def request(self, request: WireRequest, timeout: float, by: Sender | None = None) -> WireResponse:
        """Send an HTTP request with the key, with the session of a person, or as nobody.

        Raises:
            NotRecorded: A recording answers in place of the server.
        """
        if self.is_offline:
            raise NotRecorded(
                f"{request.path} is not asked while a recording answers.", "%cocalc replay --stop"
            )
        return self.transport.request(request, timeout, self._credentials[by] if by else self.credential)

    # -- recorded ----------------------------------------------------------------------------------

    @property
    def is_taped(self) -> bool:
        """Whether anything records the messages, or answers them."""
        return bool(self.tapes or self.everywhere)

    @property
    def is_offline(self) -> bool:
        """Whether a recording answers, and nothing is sent."""
        return self.is_taped and any(tape.offline for tape in self.all_tapes())

    def all_tapes(self) -> list[Tape]:
        """Return what records the messages, or answers them; those of the process first."""
        return [*self.everywhere, *self.tapes]

    def _taped(self, message: Message, request: Request, *how: Any) -> Outcome:
        if not self.is_taped:
            return self._logged(message, request, *how)
        from cocalc_magic.client import taped  # late, as above

        return taped.exchange(
            self, request, lambda outgoing: self._logged(message, outgoing.request, *how), message
        )

    # -- as it is ----------------------------------------------------------------------------------

    def _generations(self, ask: bool) -> frozenset[str]:
        if not ask:
            return self._capabilities.known.get(self.server.url, frozenset())
        return self._capabilities.find(self.server.url, self._probe)

    def _logged(self, message: Message, *how: Any) -> Outcome:
        """Exchange, and log it in one line: no option and nothing of the server's, which may hold secrets."""
        began, outcome = time.perf_counter(), "interrupted"
        try:
            response, problem = self._exchange(message, *how)
            outcome = type(problem).__name__ if problem else f"HTTP {response.status}"
        except CoCalcError as problem:
            outcome = type(problem).__name__
            raise
        finally:
            if _log.isEnabledFor(logging.DEBUG):
                elapsed = 1000 * (time.perf_counter() - began)
                event = visible_line(message.event)
                _log.debug("%s to %s: %s in %.0f ms", event, self.server.name, outcome, elapsed)
        return response, problem

    def _exchange(
        self,
        message: Message,
        request: Request,
        timeout: float | None,
        form: bool,
        on_job: Callable[..., None] | None,
    ) -> Outcome:
        generations = self._known()
        if generations is None or probe.has_api_of(generations, message):
            outcome = self.send_unchanged(message, request, timeout, on_job, form=form)
            if outcome is not None:
                return outcome
        from cocalc_magic.client import translation  # late: many servers need none

        return translation.exchange(self, message, request, timeout, on_job)

    def _known(self) -> frozenset[str] | None:
        """Return what the server is known to speak; it is asked for the sake of a scoped key or a session."""
        known = self._capabilities.known.get(self.server.url)
        if known is None and (self.has_scoped_key or self._login_session):
            return self.generations() or None
        return known

    def send_unchanged(
        self,
        message: Message,
        request: Request,
        timeout: float | None,
        on_job: Callable[..., None] | None = None,
        *,
        seconds: float = 0.0,
        form: bool = False,
        keyless: bool = False,
    ) -> Outcome | None:
        """Return the response; `None` where the server turns out to lack the message's whole API."""
        seconds = seconds or self.seconds_for(message, request, timeout)
        known = self._capabilities.known.get(self.server.url)
        if keyless or not known or not catalog.generations.scoped(known):
            return self.exchange_once(message, request, seconds, "nobody" if keyless else "key", form=form)
        on_wait = (lambda: on_job(STARTING)) if on_job else None
        return self.access.exchange(message, request, timeout, seconds, on_wait, form=form)

    def exchange_once(
        self, message: Message, request: Request, seconds: float, by: Sender, *, form: bool = False
    ) -> Outcome | None:
        """Send a message as it is, once; `None` where the server turns out to lack its whole API."""
        wire = WIRES[message.generation]
        began = time.perf_counter()
        encoded = wire.encode(message, request.options, seconds=seconds, form=form)
        reply = self._send_encoded(encoded, seconds, by, repeatable=bool(message.idempotent))
        elapsed = time.perf_counter() - began
        if reply.absent and self._lacks(message):
            return None
        response = self.response_of(wire.decode(reply, message.event), request, reply, elapsed)
        return response, self._failure(message, response)

    def _send_encoded(
        self, encoded: WireRequest, timeout: float, by: Sender, *, repeatable: bool
    ) -> WireResponse:
        if self._retries is None:
            return self.request(encoded, timeout, by)
        return retrying.send(
            lambda seconds: self.request(encoded, seconds, by),
            self._retries,
            timeout,
            self.pause,
            repeatable=repeatable,
        )

    def _lacks(self, message: Message) -> bool:
        """Return whether the server lacks all of the API of a message that it did not know."""
        known = self._capabilities.known.get(self.server.url)
        if probe.proves_nothing(message, known):
            return False
        generations = self._capabilities.find(self.server.url, self._probe, doubted=known)
        return bool(generations) and not probe.has_api_of(generations, message)

    def _probe(self, path: str, body: bytes) -> WireResponse:
        return self.request(WireRequest(path, HEADERS, body), min(PROBE_TIMEOUT, self.timeout), "nobody")

    def _failure(self, message: Message, response: Response) -> ServerError | None:
        """Return what went wrong; where the key may be unknown without the answer saying so, ask."""
        problem = failure(message, response)
        if problem is not None or self._key_is_known or not may_hide_unknown_key(message, response):
            return problem
        if catalog.generations.scoped(self.generations(ask=False)):  # which say it
            return None
        profile = catalog.find("accounts/profile")
        outcome = self.send_unchanged(profile, Request(profile.event), PROBE_TIMEOUT)
        refused = outcome[1] if outcome is not None else None
        self._key_is_known = not isinstance(refused, KeyRefused)
        return None if self._key_is_known else refused

    def seconds_for(self, message: Message, request: Request, timeout: float | None) -> float:
        """Return the seconds for an exchange: those given, or the client's and the message's own."""
        return timeout if timeout is not None else self.timeout + message.own_seconds(request.options)

    def pause(self, seconds: float) -> None:
        """Let some seconds pass. Raises `Interrupted`."""
        try:
            cancel.sleep(seconds)
        except (KeyboardInterrupt, cancel.Cancelled):
            raise Interrupted.waiting_for(self.server.name) from None

    def response_of(
        self, value: Any, request: Request, last: WireResponse | Response | None, elapsed: float
    ) -> Response:
        """Return the response of this value; `last` is what HTTP brought last."""
        headers = Headers() if last is None else last.headers
        return Response(
            value,
            request,
            server=self.server.name,
            address=self.server.url,
            sandbox=self.server.sandbox or headers.get("Server", "").startswith(SANDBOX_MARK),
            status=200 if last is None else last.status,
            reason="" if last is None else last.reason,
            headers=headers,
            elapsed=elapsed,
            titles=self.projects.titles,
            exchange=None if last is None else last.exchange,
        )
