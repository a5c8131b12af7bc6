"""What a leaked key can look like, where to look for it, and servers that try to bring it about."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.client
import json
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.testing import FakeServer, Request
from tests.leaks.examples import KEYS
from tests.leaks.examples import core as core_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

KEY = KEYS["sk-cc-v2"]  # of the form of today's


@functools.cache
def forms(key: str = KEY) -> dict[str, bytes]:
    """The key's random part in all the shapes that programs give to a text, by name."""
    core = core_of(key).encode()
    return {
        "plain": core,
        "backwards": core[::-1],
        "hex": core.hex().encode(),
        "HEX": core.hex().upper().encode(),
        "hex backwards": core.hex()[::-1].encode(),
        "percent": "".join(f"%{byte:02x}" for byte in core).encode(),
        "PERCENT": "".join(f"%{byte:02X}" for byte in core).encode(),
        "JSON escapes": "".join(f"\\u{byte:04x}" for byte in core).encode(),
        "HTML escapes": "".join(f"&#{byte};" for byte in core).encode(),
        "Python escapes": "".join(f"\\x{byte:02x}" for byte in core).encode(),
        "list of bytes": ", ".join(str(byte) for byte in core).encode(),
        "UTF-16": core.decode().encode("utf-16-le"),
        **{f"base64, {place} bytes in": _base64(core, place) for place in range(3)},
    }


def _base64(core: bytes, place: int) -> bytes:
    """The base64 that every longer text has in it where the core begins at this place of three.

    With and without a colon after the key, with whatever user name before it: only the characters that
    are made of the core alone are taken.
    """
    whole = base64.b64encode(b"\0" * place + core)
    return whole[-(-8 * place // 6) : 8 * (place + len(core)) // 6]


def found(content: bytes | str, key: str = KEY) -> list[str]:
    """The names of the forms in which the key is in there."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return [name for name, form in forms(key).items() if form in data]


def in_files(folder: Path, key: str = KEY) -> dict[str, list[str]]:
    """The files below a folder that have the key in them, or in their name, and in which forms."""
    hits: dict[str, list[str]] = {}
    for file in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):  # what a database has for a moment
            if hit := found(file.read_bytes(), key) + found(str(file), key):
                hits[str(file.relative_to(folder))] = hit
    return hits


# -- in memory -------------------------------------------------------------------------------------


def in_objects(roots: Mapping[str, Any], key: str = KEY) -> list[str]:
    """The ways by which inspectors, debuggers and picklers can walk from these values to the key.

    They walk through containers, attributes, exceptions, tracebacks and the variables of their frames.
    Functions and their closures are not walked through: who calls `reveal` asks for the key.
    """
    seen: set[int] = set()
    kept: list[Any] = []  # so that no id is taken again
    waiting = list(roots.items())
    hits = []
    while waiting:
        way, value = waiting.pop()
        if isinstance(value, str | bytes):
            if found(value, key):
                hits.append(way)
        elif id(value) not in seen and way.count("→") < 40:
            seen.add(id(value))
            kept.append(value)
            waiting += [(f"{way} → {name}", inner) for name, inner in _inner(value)]
    return hits


_PASSED_OVER = ("os", "IPython", "traitlets", "_pytest", "pluggy")
"""The environment is where the person put the key, and the shell's variables are looked at by name."""


def _inner(value: Any) -> Iterator[tuple[str, Any]]:
    if type(value).__module__.partition(".")[0] in _PASSED_OVER:
        return
    if isinstance(value, dict):
        yield from ((f"[{name!r}]"[:60], inner) for name, inner in list(value.items()))
        yield from (("a name", name) for name in list(value))
    elif isinstance(value, list | tuple | set | frozenset) or type(value).__name__ == "deque":
        yield from ((f"[{place}]", inner) for place, inner in enumerate(list(value)))
    elif isinstance(value, TracebackType):
        yield from (("frame", value.tb_frame), ("next", value.tb_next))
    elif isinstance(value, FrameType):
        name = f"{value.f_code.co_filename.rpartition('/')[2]}:{value.f_code.co_name}"
        if name.startswith("test_") or "/_pytest/" in value.f_code.co_filename:
            return  # these hold the key themselves
        yield from ((f"{name} {local}", inner) for local, inner in value.f_locals.items())
    if isinstance(value, BaseException):
        yield from (("cause", value.__cause__), ("context", value.__context__))
        yield ("traceback", value.__traceback__)
        yield ("args", value.args)
    if not isinstance(value, type | FrameType) and type(value).__name__ not in (
        "module",
        "function",
        "method",
    ):
        yield from getattr(value, "__dict__", {}).items()
        slots = (slot for kind in type(value).__mro__ for slot in getattr(kind, "__slots__", ()))
        yield from (
            (slot, getattr(value, slot)) for slot in slots if isinstance(slot, str) and hasattr(value, slot)
        )


# -- servers ---------------------------------------------------------------------------------------


class Hostile(FakeServer):
    """One server for each way of giving a key back, told apart by the first part of the path."""

    def __init__(self, elsewhere: str) -> None:
        super().__init__(lambda request: echo(request, elsewhere))

    @property
    def ways(self) -> dict[str, str]:
        """The address of each."""
        return {way: f"{self.url}/{way}" for way in WAYS}


def echo(request: Request, elsewhere: str) -> bytes:
    """Answer with the key of the request, in the way that its path names."""
    sent = request.headers.get("authorization", "")
    key = base64.b64decode(sent.partition(" ")[2]).decode().rstrip(":") if sent else "nobody"
    status, headers, body = WAYS[request.path.split("/")[1]](sent, key, elsewhere)
    if headers.pop("Drop", ""):
        return b"HTTP/1.1 " + bytes(body)
    reason = headers.pop("Reason", http.client.responses[status])
    lines = [
        f"{name}: {value}\r\n" for name, value in {"Content-Type": "application/json", **headers}.items()
    ]
    head = f"HTTP/1.0 {status} {reason}\r\n{''.join(lines)}\r\n"
    return head.encode("latin-1") + bytes(body)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


WAYS: dict[str, Any] = {
    "refuses": lambda given, key, _: (400, {}, _json({"error": f"Unknown authorization type '{given}'"})),
    "knows-not": lambda given, key, _: (400, {}, _json({"error": f"No account found for {key}."})),
    "fails": lambda given, key, _: (200, {}, _json({"event": "error", "error": f"{key} and {given}"})),
    "errno": lambda given, key, _: (200, {}, _json({"error": {"code": "E", "path": f"/{key}", given: given}})),
    "v2": lambda given, key, _: (200, {}, _json({"error": f"must be signed in, not {key}"})),
    "fields": lambda given, key, _: (200, {}, _json({"event": "pong", "now": given, key: [{key: {given: key}}]})),
    "records": lambda given, key, _: (200, {}, _json({"query": {"projects_all": [{"project_id": key, "title": given}] * 3}})),
    "listed": lambda given, key, _: (200, {}, _json({"response": [{"id": 1, "name": key, "trunc": given, "expire": key}]})),
    "command": lambda given, key, _: (200, {}, _json({"event": "project_exec_output", "stdout": key, "stderr": given, "exit_code": 0})),
    "escaped": lambda given, key, _: (400, {}, f'{{"error": "{_escaped(key)} {_escaped(given)}"}}'.encode()),
    "page": lambda given, key, _: (500, {"Content-Type": "text/html"}, f"<title>{key}</title><p>{given}".encode()),
    "text": lambda given, key, _: (502, {"Content-Type": "text/plain"}, f"{key}\n{given}".encode()),
    "kind": lambda given, key, _: (200, {"Content-Type": f"text/{key}"}, b"x"),
    "headers": lambda given, key, _: (404, {"Server": given, "X-Key": key, "Set-Cookie": f"k={key}", "Reason": key}, b"x"),
    "sends-away": lambda given, key, other: (307, {"Location": f"{other}/?key={key}&a={given}"}, b""),
    "sends-away-badly": lambda given, key, _: (302, {"Location": f"http://[{key}"}, b""),
    "sends-away-in-latin": lambda given, key, _: (302, {"Location": f"http://\xff\xfe/{key}"}, b""),
    "breaks": lambda given, key, _: (200, {"Content-Length": "9999"}, _json({"event": key})),
    "squeezes": lambda given, key, _: (200, {"Content-Encoding": "gzip"}, key.encode()),
    "chunks": lambda given, key, _: (200, {"Transfer-Encoding": "chunked"}, f"{key}\r\n{given}".encode()),
    "no-http": lambda given, key, _: (200, {"Drop": "yes"}, f"{key} {given}\r\n\r\n".encode()),
}  # fmt: skip
"""What a server answers, by (Authorization header, key, another server): status, headers, body."""


def hits(texts: Iterable[str | bytes], key: str = KEY) -> list[str]:
    """The texts with the key in them, cut to the place."""
    return [str(text)[:2000] for text in texts if found(text, key)]
