"""A message as a command or program that sends it: curl, HTTPie, Python, or as the HTTP itself.

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
from cocalc_magic.sanitize.secret_forms import HIDDEN, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEY = "$COCALC_API_KEY"
FORM = "application/x-www-form-urlencoded"
LONGEST_LINE = 76  # characters of a command; a longer one is broken at its options
LONGEST_ARGUMENT = 100_000  # bytes; Linux takes 128 KiB for one word of a command
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def curl(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """Return the curl command, in one of the two forms of CoCalc's guide: JSON, or key-value pairs."""
    method, path, body = _travels(event, options)
    parts = [f"curl -sS -X {method}", f'-u "{KEY}:"']
    data = _form(options) if form else _json(body)
    if body is not None and not form:
        parts.append("-H 'Content-Type: application/json'")
    if body is None:
        pass
    elif len(data.encode()) > LONGEST_ARGUMENT:
        parts = [f"{_piped(data)} {parts[0]}", *parts[1:], "-d @-"]
    elif form:
        parts += [_curl_pair(*item) for item in options.items()]
    else:
        parts.append(f"-d {shlex.quote(_laid_out(body))}")
    return _lines([*parts, shlex.quote(url + path)])


def _curl_pair(name: str, value: str) -> str:
    """Return a pair for curl to encode; one that curl would misread is encoded here."""
    if _NAME.fullmatch(name) and value.isprintable():
        return f"--data-urlencode {shlex.quote(f'{name}={value}')}"
    return f"-d {shlex.quote(_form({name: value}))}"


def _lines(parts: list[str]) -> str:
    """Return a command on one line, or where that is too long with a line for each option."""
    line = " ".join(parts)
    return line if len(line) <= LONGEST_LINE else " \\\n  ".join(parts)


def httpie(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """Return the HTTPie command: texts behind `=`, all else behind `:=`, or the whole body as it is.

    HTTPie has signs for files, headers and queries, and no way to escape all of them: a message with such
    values, and an empty one, is sent as `--raw` body.
    """
    method, path, body = _travels(event, options)
    items = [_httpie_item(name, value) for name, value in body.items()] if isinstance(body, dict) else [None]
    data = _form(options) if form else _json(body)
    rest = [f'--auth "{KEY}:"', f"{method} {shlex.quote(url + path)}"]
    start = "--form " if form else ""
    if body is not None and len(data.encode()) > LONGEST_ARGUMENT:
        return _lines([f"{_piped(data)} http {start}{rest[0]}", rest[1]])
    parts = [f"http --ignore-stdin {start}{rest[0]}", rest[1]]
    if body is None:
        return _lines(parts)
    if None in items or not (items or form):
        return _lines([*parts, f"--raw={shlex.quote(data if form else _laid_out(body))}"])
    return _lines([*parts, *(shlex.quote(str(item)) for item in items)])


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


def requests(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """Return a Python program that sends the message by requests alone."""
    method, path, body = _travels(event, options)
    value = f"    {'data' if form else 'json'}={_dict(dict(options) if form else body)},\n"
    return REQUESTS_PROGRAM.format(
        method=method.lower(), url=f"{url}{path}", body="" if body is None else value
    )


def _dict(value: Any) -> str:
    """Return a value of Python; an object that is too long for a line with a line for each name."""
    line = repr(value)
    if len(line) <= LONGEST_LINE or not isinstance(value, dict):
        return line
    items = (f"        {name!r}: {_literal(inner, 8)},\n" for name, inner in value.items())
    return f"{{\n{''.join(items)}    }}"


def http(
    url: str, event: str, options: Mapping[str, Any], *, form: bool = False, headers: Iterable[str] = ()
) -> str:
    """Return the HTTP request as text, its key masked; `headers` are those of a request that was sent."""
    method, path, body = _travels(event, options)
    _, _, rest = url.partition("://")
    host, slash, base = rest.partition("/")
    kind = FORM if form else "application/json"
    usual = [f"Authorization: Basic {HIDDEN}", *([] if body is None else [f"Content-Type: {kind}"])]
    lines = [f"{method} {slash}{base}{path} HTTP/1.1", f"Host: {host}", *(headers or usual)]
    if body is not None:
        lines += ["", _form(options) if form else _indented(body)]
    return "\n".join(lines)


REQUESTS_PROGRAM = """import os

import requests

response = requests.{method}(
    {url!r},
    auth=(os.environ["COCALC_API_KEY"], ""),
{body}    timeout=60,
)
print(response.text)
"""

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


def _laid_out(value: Any) -> str:
    """Return the value as JSON, with a line for each name where one line is too long."""
    text = _json(value)
    return text if len(text) <= LONGEST_LINE else _indented(value)


def _indented(value: Any) -> str:
    """Return the value as indented JSON, with invisible characters escaped."""
    lines = json.dumps(value, ensure_ascii=False, indent=2).split("\n")
    return "\n".join("".join(map(_visible, line)) for line in lines)


def _visible(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]


def _form(options: Mapping[str, str]) -> str:
    pairs = ((quote_plus(name), quote_plus(value, errors="surrogatepass")) for name, value in options.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def _piped(data: str) -> str:
    """Return the start of a pipe for data too long for an argument; `printf` is built into shells."""
    return f"printf %s {shlex.quote(data)} |"


def _literal(value: Any, indent: int = 4) -> str:
    """Return a value of Python over lines, but for one with a secret: in parts that could not be masked."""
    if find_secrets(line := repr(value)):
        return line
    return pprint.pformat(value, width=80, sort_dicts=False).replace("\n", f"\n{'':{indent}}")
