"""What was sent: the message, its way, and the same as code."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog, snippets
from cocalc_magic.render.blocks import Block, Facts, Note
from cocalc_magic.render.humanize import MAX_WORD, duration
from cocalc_magic.render.trees import tree
from cocalc_magic.render.truncate import text_block
from cocalc_magic.sanitize import cut
from cocalc_magic.syntax.format import format_magic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.response import Request, Response

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UPLOAD = "upload"  # the event of a step that is not a message
MAX_STEPS = 5  # messages in place of one that are shown as code
MAX_CODE = 50_000  # characters of a message that is shown as code


def request_blocks(response: Response) -> tuple[Block, ...]:
    """Return the message that was sent, without secret values, and what is known of its way."""
    mark = " (sandbox)" if response.sandbox and response.server != "sandbox" else ""
    server = f"{response.server or 'unknown'}{mark}"
    facts = [("message", cut(response.request.event, MAX_WORD)), ("server", cut(server, MAX_WORD))]
    facts += [("HTTP status", str(response.status)), ("time", duration(response.elapsed))]
    if response.route:
        facts.append(("sent as", cut(response.route, MAX_WORD)))
    facts += [("not as in v1", cut(words, 3 * MAX_WORD)) for words in response.lost]
    options = response.request.shown()
    return (Facts(tuple(facts)), tree(options) if options else Note("Sent without options."))


def code_blocks(response: Response) -> tuple[Block, ...]:
    """Return the message as magic, curl, HTTPie and Python, without key and secret values.

    Magic and Python find out what the server speaks; the others show what was sent.
    """
    event = response.request.event
    magic, curl, httpie, python = code_of(event, _options(response), response.address)
    if not response.sent:
        return (magic, curl, httpie, python)
    steps: list[Block] = []
    for step, options in _distinct(response.sent)[:MAX_STEPS]:
        if step == UPLOAD:
            steps.append(Note(f"Uploaded: {cut(str(options.get('path')), MAX_WORD)}"))
        else:
            steps += code_of(step, options, response.address)[1:3]
    note = Note(f"{response.server or 'The server'} does not have {event}; this was sent instead.")
    return (magic, note, *steps, python)


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


def code_of(event: str, options: Mapping[str, Any], address: str) -> tuple[Block, Block, Block, Block]:
    """Return a message as magic, curl, HTTPie and Python; values that are not JSON as their text."""
    url = address or "https://cocalc.com"
    try:
        text = json.dumps(dict(options), default=str)
        if len(text) > MAX_CODE:
            note = Note(f"The message is too long to be shown as code: {len(text):,} characters.")
            return (note, note, note, note)
        values = json.loads(text)
        return (
            text_block(format_magic(event, values), "Notebook"),
            text_block(snippets.curl(url, event, values), "curl", language="bash"),
            text_block(snippets.httpie(url, event, values), "HTTPie", language="bash"),
            text_block(snippets.python(url, event, values), "Python", language="python"),
        )
    except RecursionError:
        note = Note("The message is nested too deeply to be shown as code.")
        return (note, note, note, note)
