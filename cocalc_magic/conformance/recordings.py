"""Recorded exchanges as cases: a file with one on each line, and the accounts that they were made with."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cocalc_magic.client.wire.messages import WireRequest
from cocalc_magic.conformance.answer import Answer
from cocalc_magic.conformance.cases import NOBODY, Case
from cocalc_magic.conformance.compare import UUID
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_REPEATED = re.compile(r"<(\d+) (.)>")
_FILLED = re.compile(r"<(.) repeated to (\d+) bytes in all>")
_BASIC = re.compile(r'Basic base64\("(.*)"\)')
_LATER = ("accept-encoding", "cookie")  # headers of cases that cannot be sent again
MAX_BODY = 64 * 1024 * 1024  # bytes of a request
MAX_RECORDED = 40 * 1024 * 1024  # bytes of an answer: one of 20 MB was recorded


def load(cases: Path, world: Path) -> list[Case]:
    """Return the cases of a file.

    Raises:
        CoCalcError: A file cannot be read, or is something else.
    """
    try:
        keys = _keys(world.read_text(encoding="utf-8"))
        lines = cases.read_text(encoding="utf-8").split("\n")
        return [_case(json.loads(line), cases.name, keys) for line in lines if line]
    except OSError as problem:
        raise CoCalcError(f"{problem.filename} cannot be read: {problem.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CoCalcError(
            f"{cases} and {world} are not recorded exchanges and their accounts.",
            "Each line of the first is an object with case, event, request and response; the second is YAML.",
        ) from None


class Ids:
    """Recorded id -> the id that a server gave in its place, learned from its answers."""

    def __init__(self) -> None:
        self._actual: dict[str, str] = {}

    def tie(self, recorded: str, actual: str) -> None:
        """Note the id that this server gave, if both are ids and none is known."""
        if UUID.fullmatch(recorded) and UUID.fullmatch(actual):
            self._actual.setdefault(recorded.lower(), actual.lower())

    def apply(self, text: str) -> str:
        """Return a text with the ids of this server."""
        return UUID.sub(self._here, text)

    def rename(self, request: WireRequest) -> WireRequest:
        """Return a request with the ids of this server in its body."""
        body = self.apply(request.body.decode("utf-8", "surrogateescape"))
        return WireRequest(
            request.path, request.headers, body.encode("utf-8", "surrogateescape"), request.method
        )

    def translate(self, answer: Answer) -> Answer:
        """Return a recorded answer with the ids of this server."""
        return Answer(answer.status, json.loads(self.apply(json.dumps(answer.value))), answer.headers)

    def learn(self, recorded: Any, actual: Any, sent: str) -> None:
        """Tie the ids of a recorded answer to those at the same places of the actual one."""
        if isinstance(recorded, dict) and isinstance(actual, dict):
            for name in recorded.keys() & actual.keys():
                self.learn(recorded[name], actual[name], sent)
        elif isinstance(recorded, list) and isinstance(actual, list):
            for before, now in zip(recorded, actual, strict=False):
                self.learn(before, now, sent)
        elif isinstance(recorded, str) and isinstance(actual, str) and recorded.lower() not in sent:
            self.tie(recorded, actual)

    def _here(self, match: re.Match[str]) -> str:
        text = self._actual.get(match[0].lower(), match[0])
        return text.upper() if match[0].lower() in self._actual and not match[0].islower() else text


def shortened(recorded: Any, actual: Any) -> Any:
    """Return the actual value, shortened as the recorder did where the recorded one is short."""
    if isinstance(recorded, dict) and recorded.get("__long_string__") and isinstance(actual, str):
        return _ends(actual)
    if isinstance(recorded, dict) and isinstance(actual, dict):
        if "__dict_truncated__" in recorded:
            kept = {name: actual.get(name) for name in recorded if name != "__dict_truncated__"}
            return {**kept, "__dict_truncated__": len(actual)}
        return {name: shortened(recorded.get(name), value) for name, value in actual.items()}
    if isinstance(recorded, list) and isinstance(actual, list):
        return _shortened_list(recorded, actual)
    return actual


def _shortened_list(recorded: list[Any], actual: list[Any]) -> list[Any]:
    if recorded and isinstance(recorded[-1], dict) and "__list_truncated__" in recorded[-1]:
        return [*actual[: len(recorded) - 1], {"__list_truncated__": len(actual)}]
    padded = [*recorded, *[None] * len(actual)]
    return [shortened(before, now) for before, now in zip(padded, actual, strict=False)]


def _ends(text: str) -> dict[str, Any]:
    size = len(text.encode("utf-8", "surrogatepass"))
    ends = {"head": text[:80], "tail": text[-160:]}
    return {"__long_string__": True, "length": len(text), "utf8_bytes": size, **ends}


def _keys(text: str) -> dict[str, str]:
    """Return what stands for a key in the recordings, and the key to send."""
    import yaml  # late: it takes long to load

    try:
        world: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError from None
    keys = {}
    for account in world["accounts"]:
        legacy, current = account["keys"]
        handle = account["handle"]
        keys[f"<KEY:{handle}>"] = current if world.get("recorded_with") == "current" else legacy
        keys[f"<KEY:{handle}/legacy>"] = legacy
        keys[f"<NEWKEY:{handle}>"] = current
    return keys


def _case(entry: Mapping[str, Any], file: str, keys: Mapping[str, str]) -> Case:
    request, response = entry["request"], entry["response"]
    headers = dict(request["headers"])
    recorded = headers.pop("authorization", None) if "authorization" in headers else NOBODY
    sender = _authorization(recorded or "(empty)", keys) if recorded != NOBODY else NOBODY
    body = _body(request)
    impossible = response["status"] is None or sender is None or body is None
    impossible |= not request["path"].startswith("/")  # it would lead to another server
    return Case(
        name=entry["case"],
        event=entry["event"],
        generation=file,
        request=WireRequest(request["path"], headers, body or b"", request["method"]),
        sender=sender or "",
        expected=Answer(response["status"], response["body"]),
        stable=entry.get("stable", True),
        skipped="it was not recorded whole" if impossible or any(map(headers.get, _LATER)) else "",
    )


def _authorization(recorded: str, keys: Mapping[str, str]) -> str | None:
    """Return the header to send; `None` where the recorded one cannot be made again."""
    encoded = _BASIC.fullmatch(recorded)
    text = encoded[1] if encoded else recorded
    for label, key in keys.items():
        text = text.replace(label, key)
    if "<" in text:
        return None
    if encoded:
        return f"Basic {base64.b64encode(text.encode()).decode()}"
    return "" if text == "(empty)" else text


def _body(request: Mapping[str, Any]) -> bytes | None:
    """Return the body to send; `None` where it was not kept whole."""
    if request.get("body_bytes") == 0:
        return b""
    try:
        data = _encoded(_expanded(request["body"]), request["headers"].get("content-type", ""))
    except _NotKept:
        return None
    return data if len(data) == request.get("body_bytes", len(data)) else None


def _encoded(body: Any, content_type: str) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        text = _REPEATED.sub(lambda match: match[2] * min(int(match[1]), MAX_BODY), body)
        size = len(text)
        return _FILLED.sub(
            lambda match: match[1] * min(int(match[2]) - size + len(match[0]), MAX_BODY), text
        ).encode()
    return (urlencode(body) if "urlencoded" in content_type else json.dumps(body)).encode()


class _NotKept(Exception):
    """A part of a request that was too long to be recorded."""


def _expanded(value: Any) -> Any:
    """Undo the shortening of long texts where that is possible. Raises `_NotKept` where it is not."""
    if isinstance(value, dict) and value.get("__long_string__"):
        letters = set(value["head"] + value["tail"])
        if len(letters) != 1:
            raise _NotKept
        return letters.pop() * min(value["length"], MAX_BODY)
    if isinstance(value, dict):
        if "__dict_truncated__" in value:
            raise _NotKept
        return {name: _expanded(item) for name, item in value.items()}
    if isinstance(value, list):
        if any(isinstance(item, dict) and "__list_truncated__" in item for item in value):
            raise _NotKept
        return [_expanded(item) for item in value]
    return value
