"""The conat bridge of today's servers: ``/api/conat/hub`` and ``/api/conat/project``.

A body names a method and has its arguments: ``{"name": "system.ping", "args": [{}], "timeout": 15000}``.
The answer is what the method gives, as bare JSON, or ``{"error": …}``, with HTTP status 200 both times.
What goes wrong in a method begins with the name of JavaScript's error (``Error: ``), but for a few
methods; what goes wrong in the bridge does not.
"""

from __future__ import annotations

import math
import re
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.api import conat as methods
from cocalc_magic.sandbox.domain import access
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http import body as bodies
from cocalc_magic.sandbox.http.auth import Refused, key_of, known_caller
from cocalc_magic.sandbox.http.body import Unreadable
from cocalc_magic.sandbox.http.js_compat import as_number
from cocalc_magic.sandbox.http.messages import Reply, Request, json_reply, not_there, text_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

PREFIX = "/api/conat/"
HUB, PROJECT = PREFIX + "hub", PREFIX + "project"
TIME_LIMIT = 15_000  # milliseconds, where a request names none
LONGEST = 2**31 - 1  # milliseconds; JavaScript's timers take more for none at all
NO_HUB_KEY = "must be signed in and MUST provide an api key (cookies are not allowed)"
NO_PROJECT_KEY = "must sign in as project or account"
_NAMED = re.compile(r"(\w*Error|error)( \[\w+\])?: ")
_UNREADABLE = {400: "Invalid JSON", 413: "Body exceeded 1mb limit", 415: "Invalid body"}


@dataclass(frozen=True)
class _Call:
    """A method that is called: by whom, where, and how long the answer may take (milliseconds)."""

    caller: Caller
    name: Any
    args: Any
    limit: float
    project_id: str | None = None
    server: int = 0  # a compute server of the project; there is none here

    @property
    def event(self) -> str:
        """The method's name in the catalog; what follows a second dot does not count, as recorded."""
        short = ".".join(self.name.split(".")[:2]) if isinstance(self.name, str) else ""
        return f"project:{short}" if self.project_id else short

    def too_late(self, words: str, code: str) -> Failed:
        """The bridge's words for a call that it gave up."""
        if self.project_id:
            subject = f"project.{self.project_id}.{self.server}.api.-"
        else:
            subject = f"hub.account.{self.caller.account_id}.api"
        return Failed(f"{words} - callHub: subject='{subject}', name='{self.name}', code='{code}' ")


def waits_for(path: str, body: bytes) -> str | None:
    """What answering may wait for; see :func:`cocalc_magic.sandbox.http.app.waits_for`."""
    try:
        given = bodies.json_value(body.decode("utf-8", "replace"))
    except Unreadable:
        return None
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(name, str):
        return None
    short = ".".join(name.split(".")[:2])
    return methods.WAITS.get(f"project:{short}" if path == PROJECT else short)


def respond(world: World, request: Request) -> Reply:
    """Answers one request, of whatever HTTP method. Never raises for what a request holds."""
    if request.path.endswith("/"):
        shorter = request.path.rstrip("/")
        return Reply(308, "text/plain; charset=utf-8", shorter.encode(), (("Location", shorter),))
    if request.path not in (HUB, PROJECT):
        return not_there(request)
    try:
        given = _body(request)
        call = _call(world, request, given)
    except Unreadable as problem:
        return text_reply(problem.status, _UNREADABLE[problem.status])
    except (Failed, Refused) as problem:
        return json_reply(200, {"error": str(problem)})
    started = time.perf_counter()
    try:
        answer, outcome = _answer(world, call), "answered"
    except Failed as problem:
        answer, outcome = {"error": problem.error}, "error"
    _note(world, call, outcome, time.perf_counter() - started)
    return json_reply(200, answer)


def _body(request: Request) -> Mapping[str, Any]:
    """The object in a body; an empty one where there is none. Raises :class:`Unreadable`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(request.body) > bodies.V2_LIMIT:
        raise Unreadable(413)
    if not request.body:
        return {}
    text = request.body.decode("utf-8", "replace")
    if kind == "application/x-www-form-urlencoded":
        return bodies.form(text)
    value = bodies.json_value(text) if kind == "application/json" else {}
    return value if isinstance(value, dict) else {}


def _call(world: World, request: Request, given: Mapping[str, Any]) -> _Call:
    """The call that a request is. Raises :class:`Failed` and :class:`Refused`."""
    key = key_of(request.headers.get("authorization"))
    caller = known_caller(world, key) if key else None
    limit = as_number(given["timeout"]) if "timeout" in given else TIME_LIMIT
    name, args = given.get("name"), given.get("args", [])
    if request.path == HUB:
        if caller is None or caller.project_id:
            raise Failed(NO_HUB_KEY)
        return _Call(caller, name, args, limit)
    if caller is None:
        raise Failed(NO_PROJECT_KEY)
    project_id = _project(world, caller, given.get("project_id", caller.project_id))
    touch(world, caller, project_id)
    server = as_number(given.get("compute_server_id"))
    return _Call(caller, name, args, limit, project_id, int(server) if math.isfinite(server) else 0)


def _project(world: World, caller: Caller, given: Any) -> str:
    if not given:
        raise Failed("must specify project_id or use project-specific api key")
    if caller.project_id not in (None, given):
        raise Failed("project specific api key must match requested project")
    return access.require_collaborator(world, caller, given, "user must be a collaborator on the project")


def _answer(world: World, call: _Call) -> Any:
    """What the method gives. Raises :class:`Failed`."""
    if call.limit <= 0:
        raise call.too_late("timeout must be positive", "undefined")
    if not 1 < call.limit <= LONGEST or call.server:
        raise call.too_late("timeout - Error: operation has timed out", "408")
    event = call.event
    try:
        method = methods.find(call.name, event)
        answer = partial(method, world, call.project_id or call.caller, methods.options_of(event, call.args))
        return _in_time(call, answer) if event in methods.WAITS else answer()
    except Failed as problem:
        if event in methods.BARE or not isinstance(problem.error, str) or _is_ours(problem.error):
            raise
        raise Failed(problem.error if _NAMED.match(problem.error) else f"Error: {problem.error}") from None


def _is_ours(words: str) -> bool:
    """Whether the bridge says it, not the method."""
    return words.startswith("timeout") and " - callHub: " in words


def _in_time(call: _Call, method: Callable[[], Any]) -> Any:
    """What a method gives within the call's time; afterwards it goes on, and nobody hears of it."""
    worker = ThreadPoolExecutor(1, thread_name_prefix="method")
    future = worker.submit(method)
    worker.shutdown(wait=False)
    done, _ = wait([future], call.limit / 1000)
    if not done:
        raise call.too_late("timeout", "408")
    return future.result()


def _note(world: World, call: _Call, outcome: str, seconds: float) -> None:
    """Lets people who look at the sandbox see the call."""
    if call.event not in catalog.messages("conat"):
        return
    first = (
        next((one for one in call.args if isinstance(one, dict)), {}) if isinstance(call.args, list) else {}
    )
    world.recent.note(call.event, call.caller.account_id, first, outcome, seconds)
