"""A message as a command or program that sends it: curl, HTTPie, Python.

`$COCALC_API_KEY` stands for the key, which is never written out. Whatever the values are, exactly the message
arrives: a value that a tool would misread (HTTPie's `=@file`) is written another way.
"""

from __future__ import annotations

import json
import keyword
import pprint
import re
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from cocalc_magic import catalog
from cocalc_magic.client.wire import WIRES

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "$COCALC_API_KEY"
LONGEST_ARGUMENT = 100_000  # bytes; Linux takes 128 KiB for one word of a command
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def curl(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """Return the curl command, in one of the two forms of CoCalc's guide: JSON, or key-value pairs."""
    method, path, body = _travels(event, options)
    target = ["-X", method, "-u", f'"{KEY}:"']
    data = _form(options) if form else _json(body)
    if body is None:
        return " ".join(["curl", "-sS", *target, shlex.quote(url + path)])
    if not form:
        target += ["-H", "'Content-Type: application/json'"]
    if len(data.encode()) > LONGEST_ARGUMENT:
        words = [*_piped(data), "curl", "-sS", *target, "-d", "@-"]
    elif form:
        words = ["curl", "-sS", *target, *(word for item in options.items() for word in _curl_pair(*item))]
    else:
        words = ["curl", "-sS", *target, "-d", shlex.quote(data)]
    return " ".join([*words, shlex.quote(url + path)])


def _curl_pair(name: str, value: str) -> tuple[str, str]:
    """Return a pair for curl to encode; one that curl would misread is encoded here."""
    if _NAME.fullmatch(name) and value.isprintable():
        return ("--data-urlencode", shlex.quote(f"{name}={value}"))
    return ("-d", shlex.quote(_form({name: value})))


def httpie(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """Return the HTTPie command: texts behind `=`, all else behind `:=`, or the whole body as it is.

    HTTPie has signs for files, headers and queries, and no way to escape all of them: a message with such
    values, and an empty one, is sent as `--raw` body.
    """
    method, path, body = _travels(event, options)
    items = [_httpie_item(name, value) for name, value in body.items()] if isinstance(body, dict) else [None]
    data = _form(options) if form else _json(body)
    head = [
        "http",
        *(["--form"] if form else []),
        "--auth",
        f'"{KEY}:"',
        method,
        shlex.quote(url + path),
    ]
    if body is None:
        return " ".join([head[0], "--ignore-stdin", *head[1:]])
    if len(data.encode()) > LONGEST_ARGUMENT:
        return " ".join([*_piped(data), *head])
    head.insert(1, "--ignore-stdin")
    if None in items or not (items or form):
        return " ".join([*head, f"--raw={shlex.quote(data)}"])
    return " ".join([*head, *(shlex.quote(str(item)) for item in items)])


def _httpie_item(name: str, value: Any) -> str | None:
    """Return one item; `None` where HTTPie would misread it: a backslash escapes its signs."""
    text = value if isinstance(value, str) else _json(value)
    if not _NAME.fullmatch(name) or "\\" in text or not text.isprintable():
        return None
    if not isinstance(value, str):
        return f"{name}:={text}"
    return None if text.startswith(("=", "@")) else f"{name}={text}"


def python(url: str, event: str, options: Mapping[str, Any]) -> str:
    """Return a Python program that sends the message and keeps the response."""
    if all(name.isidentifier() and not keyword.iskeyword(name) for name in options):
        arguments = "".join(f"    {name}={_literal(value)},\n" for name, value in options.items())
    else:
        arguments = f"    **{_literal(dict(options))},\n"
    if event.isidentifier():
        call = f"client.{event}(\n{arguments})" if options else f"client.{event}()"
    else:
        call = f"client.send(\n    {event!r},\n{arguments if options else ''})"
    return f"{PROGRAM_HEAD.format(url=url)}response = {call}\nprint(response.text)\n"


PROGRAM_HEAD = """import os

from cocalc_magic import Client

client = Client({url!r}, os.environ["COCALC_API_KEY"])
"""


def message(event: str, options: Mapping[str, Any]) -> str:
    """Return the message as one JSON object, its event included."""
    return json.dumps({"event": event, **options}, indent=2, ensure_ascii=False)


def _travels(event: str, options: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Return method, path below the server's address, and the JSON that travels, or `None`."""
    message = catalog.get(event)
    if message is None:
        return "POST", WIRES["v1"].path(event), dict(options)
    try:
        request = WIRES[message.generation].encode(message, options, seconds=60.0)
    except ValueError:  # a number that JSON can't carry, in what a server has sent back
        return "POST", WIRES[message.generation].path(event), dict(options)
    return request.method, request.path, json.loads(request.body) if request.body else None


def _json(value: Any) -> str:
    """Return the value as JSON on one line, with invisible characters escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def _form(options: Mapping[str, str]) -> str:
    pairs = ((quote_plus(name), quote_plus(value, errors="surrogatepass")) for name, value in options.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def _piped(data: str) -> list[str]:
    """Return the start of a pipe for data too long for an argument; `printf` is built into shells."""
    return ["printf", "%s", shlex.quote(data), "|"]


def _literal(value: Any) -> str:
    return pprint.pformat(value, width=80, sort_dicts=False).replace("\n", "\n    ")
