"""A server of today, played from what was recorded of a real one."""

from __future__ import annotations

import itertools
import json
from typing import Any

from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from tests.client.wire.recorded import exchanges

KEY = "sk-Marked0Marked0Mark00001n"
PAGE = str(exchanges()["unknown-v2"]["response"]["body"])
_COUNT = itertools.count()
PATHS = {"v1": "/api/v1/", "v2": "/api/v2/", "conat": "/api/conat/"}


class Played(FakeServer):
    """Answers a request as it was recorded with the same words; notes all that it got.

    `extra` answers come first, by path and the name in a conat body, each given once in order.
    """

    def __init__(self, *generations: str) -> None:
        super().__init__(self._respond)
        self.generations = set(generations)
        # Of its own, since ports come again, and what is known of an address is known in the whole process.
        self.prefix = f"/played-{next(_COUNT)}"
        self.url += self.prefix
        self.got: list[tuple[str, str, Any]] = []  # path, Authorization, body
        self.extra: dict[str, list[Any]] = {}

    @property
    def asked(self) -> list[str]:
        """Paths of signed requests, those of conat with the name of the message."""
        return [_name(path, body) for path, key, body in self.got if key]

    @property
    def probes(self) -> list[str]:
        """Paths of requests without a key."""
        return [path for path, key, _ in self.got if not key]

    def body(self, at: int = -1) -> Any:
        """The body of a request."""
        return self.got[at][2]

    def _respond(self, request: Request) -> Response:
        text = request.body.decode()
        try:
            body = json.loads(text)
        except ValueError:
            body = text
        path, key = request.target.removeprefix(self.prefix), request.headers.get("authorization", "")
        self.got.append((path, key, body))
        status, content_type, text = self._recorded(path, key, body)
        return Response(status, content_type, text.encode())

    def _recorded(self, path: str, key: str, body: Any) -> tuple[int, str, str]:
        """Status, content type and text."""
        if path.startswith("/upload?") and "v2" in self.generations:
            uploaded = exchanges()["upload-ok" if key else "upload-nokey"]["response"]
            kind = uploaded["headers"].get("content-type", "")
            text = uploaded["body"] if isinstance(uploaded["body"], str) else json.dumps(uploaded["body"])
            return uploaded["status"], kind, text
        if not any(path.startswith(PATHS[generation]) for generation in self.generations):
            return 404, "text/html; charset=utf-8", PAGE
        if waiting := self.extra.get(_name(path, body)):
            return 200, "application/json", json.dumps(waiting.pop(0))
        if path.startswith(PATHS["v1"]):
            return self._old(key, body)
        for row in exchanges().values():
            if _same(row, path, key, body):
                got = row["response"]
                return got["status"], "application/json", json.dumps(got["body"])
        known = any(row["request"]["path"] == path for row in exchanges().values())
        if not known:
            return 404, "text/html; charset=utf-8", PAGE
        return 200, "application/json", json.dumps({"error": f"not recorded: {json.dumps(body)}"})

    def _old(self, key: str, body: Any) -> tuple[int, str, str]:
        if not key:
            wrong = {"error": "You must provide authentication via an API key."}
            return 400, "application/json", json.dumps(wrong)
        sent = body if isinstance(body, dict) else {}
        return 200, "application/json", json.dumps({"event": "pong", "id": sent.get("id")})


def _name(path: str, body: Any) -> str:
    """The path, or for conat the name of the message with what tells hub and project apart."""
    if path.startswith(PATHS["conat"]) and isinstance(body, dict):
        return f"{path.rpartition('/')[2]}:{body.get('name')}"
    return path


def _same(row: dict[str, Any], path: str, key: str, body: Any) -> bool:
    """Whether a recorded request says the same, time limits and ids of messages aside."""
    authenticated = row["request"]["headers"].get("authorization", "")
    if (
        row["request"]["path"] != path
        or bool(authenticated) != bool(key)
        or "cookie" in row["request"]["headers"]
    ):
        return False
    if authenticated and not authenticated.startswith('Basic base64("<KEY:alice>'):
        return False
    return bool(_bare(row["request"]["body"]) == _bare(body))


def _bare(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    bare = {name: value for name, value in body.items() if name != "timeout"}
    if isinstance(bare.get("mesg"), dict):
        bare["mesg"] = _without(bare["mesg"], "id", "project_id", "timeout")
    if isinstance(bare.get("args"), list):
        args = [_without(arg, "timeout") if isinstance(arg, dict) else arg for arg in bare["args"]]
        bare["args"] = [arg for arg in args if arg != {}]
    return bare


def _without(options: dict[str, Any], *names: str) -> dict[str, Any]:
    """The options but for some that may differ, and for arguments that are none."""
    return {
        name: value for name, value in options.items() if name not in names and (name, value) != ("args", [])
    }
