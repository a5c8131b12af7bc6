"""What the sandbox serves besides messages: a path -> what answers it, ``(world, request) -> Reply``."""

from __future__ import annotations

from collections.abc import Callable

from cocalc_magic.sandbox.admin import control
from cocalc_magic.sandbox.http import get_api_key, pages, sign_in, transfers
from cocalc_magic.sandbox.http.js_compat import stringify
from cocalc_magic.sandbox.http.messages import Reply, Request, json_reply, not_there, text_reply
from cocalc_magic.sandbox.storage.settings import REGISTRATION
from cocalc_magic.sandbox.world import World

Door = Callable[[World, Request], Reply]

_NO_METRICS = {
    "error": "Sharing of metrics at /metrics is disabled.  "
    "Metrics can be enabled in the site administration page."
}


def _customize(world: World) -> Reply:
    """What a page of the site should know about it, in the recorded form."""
    return json_reply(
        200,
        {
            "configuration": {
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
            },
            "registration": world.settings.get(REGISTRATION) is not None,
            "strategies": [{"name": "email", "public": True}],
            "software": None,
        },
    )


def _read(answer: Callable[[World], Reply]) -> Door:
    """A door that is only looked at."""

    def door(world: World, request: Request) -> Reply:
        return answer(world) if request.method in ("GET", "HEAD") else not_there(request)

    return door


DOORS: dict[str, Door] = {
    "/": _read(lambda _: pages.home()),
    "/app": get_api_key.app,
    "/auth/impersonate": sign_in.by_token,
    "/customize": _read(_customize),
    "/robots.txt": _read(
        lambda _: text_reply(200, f"User-agent: *\n{'':15}Allow: /share\n{'':15}Disallow: /\n{'':15}")
    ),
    "/metrics": _read(lambda _: text_reply(200, stringify(_NO_METRICS))),
    "/concurrent": _read(lambda _: text_reply(200, "0")),
    "/alive": _read(lambda _: text_reply(200, "alive: YES")),
    "/concurrent-warn": _read(lambda _: text_reply(200, "0")),
    "/upload": transfers.upload,
    **control.CONTROLS,
}

_WAITS = {("POST", "/app"): "password", ("POST", "/upload"): "file", **control.WAITS}


def find(path: str) -> Door | None:
    """What answers a path."""
    return transfers.download if transfers.is_download(path) else DOORS.get(path)


def waits_for(method: str, path: str) -> str | None:
    """What a door may wait for, as :func:`cocalc_magic.sandbox.http.app.waits_for`."""
    return "file" if transfers.is_download(path) else _WAITS.get((method, path))
