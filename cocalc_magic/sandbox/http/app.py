"""A request -> a response: a plain function, without sockets.

An endpoint, found by the table of routes, handles the request; wrappers around it apply faults, hide APIs
that the sandbox does not speak, and report failures of the database.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import StorageFailed
from cocalc_magic.sandbox.http import faults, routes
from cocalc_magic.sandbox.http.api_versions import EXPRESS, SPOKEN
from cocalc_magic.sandbox.http.messages import error_page, not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.http.endpoint import Endpoint
    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World

    Handler = Callable[[World, Request], Response]


def respond(world: World, request: Request, endpoint: Endpoint | None = None) -> Response:
    """Respond to a request; `endpoint` is what it leads to, where that is known already."""
    endpoint = endpoint or routes.find(request, world.generation)
    handler: Handler = endpoint.handle
    for wrap in (_report_storage_failures, _hide_unspoken, _apply_faults):
        handler = wrap(endpoint, handler)
    return handler(world, request)


def _report_storage_failures(endpoint: Endpoint, handler: Handler) -> Handler:
    """Return the endpoint's failure where the database could not be used."""

    def handle(world: World, request: Request) -> Response:
        try:
            return handler(world, request)
        except StorageFailed as problem:
            return endpoint.failure(str(problem.error))

    return handle


def _hide_unspoken(endpoint: Endpoint, handler: Handler) -> Handler:
    """Return a 404 page for an API that servers of the sandbox's generation do not speak."""

    def handle(world: World, request: Request) -> Response:
        spoken = endpoint.version in (None, *SPOKEN[world.generation])
        if spoken or request.path.lower() == endpoint.prefix:
            return handler(world, request)
        is_express = world.generation in EXPRESS
        return not_found(request) if is_express else error_page(404, "404 – Page Not Found")

    return handle


def _apply_faults(endpoint: Endpoint, handler: Handler) -> Handler:
    """Apply the fault that is due, if any, to a request of an API."""

    def handle(world: World, request: Request) -> Response:
        fault = world.faults.due(request.path) if endpoint.version else None
        if fault is None:
            return handler(world, request)
        with world.request_log.under_fault(fault.words) as met:
            response = faults.apply(fault, lambda: handler(world, request))
        if not met.is_logged:  # it was refused before anything of it was read
            account_id, options = _sent(world, request)
            world.request_log.add(endpoint.event(request), account_id, options, fault.words, fault.latency)
        return response

    return handle


def _sent(world: World, request: Request) -> tuple[str | None, dict[str, Any]]:
    """Return who has sent a request that nobody reads, and with which options, as far as they say."""
    from cocalc_magic.sandbox.http import body  # late: faults are rare
    from cocalc_magic.sandbox.http.auth import sender

    options: dict[str, Any] = {}
    with suppress(body.Unreadable):
        options = body.read(request.headers, request.body)
    return sender(world, request.headers.get("authorization")), options
