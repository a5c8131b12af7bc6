"""The APIs over HTTP: how each reads a body, authenticates, dispatches, and words its errors; and API v1."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api import v1
from cocalc_magic.sandbox.api.methods import pool_of
from cocalc_magic.sandbox.errors import Failed, Refused
from cocalc_magic.sandbox.http import body
from cocalc_magic.sandbox.http.auth import parse_authorization, require_caller, sender
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.endpoint import Endpoint
from cocalc_magic.sandbox.http.messages import (
    Request,
    Response,
    error_page,
    json_response,
    not_found,
)
from cocalc_magic.sandbox.storage.store import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


@dataclass
class Call:
    """A request to an API while it is handled: what is known of it, and what the request log shows."""

    request: Request
    event: str
    options: Mapping[str, Any] = field(default_factory=dict)
    caller: Caller | None = None
    outcome: str = "answered"
    is_logged: bool = True


class Api(Endpoint):
    """An API: below one prefix, an event in the path or the body, options in the body, JSON in return."""

    def body_limit(self, request: Request) -> int:
        """Return the limit of the body's content type."""
        return body.limit(request.headers.get("content-type", "")) or 0

    def failure(self, error: Any) -> Response:
        """Return the failure as JSON."""
        return json_response(200, {} if error is None else {"error": error})

    def handle(self, world: World, request: Request) -> Response:
        """Respond to a request, and log it."""
        started = time.perf_counter()
        if response := self.misrouted(request):
            outcome = f"refused, {response.status}"
            world.request_log.add(f"{request.method} {request.path}", None, {}, outcome, 0.0)
            return response
        call = Call(request, self.event(request))
        response = self._respond(world, call)
        if call.is_logged:
            header = request.headers.get("authorization")
            account_id = call.caller.account_id if call.caller else sender(world, header)
            seconds = time.perf_counter() - started
            world.request_log.add(call.event, account_id, call.options, call.outcome, seconds)
        return response

    def _respond(self, world: World, call: Call) -> Response:
        try:
            result = self.dispatch(world, call)
        except Unreadable as problem:
            return self.unreadable(call, problem.status)
        except Refused as problem:
            call.outcome = "refused, 400"
            return self.json(400, {"error": str(problem)})
        except Failed as problem:
            call.outcome = "error"
            return self.failure(self.shown(problem))
        return result if isinstance(result, Response) else self.json(200, result)

    # -- what the APIs differ in -------------------------------------------------------------------

    def json(self, status: int, value: Any) -> Response:
        """Return a response of JSON, in one line."""
        return json_response(status, value)

    def shown(self, problem: Failed) -> Any:
        """Return what is shown of a failure: all of it, with the kind of an Error."""
        return problem.error

    def misrouted(self, request: Request) -> Response | None:
        """Return the response to a path or method that the API does not have."""
        raise NotImplementedError

    def dispatch(self, world: World, call: Call) -> Any:
        """Read the body, authenticate, and carry out the request; return JSON, or a response.

        Raises `Unreadable`, `Refused` and `Failed`.
        """
        raise NotImplementedError

    def unreadable(self, call: Call, status: int) -> Response:
        """Return the response to a body that cannot be read."""
        raise NotImplementedError


class V1(Api):
    """API v1: `POST /api/v1/<event>`. Failures up to the check of the key are HTTP 400, later ones 200."""

    version = "v1"

    def body_limit(self, request: Request) -> int:
        """Return the limit of the body's content type; only a POST has a body."""
        return super().body_limit(request) if request.method == "POST" else 0

    def worker_pool(self, request: Request) -> str | None:
        """Return the worker pool of the event."""
        return pool_of(v1.METHODS, self.event(request)) if request.method == "POST" else None

    def failure(self, error: Any) -> Response:
        """Return the failure as the response of a message."""
        return json_response(200, {"event": "error", "id": new_id(), "error": error})

    def misrouted(self, request: Request) -> Response | None:
        """Return the methods of the route to an OPTIONS, and the 404 page for other methods than POST."""
        if request.method == "OPTIONS":
            return Response(200, "text/html; charset=utf-8", b"POST", (("Allow", "POST"),))
        return None if request.method == "POST" else not_found(request)

    def event(self, request: Request) -> str:
        """Return the last part of the path."""
        return request.path.rstrip("/").rpartition("/")[2]

    def dispatch(self, world: World, call: Call) -> Any:
        """Check body, header, event, options and key, in the recorded order, and carry out the message."""
        request = call.request
        call.options = options = body.read(request.headers, request.body)
        key = parse_authorization(request.headers.get("authorization"))
        message = v1.find_message(call.event)
        options = v1.check_options(message, options)
        call.caller = require_caller(world, key)
        answer = v1.answer(world, call.caller, call.event, message, options)
        call.outcome = "error" if answer.get("event") == "error" else "answered"
        return answer

    def unreadable(self, call: Call, status: int) -> Response:
        """Return the error page."""
        call.outcome = f"refused, {status}"
        return error_page(status)
