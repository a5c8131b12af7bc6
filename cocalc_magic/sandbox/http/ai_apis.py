"""The APIs of cocalc.ai over HTTP: API v2 and the conat bridge at their paths, behind Express."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import get, policy
from cocalc_magic.sandbox.api import ai
from cocalc_magic.sandbox.api.ai.access import Rejected
from cocalc_magic.sandbox.api.bridge import TIMEOUT, Call, event_of
from cocalc_magic.sandbox.api.methods import pool_of
from cocalc_magic.sandbox.errors import StorageFailed, passed_on
from cocalc_magic.sandbox.http import ai_sign_in, body
from cocalc_magic.sandbox.http.ai_auth import sender_of
from cocalc_magic.sandbox.http.apis import Api
from cocalc_magic.sandbox.http.messages import Response, error_page, json_response, not_found
from cocalc_magic.sandbox.js_compat import as_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.api.ai.access import Sender
    from cocalc_magic.sandbox.errors import Failed
    from cocalc_magic.sandbox.http import apis
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World

LIMIT = 10 * 1024 * 1024  # of every body
INDENT = 2
_CORS = (
    ("Access-Control-Allow-Credentials", "true"),
    ("Vary", "Origin"),
    ("Access-Control-Allow-Headers", "Content-Type, Authorization"),
    ("Access-Control-Allow-Methods", "GET,POST,OPTIONS"),
)
_EMPTY = Response(204, "text/plain; charset=utf-8", b"")


class _Ai(Api):
    """What both have in common: bodies of 10 MB, JSON in several lines, the pages of Express."""

    version = ai.GENERATION

    def body_limit(self, request: Request) -> int:
        """Return the limit of all bodies that are read."""
        return LIMIT if super().body_limit(request) else 0

    def json(self, status: int, value: Any) -> Response:
        """Return a response of JSON, with two blanks before what is inside."""
        return json_response(status, value, indent=INDENT)

    def failure(self, error: Any) -> Response:
        """Return the failure as JSON."""
        return self.json(200, {"error": error})

    def handle(self, world: World, request: Request) -> Response:
        """Respond to a request; a page of the server's own address, and no other, may read it (CORS)."""
        response, origin = super().handle(world, request), request.headers.get("origin")
        if origin is None or origin != _own_origin(request):
            return response
        return replace(response, headers=(*response.headers, ("Access-Control-Allow-Origin", origin), *_CORS))

    def misrouted(self, request: Request) -> Response | None:
        """Return nothing to an OPTIONS, for whatever path, and the 404 page for an unknown one."""
        if request.method == "OPTIONS":
            return _EMPTY
        if not request.path.startswith(self.prefix) or not self.has(request.path.removeprefix(self.prefix)):
            return not_found(request)
        return None

    def has(self, name: str) -> bool:
        """Tell whether there is something of this name below the prefix."""
        raise NotImplementedError

    def unreadable(self, call: apis.Call, status: int) -> Response:
        """Return the error page."""
        call.is_logged = False
        return error_page(status)


class V2(_Ai):
    """API v2: `/api/v2/<name>`."""

    @property
    def prefix(self) -> str:
        """The beginning of its paths."""
        return "/api/v2/"

    def worker_pool(self, request: Request) -> str | None:
        """Return the worker pool of the name."""
        name = request.path.removeprefix(self.prefix)
        return "password" if name in ai_sign_in.HANDLERS else pool_of(ai.V2, name)

    def has(self, name: str) -> bool:
        """Tell whether the API has this name, whether or not the sandbox answers it."""
        return name in policy.rules("v2")

    def event(self, request: Request) -> str:
        """Return the name in the catalog."""
        name = request.path.removeprefix(self.prefix)
        return name if "/" in name else f"/{name}"

    def failure(self, error: Any) -> Response:
        """Return the failure as JSON: a text as `error`, an object as the whole response."""
        return self.json(200, error if isinstance(error, dict) else {"error": error})

    def shown(self, problem: Failed) -> Any:
        """Return the text of an Error, or all of a refusal that is more than a text."""
        if isinstance(problem, StorageFailed):
            raise problem
        return problem.error if isinstance(problem, Rejected) else problem.text

    def handle(self, world: World, request: Request) -> Response:
        """Respond to a request; where the database cannot be used, as to an exception of the server."""
        try:
            return super().handle(world, request)
        except StorageFailed:
            return self.json(500, {"error": "api_v2_error"})

    def dispatch(self, world: World, call: apis.Call) -> Any:
        """Check the method, read the body, find out who asks, pass the policy, and call the method."""
        request, name = call.request, call.request.path.removeprefix(self.prefix)
        rule = policy.rules("v2")[name]
        if request.method != "POST" and rule.names("method"):
            return self._wrong_method(rule.names("method")[0])
        call.options = _options(request) if request.method == "POST" else {}
        sender = sender_of(world, request)
        call.caller = sender.caller
        ai.check(world, name, sender, call.options)
        if name in ai_sign_in.HANDLERS:
            return ai_sign_in.HANDLERS[name](world, request, call.options)
        if name == "monitoring/startup":
            return _EMPTY
        return ai.answer(world, name, call.caller, call.options)

    def _wrong_method(self, own_words: str) -> Response:
        """Return the response to another method than POST; a name with words of its own says no more."""
        allow = () if own_words else (("Allow", "POST"),)
        error = own_words or policy.texts()["method"]
        return json_response(405, {"error": error}, allow, INDENT)


class Conat(_Ai):
    """The conat bridge: `/api/conat/hub` and `/api/conat/project`."""

    @property
    def prefix(self) -> str:
        """The beginning of its paths."""
        return "/api/conat/"

    def worker_pool(self, request: Request) -> str | None:
        """Return the pool of commands: a project that does not run is waited for, the hub answers by name."""
        return "command" if request.method == "POST" else None

    def has(self, name: str) -> bool:
        """Tell whether there is such a bridge."""
        return name in (policy.HUB, policy.PROJECT)

    def event(self, request: Request) -> str:
        """Return nothing yet: the body has the name."""
        del request
        return ""

    def shown(self, problem: Failed) -> Any:
        """Return all of a failure, with the kind of an Error; what the bridge itself refuses is a text."""
        return problem.error

    def dispatch(self, world: World, call: apis.Call) -> Any:
        """Read the call in the body, pass the policy, and carry it out."""
        call.is_logged = False  # what the bridge itself refuses is not
        options = _options(call.request) if call.request.method == "POST" else {}
        sender = sender_of(world, call.request)
        of_project = call.request.path.endswith(policy.PROJECT)
        name, args = options.get("name"), options.get("args", [])
        self._check(world, sender, options, of_project=of_project)
        assert sender.key  # noqa: S101 - the bridge takes nobody else
        call.caller, call.event = sender.key, event_of(name, of_project=of_project)
        call.is_logged = get(call.event, ai.GENERATION) is not None if call.event else False
        call.options = (
            next((arg for arg in args if isinstance(arg, dict)), {}) if isinstance(args, list) else {}
        )
        timeout = as_number(options["timeout"]) if "timeout" in options else TIMEOUT
        if not of_project:
            subject = f"hub.account.{sender.key.account_id}.api"
            return ai.answer_hub(world, Call(sender.key, name, args, timeout, subject))
        project_id = str(options["project_id"]).lower()
        subject = f"project.{project_id}.api.-"
        return ai.answer_project(world, Call(sender.key, name, args, timeout, subject, project_id))

    def _check(self, world: World, sender: Sender, options: Mapping[str, Any], *, of_project: bool) -> None:
        """Raise `Failed`, with a text alone, for what the bridge refuses."""
        with passed_on():
            if of_project:
                ai.check_project(world, sender, options)
            else:
                ai.check_hub(world, sender, options)


def _own_origin(request: Request) -> str:
    """Return the address that a request was sent to, as a browser tells it of a page."""
    headers = request.headers
    scheme = headers.get("x-forwarded-proto", "").partition(",")[0].strip() or "http"
    host = headers.get("x-forwarded-host", "").partition(",")[0].strip() or headers.get("host", "")
    return f"{scheme}://{host}"


def _options(request: Request) -> dict[str, Any]:
    """Return the options in a body. Raises `Unreadable`."""
    return body.read(request.headers, request.body, LIMIT)
