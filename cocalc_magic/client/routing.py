"""One message and its response, whatever the server speaks: as it is, or translated.

A message goes out as it is while nothing is known of the server; only a page that says 404 in place of an
answer makes it worth while to ask which APIs it has, and nothing has happened to the message then.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic import catalog
from cocalc_magic.catalog.raw import PATH
from cocalc_magic.client import cancel
from cocalc_magic.client.wire import conat, generations, translate, upload
from cocalc_magic.client.wire.generations import Letter
from cocalc_magic.client.wire.reply import HEADERS, Reply
from cocalc_magic.client.wire.translate.run_steps import follow
from cocalc_magic.errors import (
    AnswerTooLarge,
    Interrupted,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    NoEquivalent,
    ServerError,
    UnexpectedReply,
)
from cocalc_magic.response import Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.wire.probe import Capabilities
    from cocalc_magic.config import Server

SANDBOX_MARK = "cocalc-magic-sandbox"  # begins the sandbox's Server header
PROBING = 15.0  # seconds for each of the three requests

Outcome = tuple[Response, ServerError | None]
"""A response, and the failure that it amounts to."""


class Post(Protocol):
    """Whoever speaks HTTP."""

    def __call__(self, letter: Letter, limit: float, *, signed: bool = True) -> Reply:
        """Posts a letter and gives what HTTP brought; raises what HTTP raises."""


class Router:
    """All exchanges with one server. ``patience`` is how many seconds one may take that says nothing else."""

    def __init__(self, server: Server, post: Post, spoken: Capabilities, patience: float) -> None:
        self.server = server
        self.patience = patience
        self._post = post
        self._spoken = spoken
        self._key_is_known = False  # asked only where an answer leaves it open

    def exchange(
        self,
        message: Message,
        request: Request,
        limit: float | None,
        form: bool,
        on_job: Callable[[], None] | None = None,
    ) -> Outcome:
        """The response to a message, and its failure; ``on_job`` is called when it has become a job.

        Raises :class:`NoEquivalent` where the server has nothing that does it, and what HTTP raises.
        """
        try:
            return self._exchanged(message, request, limit, form, on_job)
        except AnswerTooLarge as problem:
            problem.hints = ("Ask for less at once; what is in a file comes by Client.download",)
            raise
        except Interrupted as stopped:
            seconds = conat.own_seconds(message, request.options)
            stopped.name(f"{message.event}{f' (at most {seconds:g} s)' if seconds else ''}")
            raise

    def _exchanged(
        self,
        message: Message,
        request: Request,
        limit: float | None,
        form: bool,
        on_job: Callable[[], None] | None,
    ) -> Outcome:
        spoken = self._spoken.of(self.server.url)
        if spoken is None or message.generation in (*spoken, PATH):
            response = self._as_it_is(message, request, self._seconds(message, request, limit), form)
            if response is not None:
                return response, self._failure(message, response)
        return self._translated(message, request, limit, on_job)

    def generations(self, *, ask: bool = True) -> frozenset[str]:
        """The APIs that the server has; it is asked, without the key, unless that is known."""
        if not ask:
            return self._spoken.of(self.server.url) or frozenset()
        return self._spoken.find(self.server.url, self._probed)

    def first_message(self, event: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The message that would go out first for this one, as far as the server is known already."""
        spoken = self._spoken.of(self.server.url)
        if not spoken or catalog.raw.is_raw(event) or catalog.generation_of(event) != "v1" or "v1" in spoken:
            return event, dict(options)
        step = next(translate.plan(event, options, spoken, self.server.name).steps())
        return (step.event, dict(step.options)) if isinstance(step, translate.Ask) else (event, dict(options))

    def _as_it_is(
        self, message: Message, request: Request, limit: float, form: bool = False
    ) -> Response | None:
        """The response; ``None`` where the server turns out not to have the message's API at all."""
        letter = generations.write(message, request.options, seconds=limit, form=form)
        began = time.perf_counter()
        reply = self._post(letter, limit)
        elapsed = time.perf_counter() - began
        if reply.absent and self._lacks(message.generation):
            return None
        return self._response(generations.read(message, reply), request, reply, elapsed)

    def _lacks(self, generation: str) -> bool:
        """Whether the server has nothing of this API, now that it knew nothing of a message."""
        known = self._spoken.of(self.server.url)
        if generation == PATH or (known and generation == "v2"):
            return False  # every version of v2 lacks some
        found = self._spoken.find(self.server.url, self._probed, doubted=known)
        return bool(found) and generation not in found

    def _probed(self, path: str, body: bytes) -> Reply:
        return self._post(Letter(path, HEADERS, body), PROBING, signed=False)

    def _translated(
        self, message: Message, request: Request, limit: float | None, on_job: Callable[[], None] | None
    ) -> Outcome:
        if message.generation != "v1" or message.raw:
            lacking = translate.ERAS[message.generation]
            raise NoEquivalent(f"{message.event} needs {lacking}; {self.server.name} has it not.")
        plan = translate.plan(request.event, request.options, self.generations(), self.server.name)
        asked: list[Response] = []
        began = time.perf_counter()
        value, problem = self._done(
            plan,
            lambda step: self._asked(step, request, limit, asked),
            lambda pause: self._wait(pause, on_job),
            asked,
        )
        last = asked[-1] if asked else None
        response = self._response(value, request, last, time.perf_counter() - began)
        response.route = " + ".join(dict.fromkeys(one.request.event for one in asked))
        response.lost = plan.lost
        response.sent = tuple(one.request.hiding(request.secrets()) for one in asked)
        if problem is not None:
            problem.attach(response)
        return response, problem

    def _done(
        self,
        plan: translate.Plan,
        ask: Callable[[translate.Ask | translate.Upload], Any],
        wait: Callable[[translate.Pause], None],
        asked: list[Response],
    ) -> tuple[dict[str, Any], ServerError | None]:
        """The v1 answer that the steps of a plan come to, and its failure; ``ask`` fills ``asked``.

        Raises :class:`UnexpectedReply` where a server answers in a form that none has.
        """
        try:
            fields = follow(plan.steps(), ask, wait)
            return plan.answer(fields), None
        except (MessageFailed, MessageRefused) as failure:
            return plan.failed(failure.said), failure
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
            told = " and ".join(one.request.event for one in asked)
            raise UnexpectedReply(
                f"what {self.server.name} answered to {told} is not what servers answer.",
                response=asked[-1] if asked else None,
            ) from None

    def _failure(self, message: Message, response: Response) -> ServerError | None:
        """What went wrong; to an unknown key v2 answers some questions with a list of nothing."""
        problem = generations.failure(message, response)
        doubtful = message.generation == "v2" and message.key in ("account", "administrator")
        if (
            problem is not None
            or not doubtful
            or self._key_is_known
            or response.value not in ([], {"files": []})
        ):
            return problem
        profile = catalog.find("accounts/profile")
        told = self._as_it_is(profile, Request(profile.event), PROBING)
        refused = generations.failure(profile, told) if told is not None else None
        self._key_is_known = not isinstance(refused, KeyRefused)
        return None if self._key_is_known else refused

    def _uploaded(self, step: translate.Upload, limit: float, asked: list[Response]) -> None:
        """Puts a file into a project; raises the failure."""
        reply = self._post(upload.write(step.project_id, step.path, step.data), limit)
        request = Request("upload", {"project_id": step.project_id, "path": step.path})
        asked.append(self._response(None, request, reply, 0.0))
        if problem := upload.failure(reply, self.server.name):
            raise problem

    def _asked(
        self,
        step: translate.Ask | translate.Upload,
        original: Request,
        limit: float | None,
        asked: list[Response],
    ) -> Any:
        """The value that a step of a translation brings; raises its failure."""
        whole = self._seconds(catalog.find(original.event), original, limit)
        if isinstance(step, translate.Upload):
            return self._uploaded(step, whole, asked)
        message = catalog.find(step.event)
        request = Request(step.event, step.options, message.secret)
        seconds = limit or max(whole, self._seconds(message, request, None))
        response = self._as_it_is(message, request, seconds)
        if response is None:
            raise NoEquivalent(f"{self.server.name} has no {step.event} any more.", "Try again.")
        asked.append(response)
        if problem := self._failure(message, response):
            raise problem
        return response.value

    def _seconds(self, message: Message, request: Request, limit: float | None) -> float:
        """How long an exchange may take: what was asked for, or our patience and the message's own time."""
        return limit if limit is not None else self.patience + conat.own_seconds(message, request.options)

    def _wait(self, pause: translate.Pause, on_job: Callable[[], None] | None) -> None:
        if pause.job and on_job:
            on_job()
        try:
            cancel.sleep(pause.seconds)
        except (KeyboardInterrupt, cancel.Cancelled):
            raise Interrupted.waiting_for(self.server.name) from None

    def _response(
        self, value: Any, request: Request, answered: Reply | Response | None, elapsed: float
    ) -> Response:
        """The response of this value; ``answered`` is what HTTP brought last."""
        headers = Headers() if answered is None else answered.headers
        return Response(
            value,
            request,
            server=self.server.name,
            address=self.server.url,
            sandbox=self.server.sandbox or headers.get("Server", "").startswith(SANDBOX_MARK),
            status=200 if answered is None else answered.status,
            reason="" if answered is None else answered.reason,
            headers=headers,
            elapsed=elapsed,
        )
