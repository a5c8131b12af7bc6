"""API v2 and the conat bridge over HTTP."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.api import conat, v2
from cocalc_magic.sandbox.api.bridge import TIMEOUT, event_of
from cocalc_magic.sandbox.api.methods import pool_of
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed, Refused, passed_on
from cocalc_magic.sandbox.http import body, routes, sign_in
from cocalc_magic.sandbox.http.apis import Api
from cocalc_magic.sandbox.http.auth import find_caller, parse_authorization
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.messages import Request, Response, not_found, text_response
from cocalc_magic.sandbox.js_compat import as_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.http.apis import Call
    from cocalc_magic.sandbox.world import World

    CookieHandler = Callable[[World, Request, Mapping[str, Any]], Response]

_UNREADABLE = {400: "Invalid JSON", 413: "Body exceeded 1mb limit", 415: "Invalid body"}


class _Modern(Api):
    """What API v2 and the conat bridge have in common."""

    def body_limit(self, request: Request) -> int:
        """Return the limit of all bodies that are read."""
        return body.V2_LIMIT if super().body_limit(request) else 0

    def too_large(self) -> Response:
        """Return the text for a body over the limit."""
        return text_response(413, _UNREADABLE[413])

    def misrouted(self, request: Request) -> Response | None:
        """Return a redirect for a path with too many slashes, and the 404 page for one that is unknown."""
        path, mark, query = request.target.partition("?")
        shorter = routes.with_single_slashes(path) if "//" in path else path.rstrip("/")
        if shorter != path:
            where = shorter + mark + query
            return Response(308, "text/plain; charset=utf-8", where.encode(), (("Location", where),))
        is_known = request.path.startswith(self.prefix) and self.has(request.path.removeprefix(self.prefix))
        return None if is_known else not_found(request)

    def has(self, name: str) -> bool:
        """Tell whether there is something of this name below the prefix."""
        raise NotImplementedError

    def unreadable(self, call: Call, status: int) -> Response:
        """Return the response to a body that cannot be read."""
        call.is_logged = False
        return text_response(status, _UNREADABLE[status])


COOKIE_HANDLERS: dict[str, CookieHandler] = {
    "auth/sign-in": sign_in.sign_in,
    "accounts/sign-out": sign_in.sign_out,
    "accounts/delete": sign_in.delete_account,
}
"""Names of API v2 that deal with cookies, or with the HTTP method."""
SAME_ORIGIN = ("auth/sign-up",)  # needs no key, but a page of another origin must not do it


class V2(_Modern):
    """API v2: `/api/v2/<name>`."""

    version = "v2"

    def shown(self, problem: Failed) -> Any:
        """Return the text of an Error without its kind."""
        return problem.text

    def worker_pool(self, request: Request) -> str | None:
        """Return the worker pool of the name."""
        name = request.path.removeprefix(self.prefix)
        return "password" if name == "auth/sign-in" else pool_of(v2.METHODS, name)

    def has(self, name: str) -> bool:
        """Tell whether the API has this name, whether or not the sandbox answers it."""
        return name in v2.METHODS or name in COOKIE_HANDLERS or v2.event_of(name) in catalog.messages("v2")

    def event(self, request: Request) -> str:
        """Return the name in the catalog."""
        return v2.event_of(request.path.removeprefix(self.prefix))

    def dispatch(self, world: World, call: Call) -> Any:
        """Read the body, authenticate by cookie or key, and call the method."""
        request, name = call.request, call.request.path.removeprefix(self.prefix)
        call.options = _json_options(request) if request.method == "POST" else {}
        call.caller = sign_in.find_visitor(world, request)
        if name in COOKIE_HANDLERS:
            return COOKIE_HANDLERS[name](world, request, call.options)
        if name not in v2.METHODS:
            raise v2.not_played(call.caller, name)
        if name in SAME_ORIGIN and request.is_cross_origin:
            raise Failed("it is requested by a page of another origin")
        if call.caller:  # a name refuses others before it counts
            world.rate_limit.count(name, call.caller.account_id)
        return v2.METHODS[name](world, call.caller, call.options)


class Conat(_Modern):
    """The conat bridge: `/api/conat/hub` and `/api/conat/project`.

    A body names a method and has its arguments: `{"name": "system.ping", "args": [{}], "timeout": 15000}`.
    The response is what the method returns, or `{"error": …}`, with HTTP status 200 both times.
    """

    version = "conat"

    def worker_pool(self, request: Request) -> str | None:
        """Return the worker pool of the method that the body names."""
        if request.method != "POST":
            return None
        try:
            call = body.json_value(request.body.decode("utf-8", "replace"))
        except Unreadable:
            return None
        name = call.get("name") if isinstance(call, dict) else None
        return pool_of(conat.METHODS, event_of(name, of_project=_is_of_project(request)))

    def has(self, name: str) -> bool:
        """Tell whether there is such a bridge."""
        return name in ("hub", "project")

    def event(self, request: Request) -> str:
        """Return nothing yet: the body has the name."""
        del request
        return ""

    def dispatch(self, world: World, call: Call) -> Any:
        """Read the call in the body, authenticate by key, and carry it out."""
        call.is_logged = False  # what the bridge itself refuses is not
        try:
            is_post = call.request.method == "POST"  # all other methods have an empty body
            options = _json_options(call.request, strict=False) if is_post else {}
            method_call = self._method_call(world, call.request, options)
        except Refused as problem:
            raise Failed(str(problem)) from None
        call.event, call.caller = method_call.event, method_call.caller
        call.is_logged = call.event in catalog.messages("conat")
        args = method_call.args if isinstance(method_call.args, list) else []
        call.options = next((arg for arg in args if isinstance(arg, dict)), {})
        return conat.answer(world, method_call)

    def _method_call(self, world: World, request: Request, options: Mapping[str, Any]) -> conat.Call:
        """Return the call that a request is. Raises `Failed` and `Refused`."""
        caller = find_caller(world, parse_authorization(request.headers.get("authorization")))
        timeout = as_number(options["timeout"]) if "timeout" in options else TIMEOUT
        name, args = options.get("name"), options.get("args", [])
        if not _is_of_project(request):
            if caller is None or caller.project_id:
                raise Failed("must be signed in and MUST provide an api key (cookies are not allowed)")
            return conat.call_of(caller, name, args, timeout)
        if caller is None:
            raise Failed("must sign in as project or account")
        project_id = _require_project(world, caller, options.get("project_id", caller.project_id))
        touch(world, caller, project_id)
        number = as_number(options.get("compute_server_id"))
        server = int(number) if math.isfinite(number) else 0
        return conat.call_of(caller, name, args, timeout, project_id, server)


def _is_of_project(request: Request) -> bool:
    return request.path.endswith("/project")


def _require_project(world: World, caller: Caller, project_id: Any) -> str:
    if not project_id:
        raise Failed("must specify project_id or use project-specific api key")
    if caller.project_id not in (None, project_id):
        raise Failed("project specific api key must match requested project")
    refusal = "user must be a collaborator on the project"
    with passed_on():
        return access.require_collaborator(world, caller, project_id, refusal)


def _json_options(request: Request, *, strict: bool = True) -> dict[str, Any]:
    """Return the object in a body, an empty one where there is none. Raises `Unreadable`.

    Invalid UTF-8 is an error where `strict`.
    """
    if len(request.body) > body.V2_LIMIT:
        raise Unreadable(413)
    if request.content_type == "application/x-www-form-urlencoded":
        return body.form(request.body.decode("utf-8", "replace"))
    if not request.body or request.content_type != "application/json":
        return {}
    try:
        value = body.json_value(request.body.decode(errors="strict" if strict else "replace"))
    except UnicodeDecodeError:
        raise Unreadable(400) from None
    return value if isinstance(value, dict) else {}
