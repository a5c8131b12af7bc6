"""A message as the line that sends it from elsewhere.

``$COCALC_API_KEY`` stands for the key, which is never written out.
"""

from __future__ import annotations

import json
import pprint
import shlex
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.wire import conat, generations, v1, v2

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "$COCALC_API_KEY"


def curl(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """The curl command, in one of the two forms of CoCalc's guide: JSON, or key-value pairs."""
    parts = ["curl", "-sS", "-X", "POST", "-u", f'"{KEY}:"']
    if form:
        for name, value in options.items():
            parts += ["--data-urlencode", shlex.quote(f"{name}={value}")]
    else:
        body = json.dumps(_body(event, options), ensure_ascii=False)
        parts += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(body)]
    return " ".join([*parts, shlex.quote(url + _path(event))])


def httpie(url: str, event: str, options: Mapping[str, Any], *, form: bool = False) -> str:
    """The HTTPie command; texts stand behind ``=``, all else behind ``:=``."""
    items = [
        shlex.quote(
            f"{name}={value}"
            if isinstance(value, str)
            else f"{name}:={json.dumps(value, ensure_ascii=False)}"
        )
        for name, value in _body(event, options).items()
    ]
    kind = ["--form"] if form else []
    return " ".join(
        [
            "http",
            "--ignore-stdin",
            *kind,
            "--auth",
            f'"{KEY}:"',
            "POST",
            shlex.quote(url + _path(event)),
            *items,
        ]
    )


def python(url: str, event: str, options: Mapping[str, Any]) -> str:
    """A Python program that sends the message and keeps the response."""
    arguments = "".join(f"    {name}={_literal(value)},\n" for name, value in options.items())
    if event.isidentifier():
        call = f"client.{event}(\n{arguments})" if options else f"client.{event}()"
    else:
        call = f"client.send(\n    {event!r},\n{arguments})"
    return f"{PROGRAM_HEAD.format(url=url)}response = {call}\nprint(response.text)\n"


def _path(event: str) -> str:
    """Where the message goes, below the server's address."""
    return {"v1": v1.path, "v2": v2.path, "conat": conat.path}[catalog.generation_of(event)](event)


def _body(event: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object that travels: the options, or what they are wrapped in."""
    found = catalog.get(event)
    if found is None or found.generation == "v1":
        return dict(options)
    letter = generations.write(found, options, seconds=60.0)
    body: dict[str, Any] = json.loads(letter.body)
    return body


PROGRAM_HEAD = """import os

from cocalc_magic import Client

client = Client({url!r}, os.environ["COCALC_API_KEY"])
"""


def message(event: str, options: Mapping[str, Any]) -> str:
    """The message as one JSON object, its event included."""
    return json.dumps({"event": event, **options}, indent=2, ensure_ascii=False)


def _literal(value: Any) -> str:
    return pprint.pformat(value, width=80, sort_dicts=False).replace("\n", "\n    ")
