"""What of a server's answer is kept, and compared."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.wire.messages import WireResponse

MAX_DEPTH = 100  # of a value; a deeper one is compared as text
MAX_HEADERS, MAX_HEADER = 60, 300  # number and length of what is kept
_COOKIE = re.compile(r"(?:^|, )([\w-]{1,80})=")


@dataclass(frozen=True)
class Answer:
    """What came back: the JSON value, or the text of anything else; no status where nothing came."""

    status: int | None
    value: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def kind(self) -> str:
        """`json`, `html` or `text`."""
        if not isinstance(self.value, str):
            return "json"
        return "html" if self.value.lstrip()[:1] == "<" else "text"

    @property
    def failed(self) -> bool:
        """Whether the server refused, in whatever form servers have for it."""
        value = self.value
        if self.status is None or self.status >= 400:
            return True
        if not isinstance(value, dict):
            return False
        return is_error(value) or bool(value.get("issues")) or str(value.get("event", "")).endswith("_failed")


def is_error(value: Any) -> bool:
    """Return whether a value says that something went wrong."""
    return isinstance(value, dict) and (value.get("event") == "error" or bool(value.get("error")))


def answer_of(response: WireResponse) -> Answer:
    """Return what is compared of a response."""
    value: Any = response.body or response.location
    with suppress(ValueError, RecursionError):
        tree = json.loads(response.body, parse_constant=_not_json)
        value = response.body if _is_deep(tree) else tree
    headers = {name.lower()[:MAX_HEADER]: _header(name, text) for name, text in response.headers.items()}
    if response.location:
        headers["location"] = response.location[:MAX_HEADER]
    return Answer(response.status, value, dict(list(headers.items())[:MAX_HEADERS]))


def _header(name: str, text: str) -> str:
    """Return the beginning of a header; of cookies the names alone."""
    return ", ".join(_COOKIE.findall(text)) if name.lower() == "set-cookie" else text[:MAX_HEADER]


def _is_deep(value: Any) -> bool:
    """Return whether a value is nested deeper than any server's: functions that recurse would fail."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inside = (
            item.values() if isinstance(item, dict) else item
            for item in level
            if isinstance(item, dict | list)
        )
        level = [item for items in inside for item in items]
    return bool(level)


def _not_json(text: str) -> None:
    raise ValueError(text)
