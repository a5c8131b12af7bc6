"""A message as the line that sends it from elsewhere, and the way back from curl.

``$COCALC_API_KEY`` stands for the key, which is never written out.
"""

from __future__ import annotations

import json
import keyword
import pprint
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cocalc_magic import catalog
from cocalc_magic.errors import InvalidSyntax, InvalidValue
from cocalc_magic.values import convert
from cocalc_magic.wire import conat, generations, v1

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message

KEY = "$COCALC_API_KEY"


def curl(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """The curl command, in one of the two forms of CoCalc's guide: JSON, or key-value pairs."""
    method, path, body = _travels(event, options)
    parts = ["curl", "-sS", "-X", method, "-u", f'"{KEY}:"']
    if form:
        for name, value in options.items():
            parts += ["--data-urlencode", shlex.quote(f"{name}={value}")]
    elif body is not None:
        text = json.dumps(body, ensure_ascii=False)
        parts += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(text)]
    return " ".join([*parts, shlex.quote(url + path)])


def httpie(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """The HTTPie command; texts stand behind ``=``, all else behind ``:=``."""
    method, path, body = _travels(event, options)
    named = isinstance(body, dict)
    items = [_httpie_item(name, value) for name, value in body.items()] if named else []
    whole = [] if named or body is None else ["--raw", shlex.quote(json.dumps(body, ensure_ascii=False))]
    parts = ["http", "--ignore-stdin", *(["--form"] if form else []), "--auth", f'"{KEY}:"', *whole]
    return " ".join([*parts, method, shlex.quote(url + path), *items])


def _httpie_item(name: str, value: Any) -> str:
    text = f"={value}" if isinstance(value, str) else f":={json.dumps(value, ensure_ascii=False)}"
    return shlex.quote(name + text)


def python(url: str, event: str, options: Mapping[str, Any]) -> str:
    """A Python program that sends the message and keeps the response."""
    arguments = "".join(f"    {name}={_literal(value)},\n" for name, value in options.items())
    if not all(name.isidentifier() and not keyword.iskeyword(name) for name in options):
        arguments = f"    **{_literal(dict(options))},\n"
    if event.isidentifier():
        call = f"client.{event}(\n{arguments})" if options else f"client.{event}()"
    else:
        call = f"client.send(\n    {event!r},\n{arguments})"
    return f"{PROGRAM_HEAD.format(url=url)}response = {call}\nprint(response.text)\n"


def _travels(event: str, options: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Method, path below the server's address, and the JSON that travels; ``None`` where nothing does."""
    found = catalog.get(event)
    if found is None or (found.generation == "v1" and not found.raw):
        return "POST", v1.path(event), dict(options)
    letter = generations.write(found, options, seconds=60.0)
    return letter.method, letter.path, json.loads(letter.body) if letter.body else None


PROGRAM_HEAD = """import os

from cocalc_magic import Client

client = Client({url!r}, os.environ["COCALC_API_KEY"])
"""


def message(event: str, options: Mapping[str, Any]) -> str:
    """The message as one JSON object, its event included."""
    return json.dumps({"event": event, **options}, indent=2, ensure_ascii=False)


def _literal(value: Any) -> str:
    return pprint.pformat(value, width=80, sort_dicts=False).replace("\n", "\n    ")


# -- back from curl --------------------------------------------------------------------------------


@dataclass
class Pasted:
    """What a curl command says: its message, its server, and whether it held a key."""

    message: Message
    options: dict[str, Any]
    server: str
    had_key: bool = False


@dataclass
class _Curl:
    """The words of a curl command, sorted."""

    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    had_key: bool = False


_ADDRESS = re.compile(r"(.*)/api/(?:(?=v1/[^/]+/?$|v2/|conat/(?:hub|project)/?$))(v1|v2|conat)/(.+?)/?")
_DATA = ("-d", "--data", "--data-raw", "--data-ascii", "--data-binary", "--data-urlencode", "--json")
_TAKES_VALUE = (
    "-X",
    "--request",
    "-o",
    "--output",
    "-m",
    "--max-time",
    "--connect-timeout",
    "-A",
    "--user-agent",
    "--cacert",
)


def from_curl(command: str) -> Pasted:
    """The message that a curl command of CoCalc's guide sends; the key in it is dropped.

    Raises :class:`InvalidSyntax` for what is no such command, and what a wrong option raises.
    """
    curl = _sorted_words(command)
    parts = urlsplit(curl.url if "://" in curl.url else f"https://{curl.url}")
    address = _ADDRESS.fullmatch(unquote(parts.path))
    if address is None:
        raise InvalidSyntax(
            "this curl command is for no message of CoCalc.",
            "Its address ends with /api/v1/EVENT, /api/v2/… or /api/conat/hub",
        )
    head, generation, name = address.groups()
    found, given = _meant(generation, name, _options(curl))
    options = {}
    for name, value in given.items():
        option = found.option(name)
        options[name] = (
            convert.from_text(option, value) if isinstance(value, str) else convert.from_json(option, value)
        )
    return Pasted(
        found, options, f"{parts.scheme}://{parts.hostname}{head}", curl.had_key or bool(parts.username)
    )


def _meant(generation: str, name: str, sent: dict[str, Any]) -> tuple[Message, dict[str, Any]]:
    """The message that was meant, and its options taken out of what they travel in."""
    if generation == "v1":
        return catalog.find(name), sent
    if generation == "v2":
        found = catalog.find(name if "/" in name else f"/{name}")
        return found, sent.get(found.within, {}) if found.within else sent
    start = conat.PROJECT if name == "project" else ""
    found = catalog.find(start + str(sent.get("name", "")))
    args = list(sent.get("args") or ())
    options = dict(zip(found.ordered, args, strict=False))
    inside = next((arg for arg in args[len(found.ordered) :] if isinstance(arg, dict)), {})
    options |= inside.get(found.within, {}) if found.within else inside
    return found, options | ({"project_id": sent["project_id"]} if "project_id" in sent else {})


def _sorted_words(command: str) -> _Curl:
    try:
        words = shlex.split(command.replace("\\\n", " ").replace("\\\r\n", " "))
    except ValueError as problem:
        raise InvalidSyntax(
            f"the curl command can't be read: {problem}.", "A quote that does not close?"
        ) from None
    if words[:1] != ["curl"]:
        raise InvalidSyntax("this is no curl command.", "Paste one that begins with curl")
    found, rest = _Curl(), iter(words[1:])
    for word in rest:
        _sort(found, word, rest)
    return found


def _sort(found: _Curl, word: str, rest: Any) -> None:
    if word.startswith("-u") and word != "-u":
        found.had_key = True
    elif word in ("-u", "--user"):
        found.had_key = bool(next(rest, ""))
    elif word in ("-H", "--header"):
        name, _, value = next(rest, "").partition(":")
        found.headers[name.strip().lower()] = value.strip()
        found.had_key |= name.strip().lower() == "authorization"
    elif word in _DATA:
        found.data.append(next(rest, ""))
        if word == "--json":
            found.headers["content-type"] = "application/json"
    elif word in _TAKES_VALUE:
        next(rest, "")
    elif not word.startswith("-"):
        found.url = word


def _options(curl: _Curl) -> dict[str, Any]:
    if "json" not in curl.headers.get("content-type", ""):
        return dict(parse_qsl("&".join(curl.data), keep_blank_values=True))
    try:
        value = json.loads("".join(curl.data) or "{}")
    except ValueError as problem:
        raise InvalidValue(f"the data of the curl command is no JSON: {problem}.") from None
    if not isinstance(value, dict):
        raise InvalidValue("the data of the curl command is no JSON object.")
    value.pop("event", None)
    return value
