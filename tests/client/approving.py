"""A server on whose page a person approves a sign-in, played; its tokens are those of these tests alone."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import Any

from cocalc_magic.sandbox.testing import FakeServer, Request, Response

CHALLENGE = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
POLL, REDEEM = "poll-LeakCanary7Wq5Zk00zX", "redeem-LeakCanary8Vp4Yj3Xh"
COOKIE = "sha512$LeakCanary$1000$9Ur3T1a2b3c4"
SECRETS = (POLL, REDEEM, COOKIE)
UNKNOWN = {"error": "invalid challenge id"}


def moment(seconds: float) -> str:
    """A time so many seconds from now, as the server writes it."""
    at = datetime.fromtimestamp(time.time() + seconds, timezone.utc)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Approving(FakeServer):
    """Has the sign-in by a page; it is approved when it was asked for `questions` times.

    `answers` replaces the answer to a path by a value, or by what a function of the request returns unless
    that is `None`.
    """

    def __init__(self, questions: int = 1, **answers: Any) -> None:
        super().__init__(self._respond)
        self.questions, self.answers = questions, answers

    @property
    def asked(self) -> list[tuple[str, Any]]:
        """Names and bodies of the requests."""
        return [(_name(request), json.loads(request.body or b"null")) for request in self.requests]

    def headers_of(self, name: str) -> list[Any]:
        """Headers of the requests of this name."""
        return [request.headers for request in self.requests if _name(request) == name]

    def _respond(self, request: Request) -> Any:
        name = _name(request)
        short = name.rpartition("/")[2].replace("-", "_")
        if short in self.answers:
            answer = self.answers[short]
            answer = answer(request) if callable(answer) else answer
            if answer is not None:
                return answer
        usual = {"start": self._start, "status": self._status, "redeem": self._redeem}
        if name.startswith("auth/cli/login/") and short in usual:
            return usual[short](json.loads(request.body))
        if name == "accounts/sign-out":
            return {"status": "success"}
        return Response(404, "text/html", b"<pre>Cannot POST</pre>")

    def _start(self, _: Any) -> Any:
        page = f"{self.url}/auth/cli-login/{CHALLENGE}"
        return {
            "challenge_id": CHALLENGE, "poll_token": POLL, "approval_url": page,
            "expires_at": moment(600), "home_bay_id": "bay-0",
        }  # fmt: skip

    def _status(self, body: Any) -> Any:
        if body.get("challenge_id") != CHALLENGE:
            return UNKNOWN
        if body.get("poll_token") != POLL:
            return {"error": "invalid cli auth poll token"}
        self.questions -= 1
        answer = {"challenge_id": CHALLENGE, "kind": "login", "state": "pending", "expires_at": moment(600)}
        return answer if self.questions >= 0 else {**answer, "state": "approved", "redeem_token": REDEEM}

    def _redeem(self, body: Any) -> Any:
        if body != {"challenge_id": CHALLENGE, "redeem_token": REDEEM}:
            return {"error": "invalid cli auth redeem token"}
        return {
            "account_id": CHALLENGE, "remember_me": COOKIE, "expire": moment(8 * 3600 + 30), "home_bay_id": "bay-0",
            "email_address": "iris@example.edu", "display_name": "Iris Instructor", "first_name": "Iris",
            "last_name": "Instructor", "factor_level": "none", "fresh_auth_until": None,
        }  # fmt: skip


def _name(request: Request) -> str:
    return request.path.partition("/api/v2/")[2]
