"""Which blocks show a response: chosen by its event and by its shape, described once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.render.blocks import Block, Facts, Heading, Note
from cocalc_magic.render.clean import cut
from cocalc_magic.render.failures import failure_blocks
from cocalc_magic.render.humanize import milliseconds
from cocalc_magic.render.links import linked, place, project_address
from cocalc_magic.render.records import table
from cocalc_magic.render.status import message_of
from cocalc_magic.render.trees import brief, tree
from cocalc_magic.render.truncate import text_block
from cocalc_magic.render.views import body, rendered
from cocalc_magic.render.withheld import shown_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Request, Response

_Body: TypeAlias = tuple[Block, ...]

__all__ = ["blocks", "code_blocks", "code_of", "heading", "json_blocks", "rendered", "request_blocks"]

_WORD = 80
_MADE_UP = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")  # of uuid4
UPLOAD = "upload"  # no message, but a step on the way of one
_SEVERAL = 3  # projects that are all named
STEPS = 5  # messages in place of one that are shown as code
CODE = 50_000  # characters of a message that is shown as code


def blocks(response: Response) -> tuple[Block, ...]:
    """What a reader wants to see of the response, its heading first."""
    response = response.as_shown()
    if chosen := _AS.get(response.view):
        return chosen(response)
    if not response.ok:
        return (heading(response), *failure_blocks(response))
    return (heading(response), *body(response), *_lost(response))


def _lost(response: Response) -> _Body:
    """What went missing on the way through today's API, where the server knows no other."""
    return tuple(Note(f"Not as in v1: {cut(words, 3 * _WORD)}.") for words in response.lost)


def json_blocks(response: Response) -> tuple[Block, ...]:
    """All that the server answered, as a tree."""
    response = response.as_shown()
    return (tree(shown_value(response) if isinstance(response.value, str) else response.value),)


def request_blocks(response: Response) -> tuple[Block, ...]:
    """The message that was sent, and what is known of its way; secret values are hidden."""
    facts = [("message", cut(response.request.event, _WORD)), ("server", cut(_server(response), _WORD))]
    facts += [("HTTP status", str(response.status)), ("time", milliseconds(response.elapsed))]
    if response.route:
        facts.append(("came by", cut(response.route, _WORD)))
    facts += [("not as in v1", cut(words, 3 * _WORD)) for words in response.lost]
    options = response.request.shown()
    sent = tree(options) if options else Note("Sent without options.")
    return (Facts(tuple(facts)), sent)


def code_blocks(response: Response) -> tuple[Block, ...]:
    """The message in other languages: the magic, curl, HTTPie and Python; no key and no secret is in it.

    The first and the last find out by themselves what the server speaks; the others show what went out.
    """
    asked = response.request
    magic, curl, httpie, python = code_of(asked.event, _given(response), response.address)
    if not response.sent:
        return (magic, curl, httpie, python)
    out: list[Block] = []
    for event, options in _different(response.sent)[:STEPS]:
        if event == UPLOAD:
            out.append(Note(f"Uploaded: {cut(str(options.get('path')), _WORD)}"))
        else:
            out += code_of(event, options, response.address)[1:3]
    went = Note(f"{response.server or 'The server'} knows no {asked.event}; this went out instead.")
    return (magic, went, *out, python)


def _given(response: Response) -> dict[str, Any]:
    """The options without the id that the client has made up: whoever sends it again gets a new one."""
    options = response.request.shown()
    message = message_of(response)
    if message and message.takes_id and _MADE_UP.fullmatch(str(options.get("id"))):
        del options["id"]
    return options


def _different(sent: tuple[Request, ...]) -> list[tuple[str, dict[str, Any]]]:
    """The messages in their order, without those that were the same again."""
    found: list[tuple[str, dict[str, Any]]] = []
    for one in sent:
        if (message := (one.event, one.shown())) not in found:
            found.append(message)
    return found


def code_of(event: str, options: Mapping[str, Any], address: str) -> tuple[Block, Block, Block, Block]:
    """A message in four languages; values that are no JSON as their text."""
    from cocalc_magic import snippets
    from cocalc_magic.syntax.format import format_magic

    url = address or "https://cocalc.com"
    try:
        written = json.dumps(dict(options), default=str)
        if len(written) > CODE:
            note = Note(f"The message is too long to be written down: {len(written):,} characters.")
            return (note, note, note, note)
        sent = json.loads(written)
        return (
            text_block(format_magic(event, sent), "Notebook"),
            text_block(snippets.curl(url, event, sent), "curl", language="bash"),
            text_block(snippets.httpie(url, event, sent), "HTTPie", language="bash"),
            text_block(snippets.python(url, event, sent), "Python", language="python"),
        )
    except RecursionError:
        note = Note("The message is nested too deep to be written down.")
        return (note, note, note, note)


def heading(response: Response) -> Heading:
    """The line that every view begins with."""
    asked, answer = response.request.event, response.event
    remarks = [milliseconds(response.elapsed)]
    if response.status != 200:
        remarks.append(f"HTTP {response.status}")
    remarks += _projects(response)
    if response.route:
        remarks.append(f"by {cut(response.route, _WORD)}")
    return Heading(
        event=cut(asked, _WORD),
        answer="" if answer == asked else cut(answer, _WORD),
        server=cut(response.server, _WORD),
        sandbox=response.sandbox,
        failed=not response.ok,
        remarks=tuple(remarks),
    )


def _projects(response: Response) -> list[str]:
    """Which project the message was about, or which several: by title where that is known."""
    message, options = message_of(response), response.request.options
    marked = [option.name for option in message.options if option.names_project] if message else []
    return [
        linked(f"{_role(name)} {_named(options[name], response.titles)}", _page(response, options[name]))
        for name in dict.fromkeys([*marked, "project_id"])
        if options.get(name) is not None
    ]


def _role(name: str) -> str:
    """What a project is in a message: ``project``, or for ``src_project_id`` ``src project``."""
    return cut(name.removesuffix("_id").replace("_", " "), _WORD)


def _named(value: Any, titles: Mapping[str, str]) -> str:
    few = isinstance(value, list) and 0 < len(value) <= _SEVERAL
    return ", ".join(_project(one, titles) for one in (value if few else [value]))


def _project(value: Any, titles: Mapping[str, str]) -> str:
    title = titles.get(value, "") if isinstance(value, str) else ""
    return f"{cut(title, _WORD)} ({value[:8]})" if title.strip() else brief(value, _WORD)


def _page(response: Response, project_id: Any) -> str:
    return project_address(place(response), project_id)


def _server(response: Response) -> str:
    mark = " (sandbox)" if response.sandbox and response.server != "sandbox" else ""
    return f"{response.server or 'unknown'}{mark}"


def _as_json(response: Response) -> tuple[Block, ...]:
    return (
        heading(response),
        text_block(json.dumps(shown_value(response), indent=2, ensure_ascii=False), language="json"),
    )


def _as_table(response: Response) -> tuple[Block, ...]:
    records = response.records()
    if records is None:
        value = shown_value(response)
        records = [value if isinstance(value, Mapping) else {"value": value}]
    return (heading(response), table(records))


def _as_raw(response: Response) -> tuple[Block, ...]:
    return (text_block(json.dumps(shown_value(response), ensure_ascii=False, separators=(",", ":"))),)


_AS: dict[str, Callable[[Response], tuple[Block, ...]]] = {
    "json": _as_json,
    "table": _as_table,
    "raw": _as_raw,
}
