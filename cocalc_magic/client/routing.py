"""One message and its response, whatever the server speaks: sent as it is, or translated.

A message goes out as it is while nothing is known of the server. Only a 404 page in place of an answer makes
it worth while to ask which APIs there are, and nothing has happened to the message then.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.client import cancel, retrying
from cocalc_magic.client.projects import Projects
from cocalc_magic.client.transport import DEFAULT_TIMEOUT, KeyAuth, NoAuth, Transport
from cocalc_magic.client.wire import WIRES, failure, may_hide_unknown_key, probe, upload
from cocalc_magic.client.wire.messages import HEADERS, WireRequest
from cocalc_magic.errors import (
    AnswerTooLarge,
    CoCalcError,
    ConnectionLost,
    Interrupted,
    KeyRefused,
    NoEquivalent,
    ServerError,
    ServerUnreachable,
)
from cocalc_magic.response import Headers, Request, Response
from cocalc_magic.sanitize import visible_line
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests
    from urllib3.util import Retry

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.wire import translate
    from cocalc_magic.client.wire.messages import WireResponse
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret

_log = logging.getLogger("cocalc_magic")
SANDBOX_MARK = "cocalc-magic-sandbox"  # begins the sandbox's Server header
PROBE_TIMEOUT = 15.0  # seconds for each of the three requests
_CAPABILITIES = probe.Capabilities()  # of the servers that this process has asked

Outcome = tuple[Response, ServerError | None]
"""A response, and the failure that it amounts to."""


class Router:
    """Sends messages to one server, as they are or translated.

    Args:
        server: The server.
        key: The key that goes with every message.
        timeout: Seconds for an exchange, else what the server's settings say.
        session: A requests session to use as it is; what is known of servers is not shared with others then.
        retries: How often a message is sent again after a failure that passes.
    """

    def __init__(
        self,
        server: Server,
        key: Secret,
        timeout: float | None = None,
        session: requests.Session | None = None,
        retries: int | Retry = 0,
    ) -> None:
        self.server, self.key = server, key
        self._with_key, self._without = KeyAuth(key), NoAuth(key)
        self.timeout = timeout or server.timeout or DEFAULT_TIMEOUT
        self.transport = Transport(server, session)
        self._retries = retrying.policy(retries) if retries else None
        self.projects = Projects(self.send)
        self._capabilities = _CAPABILITIES if session is None else probe.Capabilities()
        self._key_is_known = False  # asked only where an answer leaves it open

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
        on_job: Callable[[], None] | None = None,
    ) -> Response:
        """Send options that are checked already, and return the response.

        Args:
            message: The message.
            options: Its options; a project may be named by its title, which is looked up first.
            timeout: Seconds for the exchange, in place of the client's and the message's own.
            raising: Raise what the server says went wrong, rather than return a response that is not `ok`.
            form: Send key-value pairs in place of JSON; v1 servers take ten times as much of them.
            on_job: Called when the message has become a job on the server, which an interrupt ends.

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
            response, problem = self._logged(message, request, timeout, form, on_job)
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
        """Return which of `v1`, `v2` and `conat` the server speaks.

        Args:
            ask: Ask the server, without the key, unless that is known; else nothing is returned then.
        """
        if not ask:
            return self._capabilities.known.get(self.server.url, frozenset())
        return self._capabilities.find(self.server.url, self._probe)

    def first_message(self, event: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return what would go out first for a message, as far as the server is known: itself, or today's.

        Raises:
            NoEquivalent: The server has nothing for it.
        """
        generations = self.generations(ask=False)
        from cocalc_magic.client.wire import translate  # late: many servers need no translation

        if generations and "v1" not in generations and translate.applies_to(event):
            step = next(translate.plan(event, options, generations, self.server.name).steps())
            if isinstance(step, translate.Ask):
                return step.event, dict(step.options)
        return event, dict(options)

    def request(self, request: WireRequest, timeout: float, *, authenticated: bool = True) -> WireResponse:
        """Send an HTTP request, with the key or without it."""
        return self.transport.request(request, timeout, self._with_key if authenticated else self._without)

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

    # -- as it is ----------------------------------------------------------------------------------

    def _exchange(
        self,
        message: Message,
        request: Request,
        timeout: float | None,
        form: bool,
        on_job: Callable[[], None] | None,
    ) -> Outcome:
        generations = self._capabilities.known.get(self.server.url)
        if generations is None or probe.has_api_of(generations, message):
            response = self._send_unchanged(message, request, self._seconds(message, request, timeout), form)
            if response is not None:
                return response, self._failure(message, response)
        return self._send_translated(message, request, timeout, on_job)

    def _send_unchanged(
        self, message: Message, request: Request, timeout: float, form: bool = False
    ) -> Response | None:
        """Return the response; `None` where the server turns out to lack the message's whole API."""
        wire = WIRES[message.generation]
        began = time.perf_counter()
        encoded = wire.encode(message, request.options, seconds=timeout, form=form)
        reply = self._send_encoded(encoded, timeout, repeatable=bool(message.idempotent))
        elapsed = time.perf_counter() - began
        if reply.absent and self._lacks(message):
            return None
        return self.response_of(wire.decode(reply, message.event), request, reply, elapsed)

    def _send_encoded(self, encoded: WireRequest, timeout: float, *, repeatable: bool) -> WireResponse:
        if self._retries is None:
            return self.request(encoded, timeout)
        return retrying.send(
            lambda seconds: self.request(encoded, seconds),
            self._retries,
            timeout,
            self._pause,
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
        return self.request(WireRequest(path, HEADERS, body), PROBE_TIMEOUT, authenticated=False)

    def _failure(self, message: Message, response: Response) -> ServerError | None:
        """Return what went wrong; where the key may be unknown without the answer saying so, ask."""
        problem = failure(message, response)
        if problem is not None or self._key_is_known or not may_hide_unknown_key(message, response):
            return problem
        profile = catalog.find("accounts/profile")
        answer = self._send_unchanged(profile, Request(profile.event), PROBE_TIMEOUT)
        refused = failure(profile, answer) if answer is not None else None
        self._key_is_known = not isinstance(refused, KeyRefused)
        return None if self._key_is_known else refused

    def _seconds(self, message: Message, request: Request, timeout: float | None) -> float:
        """Return the limit for an exchange: the one given, or the client's and the message's own time."""
        return timeout if timeout is not None else self.timeout + message.own_seconds(request.options)

    # -- translated --------------------------------------------------------------------------------

    def _send_translated(
        self, message: Message, request: Request, timeout: float | None, on_job: Callable[[], None] | None
    ) -> Outcome:
        from cocalc_magic.client.wire import translate  # late, as above
        from cocalc_magic.client.wire.translate import run_steps

        if not translate.applies_to(message.event):
            needed = translate.ERAS[message.generation]
            raise NoEquivalent(f"{message.event} needs {needed}; {self.server.name} does not have it.")
        plan = translate.plan(request.event, request.options, self.generations(), self.server.name)
        responses: list[Response] = []
        began = time.perf_counter()
        try:
            value, problem = run_steps.carry_out(
                plan,
                self.server.name,
                lambda step: self._take(step, request, timeout, responses),
                lambda pause: self._wait(pause, on_job),
                responses,
            )
        except ServerUnreachable as lost:
            if responses:  # it is on its way, even if this step could not be sent
                raise ConnectionLost(lost.problem, *lost.hints) from None
            raise
        last = responses[-1] if responses else None
        response = self.response_of(value, request, last, time.perf_counter() - began)
        response.route = " + ".join(dict.fromkeys(answer.request.event for answer in responses))
        response.lost = plan.lost
        response.sent = tuple(answer.request.hiding(request.secrets()) for answer in responses)
        if problem is not None:
            problem.attach(response)
        return response, problem

    def _take(
        self,
        step: translate.Ask | translate.Upload,
        original: Request,
        timeout: float | None,
        responses: list[Response],
    ) -> Any:
        """Take a step of a translation: append its response, and return its value. Raises its failure."""
        whole = self._seconds(catalog.find(original.event), original, timeout)
        from cocalc_magic.client.wire.translate.steps import Upload

        if isinstance(step, Upload):
            return self._upload(step, whole, responses)
        message = catalog.find(step.event)
        request = Request(step.event, step.options, message.secret)
        seconds = timeout or max(whole, self._seconds(message, request, None))
        response = self._send_unchanged(message, request, seconds)
        if response is None:
            raise NoEquivalent(f"{self.server.name} has no {step.event} any more.", "Try again.")
        responses.append(response)
        if problem := self._failure(message, response):
            raise problem
        return response.value

    def _wait(self, pause: translate.Pause, on_job: Callable[[], None] | None) -> None:
        if pause.job and on_job:
            on_job()
        self._pause(pause.seconds)

    def _pause(self, seconds: float) -> None:
        try:
            cancel.sleep(seconds)
        except (KeyboardInterrupt, cancel.Cancelled):
            raise Interrupted.waiting_for(self.server.name) from None

    def _upload(self, step: translate.Upload, timeout: float, responses: list[Response]) -> None:
        """Put a file into a project. Raises the failure."""
        reply = self.request(upload.encode(step.project_id, step.path, step.data), timeout)
        request = Request("upload", {"project_id": step.project_id, "path": step.path})
        responses.append(self.response_of(None, request, reply, 0.0))
        if problem := upload.failure(reply, self.server.name):
            raise problem

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
            exchange=None if last is None else last.exchange,
        )
