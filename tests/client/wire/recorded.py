"""The exchanges that were recorded from a server of July 2026."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from cocalc_magic.client.wire.messages import WireResponse
from cocalc_magic.response import Request, Response

FILE = Path(__file__).parents[3] / "conformance" / "modern.jsonl"


@cache
def exchanges() -> dict[str, dict[str, Any]]:
    """All exchanges by the name of their case."""
    rows = (json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines())
    return {row["case"]: row for row in rows}


def event(row: dict[str, Any]) -> str:
    """The name under which the catalog would have the message of an exchange."""
    kind, _, name = row["event"].partition(":" if row["event"].startswith("conat/") else "/")
    if kind == "conat/project":
        return f"project:{name}"
    return name if kind == "conat/hub" or "/" in name else f"/{name}"


def reply(row: dict[str, Any]) -> WireResponse:
    """What HTTP brought: a recorded text is a page or a word unless it came as JSON."""
    got = row["response"]
    kind = got["headers"].get("content-type", "")
    body = json.dumps(got["body"]) if "json" in kind else str(got["body"])
    return WireResponse(got["status"], kind, body, got["headers"].get("location", ""))


def response(row: dict[str, Any], options: dict[str, Any] | None = None) -> Response:
    """The response that a client makes of it."""
    request = Request(event(row), options or {})
    return Response(row["response"]["body"], request, status=row["response"]["status"], server="lab")
