"""What a page of cocalc.ai may know of the site, and of who has it open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.registration import is_required
from cocalc_magic.sandbox.domain.site import PAGE_SETTINGS
from cocalc_magic.sandbox.http.ai_auth import sender_of
from cocalc_magic.sandbox.http.messages import json_response
from cocalc_magic.sandbox.http.pages import page

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.messages import Request, Response
    from cocalc_magic.sandbox.world import World

_GONE = ("jupyter_api_enabled", "compute_servers_enabled", "version_min_project")


def keys(world: World, request: Request) -> Response:
    """Answer where people make their keys, with what makes one here."""
    del world, request
    words = (
        "This sandbox makes keys in a notebook: <code>%cocalc sandbox keys create --scope project:exec</code>"
    )
    return page("Keys", f"<p>{words}</p>")


def customize(world: World, request: Request) -> Response:
    """Answer `GET /customize`; any good key counts as signed in."""
    caller = sender_of(world, request).caller
    settings: dict[str, Any] = {name: value for name, value in PAGE_SETTINGS.items() if name not in _GONE}
    who = {"is_authenticated": caller is not None, "is_admin": bool(caller and caller.admin)}
    site = {"dns": request.headers.get("host", ""), "cloudflare_mode": "none", "public_viewer_dns": ""}
    fields = {
        "configuration": {**settings, **site, **who},
        "registration": is_required(world),
        "strategies": [{"name": "email", "public": True}],
        "software": None,
    }
    return json_response(200, fields, indent=2)
