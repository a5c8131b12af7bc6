"""The table of routes: what each path leads to, and the worker pool that it needs.

The prefix of a path is examined here only, once per request. Handlers are imported when they are first
needed, so that a start does not wait for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cocalc_magic.catalog import SCOPED
from cocalc_magic.sandbox.api.methods import load
from cocalc_magic.sandbox.http.api_versions import ALL
from cocalc_magic.sandbox.http.body import PAGE_LIMIT, UPLOAD_LIMIT
from cocalc_magic.sandbox.http.endpoint import Endpoint

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World

READ = ("GET", "HEAD")
POST = ("POST",)
LOOK_LIMIT = 300_000  # bytes, for a logo in base64
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
AI_APIS = {**APIS, "v2": "http.ai_apis.V2", "conat": "http.ai_apis.Conat"}
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
AI_ROUTES = (
    Route("/customize", "http.ai_pages.customize"),
    Route(
        "/upload", "http.ai_transfers.upload", POST, "file", UPLOAD_LIMIT, "http.ai_transfers.refuse_upload"
    ),
    Route(
        "/blobs", "http.ai_transfers.add_blob", POST, "file", UPLOAD_LIMIT, "http.ai_transfers.refuse_blob"
    ),
)
"""In place of others, on a sandbox that plays cocalc.ai."""
CLI_LOGIN_PATH = re.compile(r"/auth/cli-login/([^/]+)")
CLI_LOGIN = {
    "GET": Route(CLI_LOGIN_PATH.pattern, "http.cli_login.show"),
    "POST": Route(
        CLI_LOGIN_PATH.pattern, "http.cli_login.approve", POST, blocking="password", max_body=PAGE_LIMIT
    ),
}
BLOB_PATH = re.compile(r"/blobs/(.+)")
BLOB = Route(BLOB_PATH.pattern, "http.ai_transfers.read_blob")
DOWNLOAD = Route(DOWNLOAD_PATH.pattern, "http.transfers.download", blocking="file")
AI_DOWNLOAD = Route(DOWNLOAD_PATH.pattern, "http.ai_transfers.download", blocking="file")
PROJECT_PAGE = Route(PROJECT_PATH.pattern, "http.project_pages.show", ("GET",), blocking="file")
_BY_PATH = {(route.path, method): route for route in ROUTES for method in route.methods}
NOT_OF_AI = ("/app", "/auth/impersonate")  # no page of cocalc.ai hands a key over, or takes a token
_BY_AI_PATH = {way: route for way, route in _BY_PATH.items() if way[0] not in NOT_OF_AI} | {
    (route.path, method): route for route in AI_ROUTES for method in route.methods
}


def find(request: Request, generation: str = ALL) -> Endpoint:
    """Return what a request leads to, by its method and path; its body need not have arrived."""
    path = with_single_slashes(request.path.lower())
    is_ai = generation == SCOPED
    if path.startswith("/api/"):
        version, slash, _ = path.removeprefix("/api/").partition("/")
        apis = AI_APIS if is_ai else APIS
        return _api(apis[version]) if slash and version in apis else NOT_FOUND
    if is_ai:
        return _find_of_ai(request)
    if request.method in READ and DOWNLOAD_PATH.fullmatch(request.path):
        return DOWNLOAD
    if request.method == "GET" and PROJECT_PATH.fullmatch(request.path):  # a HEAD would use up the token
        return PROJECT_PAGE
    return _BY_PATH.get((request.path, request.method), NOT_FOUND)


def _find_of_ai(request: Request) -> Endpoint:
    """Return what a request beside the APIs leads to, where cocalc.ai is played."""
    if CLI_LOGIN_PATH.fullmatch(request.path) and request.method in CLI_LOGIN:
        return CLI_LOGIN[request.method]
    if request.method in READ and BLOB_PATH.fullmatch(request.path):
        return BLOB
    if request.method in READ and DOWNLOAD_PATH.fullmatch(request.path):
        return AI_DOWNLOAD
    return _BY_AI_PATH.get((request.path, request.method), NOT_FOUND)


def with_single_slashes(path: str) -> str:
    """Return a path without repeated slashes."""
    return re.sub("/{2,}", "/", path)


@cache
def _api(name: str) -> Endpoint:
    api: Endpoint = load(name)()
    return api
