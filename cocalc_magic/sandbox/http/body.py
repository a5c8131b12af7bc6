"""Parse bodies of requests as the recorded server does: JSON, forms, and their limits.

The rules are those of Express' body parser and of `qs`: JSON must be an object or array of at most 100 kB,
a form has at most 1 MB and a thousand fields, names with brackets nest, and every other content type is an
empty body.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import zlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_LIMIT = 100 * 1024
FORM_LIMIT = 1024 * 1024
V2_LIMIT = 1024 * 1024  # of every body of API v2
PAGE_LIMIT = 16 * 1024  # of a form that signs in, and of requests to the sandbox itself
LOOK_LIMIT = 300_000  # of a look, whose logo is in base64
UPLOAD_LIMIT = 60 * 1024 * 1024  # of a form with files
MAX_FIELDS = 1_000
MAX_DEPTH = 100
MAX_JSON_DEPTH = 200
MAX_INDEX = 100  # of a list in a form, or as many as the form has fields

_LIMITS = {"application/json": JSON_LIMIT, "application/x-www-form-urlencoded": FORM_LIMIT}
_JSON_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


class Unreadable(Exception):
    """Raised for a body that is refused with this HTTP status, before anything else is checked."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def limit(content_type: str) -> int | None:
    """Return how many bytes a body of this type may have; `None` where it is not read at all."""
    return _LIMITS.get(content_type.partition(";")[0].strip().lower())


def read(headers: Mapping[str, str], body: bytes, most_of_all: int | None = None) -> dict[str, Any]:
    """Return the options in a body. Raises `Unreadable`.

    Args:
        most_of_all: How many bytes it may have, whatever its type; that of its type, where it is `None`.
    """
    content_type = headers.get("content-type", "")
    most = limit(content_type)
    if most is None or not body:
        return {}
    is_json = most == JSON_LIMIT
    charset = _charset(content_type, is_json)
    most = most_of_all or most
    if len(body) > most:
        raise Unreadable(413)
    body = _inflated(headers.get("content-encoding", "identity").strip().lower(), body, most)
    text = body.decode(charset, "replace")
    return _json(text.removeprefix("\ufeff")) if is_json else form(text)


def _charset(content_type: str, is_json: bool) -> str:
    match = re.search(r'charset\s*=\s*"?([^\s;"]+)', content_type, re.IGNORECASE)
    charset = match[1].lower() if match else "utf-8"
    if not charset.startswith("utf-") if is_json else charset != "utf-8":
        raise Unreadable(415)
    try:
        return codecs.lookup(charset).name
    except LookupError:
        raise Unreadable(415) from None


def _inflated(encoding: str, body: bytes, most: int) -> bytes:
    """Decompress a body, to one byte over the limit at most."""
    if encoding == "identity":
        return body
    if encoding not in ("gzip", "deflate"):
        raise Unreadable(415)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32 if encoding == "gzip" else zlib.MAX_WBITS)
    try:
        plain = unpacker.decompress(body, most + 1)
    except zlib.error:
        raise Unreadable(400) from None
    if len(plain) > most:
        raise Unreadable(413)
    if not unpacker.eof:
        raise Unreadable(400)
    return plain


# -- JSON ------------------------------------------------------------------------------------------


def _json(text: str) -> dict[str, Any]:
    if text.lstrip(" \t\n\r")[:1] not in ("{", "["):
        raise Unreadable(400)
    value = json_value(text)
    return value if isinstance(value, dict) else {str(index): item for index, item in enumerate(value)}


def json_value(text: str) -> Any:
    """Parse any JSON value, with numbers as JavaScript has them. Raises `Unreadable`."""
    if _is_deep(text):
        raise Unreadable(400)
    try:
        return json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_no_constant)
    except ValueError:
        raise Unreadable(400) from None


def _is_deep(text: str) -> bool:
    """Tell whether values nest deeper than any message needs, which would only exhaust the stack."""
    if text.count("[") + text.count("{") <= MAX_JSON_DEPTH:
        return False
    depth = deepest = 0
    for bracket in _JSON_PARTS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(bracket[0], 0)
        deepest = max(deepest, depth)
    return deepest > MAX_JSON_DEPTH


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) < 16 else _number(digits)  # type: ignore[return-value]  # an int all the same


def _number(digits: str) -> float | int | None:
    """Return a number as JavaScript has it: a double, written without a fraction where it has none."""
    value = float(digits)
    if not math.isfinite(value):
        return None
    # JavaScript writes zeros after the digits that distinguish a large number from its neighbours.
    return int(Decimal(repr(value))) if value.is_integer() and abs(value) < 1e21 else value


def _no_constant(word: str) -> Any:
    raise ValueError(word)


# -- forms -----------------------------------------------------------------------------------------


def form(text: str) -> dict[str, Any]:
    """Parse the fields of a form; every value is text, brackets in names make lists and objects."""
    fields = [field for field in text.split("&") if field]
    if len(fields) > MAX_FIELDS:
        raise Unreadable(413)
    values: dict[str, Any] = {}
    for field in fields:
        name, _, value = field.partition("=")
        path = _path(unquote_plus(name, errors="replace"))
        if len(path) > MAX_DEPTH:
            raise Unreadable(400)
        _put(values, path, unquote_plus(value, errors="replace"))
    return {name: _as_lists(value, max(MAX_INDEX, len(fields))) for name, value in values.items()}


def _path(name: str) -> list[str]:
    first = _BRACKETS.search(name)
    if first is None:
        return [name]
    steps = _BRACKETS.findall(name[first.start() :])
    return [name[: first.start()], *steps] if first.start() else steps


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        step = step or str(len(into))
        inner = into.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = into[step] = {"0": inner}
        into = inner
    last = path[-1] if path[-1] or len(path) == 1 else str(len(into))
    if last not in into:
        into[last] = value
    elif isinstance(into[last], list):
        into[last].append(value)
    else:
        into[last] = [into[last], value]


def _as_lists(value: Any, most: int) -> Any:
    """Turn objects whose names are all small numbers into lists, in the order of these numbers."""
    if not isinstance(value, dict):
        return value
    items = {name: _as_lists(item, most) for name, item in value.items()}
    if items and all(name.isdecimal() and len(name) < 5 and int(name) <= most for name in items):
        return [items[name] for name in sorted(items, key=int)]
    return items
