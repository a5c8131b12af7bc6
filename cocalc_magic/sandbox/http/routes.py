"""The table of routes: what each path leads to, and the worker pool that it needs.

The prefix of a path is looked at here alone, once per request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.admin import control
from cocalc_magic.sandbox.http import get_api_key, pages, sign_in, site, transfers
from cocalc_magic.sandbox.http.apis import V1, V2, Conat
from cocalc_magic.sandbox.http.body import PAGE_LIMIT, UPLOAD_LIMIT
from cocalc_magic.sandbox.http.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World

    Handler = Callable[[World, Request], Response]

READ = ("GET", "HEAD")
POST = ("POST",)


@dataclass(frozen=True)
class Route(Endpoint):
    """A path and the function ``(world, request) -> Response`` behind it.

    Args: path: The whole path; downloads, whose paths begin with the id of a project, have a pattern of their
        own. function: The function that responds. methods: The HTTP methods that it takes; others are
        answered by the 404 page, as on the recorded server. blocking: The worker pool that it needs (``file``
        or ``password``), ``None`` for the event loop. max_body: The bytes that a body may have; 0 where it is
        not read. refuse: Returns the response to a request that is refused whatever its body is, or ``None``.
    """

    path: str
    function: Handler
    methods: tuple[str, ...] = READ
    blocking: str | None = None
    max_body: int = 0
    refuse: Callable[[World, Request], Response | None] | None = None

    def body_limit(self, request: Request) -> int:
        """Return the limit of the route."""
        del request
        return self.max_body

    def early_response(self, world: World, request: Request) -> Response | None:
        """Return the refusal of the route, if any."""
        return self.refuse(world, request) if self.refuse else None

    def worker_pool(self, request: Request) -> str | None:
        """Return the worker pool of the route."""
        del request
        return self.blocking

    def handle(self, world: World, request: Request) -> Response:
        """Call the function."""
        return self.function(world, request)


NOT_FOUND = Endpoint()
APIS = (V1(), V2(), Conat())
ROUTES = (
    Route("/", pages.home),
    Route("/app", get_api_key.show_form),
    Route("/app", get_api_key.hand_over, POST, blocking="password", max_body=PAGE_LIMIT),
    Route("/auth/impersonate", sign_in.by_token, ("GET",)),  # a HEAD would use up the token
    Route("/customize", site.customize),
    Route("/robots.txt", site.text(site.ROBOTS)),
    Route("/metrics", site.text(site.NO_METRICS)),
    Route("/concurrent", site.text("0")),
    Route("/concurrent-warn", site.text("0")),
    Route("/alive", site.text("alive: YES")),
    Route("/upload", transfers.upload, POST, "file", UPLOAD_LIMIT, transfers.refuse_upload),
    Route("/sandbox", control.page),
    Route("/sandbox/status", control.status, POST),
    Route("/sandbox/reset", control.reset, POST, blocking="file"),
    Route("/sandbox/ticket", control.ticket, POST),
    Route("/sandbox/fault", control.fault, POST, max_body=PAGE_LIMIT),
)
DOWNLOAD = Route("", transfers.download, blocking="file")
_BY_PATH = {(route.path, method): route for route in ROUTES for method in route.methods}


def find(request: Request) -> Endpoint:
    """Return what a request leads to, by its method and path; its body need not have arrived."""
    path = request.path.lower()
    if path.startswith("/api/"):
        return next((api for api in APIS if path.startswith(api.prefix)), NOT_FOUND)
    if transfers.is_download(request.path) and request.method in READ:
        return DOWNLOAD
    return _BY_PATH.get((request.path, request.method), NOT_FOUND)
