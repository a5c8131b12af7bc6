"""A v1 message to a server that lacks v1: planned, sent step by step, answered in the shape of v1."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.client.wire import translate, upload
from cocalc_magic.client.wire.translate import run_steps
from cocalc_magic.errors import ConnectionLost, NoEquivalent, NotPermitted, ServerUnreachable
from cocalc_magic.response import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.client.routing import Outcome, Router
    from cocalc_magic.response import Response


def exchange(
    router: Router,
    message: Message,
    request: Request,
    timeout: float | None,
    on_job: Callable[..., None] | None,
) -> Outcome:
    """Do what a message says by others, and return its response. Raises what `Router.exchange` does."""
    try:
        return _exchange(router, message, request, timeout, on_job)
    except NotPermitted as problem:
        raise problem.of(message.event) from None


def _exchange(
    router: Router,
    message: Message,
    request: Request,
    timeout: float | None,
    on_job: Callable[..., None] | None,
) -> Outcome:
    plan = _plan(router, message.event, request.options)
    run = _Run(router, message, request, timeout, on_job)
    began = time.perf_counter()
    try:
        value, problem = run_steps.carry_out(plan, router.server.name, run.take, run.wait, run.responses)
    except ServerUnreachable as lost:
        if run.responses:  # it is on its way, even if this step could not be sent
            raise ConnectionLost(lost.problem, *lost.hints) from None
        raise
    last = run.responses[-1] if run.responses else None
    response = router.response_of(value, request, last, time.perf_counter() - began)
    response.route = " + ".join(dict.fromkeys(answer.request.event for answer in run.responses))
    response.lost = plan.lost
    response.sent = tuple(answer.request.hiding(request.secrets()) for answer in run.responses)
    if problem is not None:
        problem.attach(response)
    return response, problem


def first_message(router: Router, event: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return what would go out first for a message: itself, or one of today's. Raises `NotSent`."""
    if translate.applies_to(event):
        step = next(_plan(router, event, options).steps())
        if isinstance(step, translate.Ask):
            return step.event, dict(step.options)
    return event, dict(options)


def _plan(router: Router, event: str, options: Mapping[str, Any]) -> translate.Plan:
    """Return how a message is done there. Raises `NotSent` where it is not."""
    generations, server = router.generations(), router.server
    if translate.applies_to(event):
        asks = catalog.generations.scoped(generations)
        permit = (lambda sent: router.access.problem_of(sent, options)) if asks else translate.anything
        return translate.plan(event, options, generations, server.name, address=server.url, permit=permit)
    raise translate.not_possible(event, generations, server.name, server.url)


class _Run:
    """The steps of one message, with the responses so far."""

    def __init__(
        self,
        router: Router,
        message: Message,
        request: Request,
        timeout: float | None,
        on_job: Callable[..., None] | None,
    ) -> None:
        self._router, self._timeout, self._on_job = router, timeout, on_job
        self._seconds = router.seconds_for(message, request, timeout)
        self.responses: list[Response] = []

    def take(self, step: translate.Ask | translate.Upload) -> Any:
        """Take a step: append its response, and return its value. Raises its failure."""
        if isinstance(step, translate.Upload):
            return self._upload(step)
        router, message = self._router, catalog.find(step.event)
        request = Request(step.event, step.options, message.secret)
        seconds = self._timeout or max(self._seconds, router.seconds_for(message, request, None))
        outcome = router.send_unchanged(
            message, request, self._timeout, self._on_job, seconds=seconds, keyless=step.keyless
        )
        if outcome is None:
            raise NoEquivalent(f"{router.server.name} has no {step.event} any more.", "Try again.")
        response, problem = outcome
        self.responses.append(response)
        if problem:
            raise problem
        return response.value

    def wait(self, pause: translate.Pause) -> None:
        """Let the time of a pause pass. Raises `Interrupted`."""
        if pause.job and self._on_job:
            self._on_job()
        self._router.pause(pause.seconds)

    def _upload(self, step: translate.Upload) -> None:
        router = self._router
        reply = router.request(upload.encode(step.project_id, step.path, step.data), self._seconds)
        request = Request("upload", {"project_id": step.project_id, "path": step.path})
        self.responses.append(router.response_of(None, request, reply, 0.0))
        if problem := upload.failure(reply, router.server.name):
            raise problem
