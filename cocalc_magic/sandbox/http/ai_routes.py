"""What a request leads to on a sandbox that plays cocalc.ai, where it differs from the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http import routes
from cocalc_magic.sandbox.http.body import PAGE_LIMIT, UPLOAD_LIMIT
from cocalc_magic.sandbox.http.routes import NOT_FOUND, POST, READ, Route

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.endpoint import Endpoint
    from cocalc_magic.sandbox.http.messages import Request

APIS = {**routes.APIS, "v2": "http.ai_apis.V2", "conat": "http.ai_apis.Conat"}
ROUTES = (
    Route("/customize", "http.ai_pages.customize"),
    Route("/settings/keys", "http.ai_pages.keys"),
    Route(
        "/upload", "http.ai_transfers.upload", POST, "file", UPLOAD_LIMIT, "http.ai_transfers.refuse_upload"
    ),
    Route(
        "/blobs", "http.ai_transfers.add_blob", POST, "file", UPLOAD_LIMIT, "http.ai_transfers.refuse_blob"
    ),
)
CLI_LOGIN_PATH = re.compile(r"/auth/cli-login/([^/]+)")
CLI_LOGIN = {
    "GET": Route(CLI_LOGIN_PATH.pattern, "http.ai_cli_login.show"),
    "POST": Route(
        CLI_LOGIN_PATH.pattern, "http.ai_cli_login.approve", POST, blocking="password", max_body=PAGE_LIMIT
    ),
}
BLOB_PATH = re.compile(r"/blobs/(.+)")
BLOB = Route(BLOB_PATH.pattern, "http.ai_transfers.read_blob")
DOWNLOAD = Route(routes.DOWNLOAD_PATH.pattern, "http.ai_transfers.download", blocking="file")
GONE = ("/app", "/auth/impersonate")  # no page there hands a key over, or takes a token
_BY_PATH = {way: route for way, route in routes.BY_PATH.items() if way[0] not in GONE} | {
    (route.path, method): route for route in ROUTES for method in route.methods
}


def find(request: Request) -> Endpoint:
    """Return what a request leads to, by its method and path."""
    if endpoint := routes.find_api(request, APIS):
        return endpoint
    if CLI_LOGIN_PATH.fullmatch(request.path) and request.method in CLI_LOGIN:
        return CLI_LOGIN[request.method]
    if request.method in READ and BLOB_PATH.fullmatch(request.path):
        return BLOB
    if request.method in READ and routes.DOWNLOAD_PATH.fullmatch(request.path):
        return DOWNLOAD
    return _BY_PATH.get((request.path, request.method), NOT_FOUND)
