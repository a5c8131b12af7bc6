"""What was sent: the message, its way, and the same as code."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog, snippets
from cocalc_magic.render.blocks import Block, Facts, Note
from cocalc_magic.render.humanize import MAX_WORD, byte_size, duration
from cocalc_magic.render.truncate import text_block
from cocalc_magic.response import Headers
from cocalc_magic.sanitize import cut
from cocalc_magic.syntax.format import format_magic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.response import Request, Response

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UPLOAD = "upload"  # the event of a step that is not a message
MAX_STEPS = 5  # messages in place of one that are shown as code
DEFAULT_ADDRESS = "https://cocalc.ai"
KEY_NOTE = f"{snippets.KEY} is your key: the settings of your account make one."
MAX_CODE = 50_000  # characters of a message that is shown as code


def request_blocks(response: Response) -> tuple[Block, ...]:
    """Return the HTTP that was exchanged, without key and secret values, and what is known of its way."""
    steps = _distinct(response.sent)[:MAX_STEPS] or [(response.request.event, response.request.shown())]
    requests = [_http(event, options, response) for event, options in steps]
    status = f"HTTP/1.1 {response.status} {response.reason}".rstrip()
    head = "\n".join([status, *_header_lines(response.headers)])
    return (*requests, text_block(head, "Response", language="http"), Facts(tuple(_way(response))))


def _http(event: str, options: dict[str, Any], response: Response) -> Block:
    """Return a request as it travelled; the headers of all steps of a message are those of the last."""
    if event == UPLOAD:
        return Note(f"Uploaded: {cut(str(options.get('path')), MAX_WORD)}")
    headers = response.exchange.headers if response.exchange else Headers()
    form = headers.get("Content-Type", "").startswith(snippets.FORM)
    try:
        values = json.loads(json.dumps(options, default=str))
        text = snippets.http(
            response.address or DEFAULT_ADDRESS, event, values, form=form, headers=_header_lines(headers)
        )
    except RecursionError:
        return Note("The message is nested too deeply to be shown.")
    return text_block(text, "Request", language="http")


def _header_lines(headers: Headers) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def _way(response: Response) -> Iterator[tuple[str, str]]:
    mark = " (sandbox)" if response.sandbox and response.server != "sandbox" else ""
    yield "server", cut(f"{response.server or 'unknown'}{mark}", MAX_WORD)
    yield "time", duration(response.elapsed)
    if response.exchange:
        yield "sent", byte_size(response.exchange.sent)
        yield "received", f"{byte_size(response.exchange.received)}, under JSON"
    if response.route:
        yield "sent as", cut(response.route, MAX_WORD)
    for words in response.lost:
        yield "not as in v1", cut(words, 3 * MAX_WORD)


def code_blocks(response: Response) -> tuple[Block, ...]:
    """Return the message as magic, curl, HTTPie and Python, without key and secret values.

    Magic and Python by this package find out what the server speaks; the others show what was sent.
    """
    event = response.request.event
    magic, curl, httpie, python, requests = code_of(event, _options(response), response.address)
    key = Note(KEY_NOTE)
    if not response.sent:
        return (magic, curl, key, httpie, python, requests)
    steps: list[Block] = []
    for step, options in _distinct(response.sent)[:MAX_STEPS]:
        if step == UPLOAD:
            steps.append(Note(f"Uploaded: {cut(str(options.get('path')), MAX_WORD)}"))
        else:
            of_step = code_of(step, options, response.address)
            steps += [of_step[1], of_step[2], of_step[4]]
    note = Note(f"{response.server or 'The server'} does not have {event}; this was sent instead.")
    return (magic, note, *steps, key, python)


def _options(response: Response) -> dict[str, Any]:
    """Return the options without an id that the client made up: sent again, the message gets a new one."""
    options = response.request.shown()
    message = catalog.get(response.request.event)
    if message and message.takes_id and _UUID4.fullmatch(str(options.get("id"))):
        del options["id"]
    return options


def _distinct(sent: tuple[Request, ...]) -> list[tuple[str, dict[str, Any]]]:
    """Return the distinct messages in order."""
    messages: list[tuple[str, dict[str, Any]]] = []
    for request in sent:
        if (message := (request.event, request.shown())) not in messages:
            messages.append(message)
    return messages


def code_of(event: str, options: Mapping[str, Any], address: str) -> tuple[Block, ...]:
    """Return a message as magic, curl, HTTPie, Python and Python with requests alone.

    Values that are not JSON are given as their text.
    """
    url = address or DEFAULT_ADDRESS
    try:
        text = json.dumps(dict(options), default=str)
        if len(text) > MAX_CODE:
            note = Note(f"The message is too long to be shown as code: {len(text):,} characters.")
            return (note,) * 5
        values = json.loads(text)
        return (
            text_block(format_magic(event, values), "Notebook"),
            text_block(snippets.curl(url, event, values), "curl", language="bash"),
            text_block(snippets.httpie(url, event, values), "HTTPie", language="bash"),
            text_block(snippets.python(url, event, values), "Python", language="python"),
            text_block(snippets.requests(url, event, values), "Python, requests alone", language="python"),
        )
    except RecursionError:
        note = Note("The message is nested too deeply to be shown as code.")
        return (note,) * 5
