"""The table of routes: what each path leads to, and the worker pool that it needs.

The prefix of a path is examined here only, once per request. Handlers are imported when they are first
needed, so that a start does not wait for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.api.methods import load
from cocalc_magic.sandbox.http.api_versions import ALL, ROUTES_OF_THEIR_OWN
from cocalc_magic.sandbox.http.body import LOOK_LIMIT, PAGE_LIMIT, UPLOAD_LIMIT
from cocalc_magic.sandbox.http.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World

READ = ("GET", "HEAD")
POST = ("POST",)
DOWNLOAD_PATH = re.compile(r"/([0-9a-fA-F-]{36})/files/(.*)", re.DOTALL)
PROJECT_PATH = re.compile(r"/projects/([0-9a-fA-F-]{36})(?:/|/files(?:/(.*))?)?", re.DOTALL)


@dataclass(frozen=True)
class Route(Endpoint):
    """A path and the function `(world, request) -> Response` behind it.

    Args:
        path: The whole path, or the pattern of one.
        function: The dotted name of the function that responds.
        methods: The HTTP methods that it takes; others get the 404 page, as on the recorded server.
        blocking: The worker pool that it needs (`file` or `password`), `None` for the event loop.
        max_body: The bytes that a body may have; 0 where it is not read.
        refuse: The name of a function that returns the response to a request that is refused whatever its
            body is, or `None`.
    """

    path: str
    function: str
    methods: tuple[str, ...] = READ
    blocking: str | None = None
    max_body: int = 0
    refuse: str = ""

    def body_limit(self, request: Request) -> int:
        """Return the limit of the route."""
        del request
        return self.max_body

    def early_response(self, world: World, request: Request) -> Response | None:
        """Return the refusal of the route, if any."""
        response: Response | None = load(self.refuse)(world, request) if self.refuse else None
        return response

    def worker_pool(self, request: Request) -> str | None:
        """Return the worker pool of the route."""
        del request
        return self.blocking

    def handle(self, world: World, request: Request) -> Response:
        """Call the function."""
        response: Response = load(self.function)(world, request)
        return response


NOT_FOUND = Endpoint()
APIS = {"v1": "http.apis.V1", "v2": "http.modern_apis.V2", "conat": "http.modern_apis.Conat"}
ROUTES = (
    Route("/", "http.pages.home"),
    Route("/app", "http.get_api_key.show_form"),
    Route("/app", "http.get_api_key.hand_over", POST, blocking="password", max_body=PAGE_LIMIT),
    Route("/auth/impersonate", "http.sign_in.by_token", ("GET",)),  # a HEAD would use up the token
    Route("/customize", "http.pages.customize"),
    Route("/robots.txt", "http.pages.robots"),
    Route("/metrics", "http.pages.metrics"),
    Route("/concurrent", "http.pages.zero"),
    Route("/concurrent-warn", "http.pages.zero"),
    Route("/alive", "http.pages.alive"),
    Route("/upload", "http.transfers.upload", POST, "file", UPLOAD_LIMIT, "http.transfers.refuse_upload"),
    Route("/sandbox", "admin.control.page"),
    Route("/sandbox/status", "admin.control.status", POST),
    Route("/sandbox/reset", "admin.control.reset", POST, blocking="file"),
    Route("/sandbox/world", "admin.control.world_id", POST),
    Route("/sandbox/ticket", "admin.control.ticket", POST),
    Route("/sandbox/keys", "admin.control.keys", POST, max_body=PAGE_LIMIT),
    Route("/sandbox/fault", "admin.control.fault", POST, max_body=PAGE_LIMIT),
    Route("/sandbox/look", "admin.control.look", POST, max_body=LOOK_LIMIT),
)
DOWNLOAD = Route(DOWNLOAD_PATH.pattern, "http.transfers.download", blocking="file")
PROJECT_PAGE = Route(PROJECT_PATH.pattern, "http.project_pages.show", ("GET",), blocking="file")
BY_PATH = {(route.path, method): route for route in ROUTES for method in route.methods}


def find(request: Request, generation: str = ALL) -> Endpoint:
    """Return what a request leads to, by its method and path; its body need not have arrived."""
    if function := ROUTES_OF_THEIR_OWN.get(generation):
        endpoint: Endpoint = load(function)(request)
        return endpoint
    if api := find_api(request, APIS):
        return api
    if request.method in READ and DOWNLOAD_PATH.fullmatch(request.path):
        return DOWNLOAD
    if request.method == "GET" and PROJECT_PATH.fullmatch(request.path):  # a HEAD would use up the token
        return PROJECT_PAGE
    return BY_PATH.get((request.path, request.method), NOT_FOUND)


def find_api(request: Request, apis: Mapping[str, str]) -> Endpoint | None:
    """Return the API that a request is for, of these by their versions; `None` for one beside them."""
    path = with_single_slashes(request.path.lower())
    if not path.startswith("/api/"):
        return None
    version, slash, _ = path.removeprefix("/api/").partition("/")
    return _api(apis[version]) if slash and version in apis else NOT_FOUND


def with_single_slashes(path: str) -> str:
    """Return a path without repeated slashes."""
    return re.sub("/{2,}", "/", path)


@cache
def _api(name: str) -> Endpoint:
    api: Endpoint = load(name)()
    return api
