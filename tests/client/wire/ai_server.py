"""A server with scoped keys, played: it answers by the name of a message, and notes what it got."""

from __future__ import annotations

import itertools
import json
from typing import Any

from cocalc_magic.sandbox.testing import FakeServer, Request, Response

KEY = "sk-cc-v2.MarkedMarkedMark.MarkedMarkedMarkedMarkedMarkedMarkedMarkedM"
SESSION = "sha512$Marked0$1000$5e5510115e551011"
PAGE = "<!DOCTYPE html><html><body><pre>Cannot POST</pre></body></html>"
STOPPED = {
    "error": "timeout - callHub: subject='project.p.api', name='system.ping', code='408 '",
}
_COUNT = itertools.count()


class AiServer(FakeServer):
    """Answers by name; a list gives one answer after the other, the last one again and again."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__(self._respond)
        # Of its own, since what is known of an address is known in the whole process.
        self.prefix = f"/ai-{next(_COUNT)}"
        self.url += self.prefix
        self.answers = {"projects/start": {"status": "ok"}, "project:system.ping": {"now": 1}, **answers}
        self.got: list[tuple[str, Any, str]] = []  # name, options, who
        self.probes: list[str] = []

    @property
    def names(self) -> list[str]:
        """The names of all messages, in order."""
        return [name for name, _, _ in self.got]

    @property
    def senders(self) -> dict[str, str]:
        """Who sent each message last."""
        return {name: who for name, _, who in self.got}

    def options(self, name: str) -> Any:
        """The options of the last message of this name."""
        return next(options for known, options, _ in reversed(self.got) if known == name)

    def _respond(self, request: Request) -> Response:
        path, body = request.target.removeprefix(self.prefix), json.loads(request.body or b"{}")
        if path == "/api/conat/hub" and not body:
            self.probes.append(path)
            return _json({"error": "You must provide authentication via an API key."})
        if path == "/api/v2/auth/cli/login/status":
            self.probes.append(path)
            return _json({"error": "invalid challenge id"})
        name = _name(path, body)
        self.got.append((name, body, _who(request)))
        answer = self.answers.get(name)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return Response(404, "text/html", PAGE.encode()) if name not in self.answers else _json(answer)


def _name(path: str, body: Any) -> str:
    if path.startswith("/api/conat/"):
        return f"{'project:' if path.endswith('/project') else ''}{body['name']}"
    name = path.removeprefix("/api/v2/")
    return name if "/" in name else f"/{name}"


def _who(request: Request) -> str:
    if request.headers.get("authorization"):
        return "key"
    return "session" if request.headers.get("cookie") == f"remember_me={SESSION}" else "nobody"


def _json(value: Any) -> Response:
    return Response(200, "application/json", json.dumps(value, indent=2).encode())
