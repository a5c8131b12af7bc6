"""Small pages and texts of a CoCalc site, in the recorded form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http.messages import json_response, text_response
from cocalc_magic.sandbox.storage.settings import REGISTRATION

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World

CONFIGURATION = {
    "site_name": "CoCalc sandbox",
    "site_description": "An embedded CoCalc",
    "terms_of_service": "",
    "version_min_project": 0,
    "version_min_browser": 0,
    "version_recommended_browser": "0",
    "kucalc": "no",
    "new_project_pool": "0",
    "version_compute_server_min_project": "0",
    "compute_servers_dns": "",
    "jupyter_api_enabled": True,
    "country": "XX",
    "dns": "",
}


def customize(world: World, request: Request) -> Response:
    """Return what a page of the site may know about it."""
    del request
    fields = {
        "configuration": CONFIGURATION,
        "registration": world.settings.get(REGISTRATION) is not None,
        "strategies": [{"name": "email", "public": True}],
        "software": None,
    }
    return json_response(200, fields)


def _text(content: str) -> Callable[[World, Request], Response]:
    """Return a handler that responds with this text."""
    return lambda *_: text_response(200, content)


robots = _text(f"User-agent: *\n{'':15}Allow: /share\n{'':15}Disallow: /\n{'':15}")
metrics = _text(
    '{"error":"Sharing of metrics at /metrics is disabled.  '
    'Metrics can be enabled in the site administration page."}'
)
zero = _text("0")
alive = _text("alive: YES")
