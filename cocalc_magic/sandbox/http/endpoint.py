"""The interface of whatever a path leads to: an API, or a single route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.http.messages import Response, error_page, json_response, not_found

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World


class Endpoint:
    """What a request leads to, found once when its headers are in; this base class is for what is missing."""

    version: str | None = None  # the API that it belongs to

    @property
    def prefix(self) -> str:
        """The beginning of that API's paths."""
        return f"/api/{self.version}/"

    def event(self, request: Request) -> str:
        """Return the name of what a request asks for."""
        return request.path

    def body_limit(self, request: Request) -> int:
        """Return how many bytes a body may have; 0 where it is not read at all, and ignored."""
        del request
        return 0

    def too_large(self) -> Response:
        """Return the response to a body over the limit."""
        return error_page(413)

    def early_response(self, world: World, request: Request) -> Response | None:
        """Return the response to a request that is refused whatever its body is; `None` for others."""
        del world, request
        return None

    def worker_pool(self, request: Request) -> str | None:
        """Return the worker pool that handling needs; `None` where it is quick, for the event loop."""
        del request
        return None

    def handle(self, world: World, request: Request) -> Response:
        """Respond to a request."""
        del world
        return not_found(request)

    def failure(self, error: Any) -> Response:
        """Return the response where something failed, here only the database, which could not be used."""
        return json_response(507, {"error": error})
