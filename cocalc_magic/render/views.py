"""Which blocks show a response: chosen by its event and by its shape, described once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.render.blocks import Block, Facts, Heading, Note, Said
from cocalc_magic.render.clean import cut
from cocalc_magic.render.files import file_blocks, rendered_blocks
from cocalc_magic.render.outputs import output_blocks
from cocalc_magic.render.people import milliseconds, moment
from cocalc_magic.render.records import listing, record_blocks, table
from cocalc_magic.render.texts import text_block
from cocalc_magic.render.trees import brief, tree
from cocalc_magic.render.withheld import shown_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Request, Response

_Body: TypeAlias = tuple[Block, ...]

_WORD = 80
UPLOAD = "upload"  # no message, but a step on the way of one
STEPS = 5  # messages in place of one that are shown as code
CODE = 50_000  # characters of a message that is shown as code


def blocks(response: Response) -> tuple[Block, ...]:
    """What a reader wants to see of the response, its heading first."""
    if chosen := _AS.get(response.view):
        return chosen(response)
    if not response.ok:
        return (heading(response), *_failure(response))
    bodies = (view(response) for view in _VIEWS)
    return (heading(response), *next(body for body in bodies if body is not None), *_lost(response))


def _lost(response: Response) -> _Body:
    """What went missing on the way through today's API, where the server knows no other."""
    return tuple(Note(f"Not as in v1: {cut(words, 3 * _WORD)}.") for words in response.lost)


def json_blocks(response: Response) -> tuple[Block, ...]:
    """All that the server answered, as a tree."""
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
    magic, curl, httpie, python = code_of(asked.event, asked.shown(), response.address)
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
    from cocalc_magic.values.formatting import format_magic

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
    project = response.request.options.get("project_id")
    if project is not None:
        remarks.append(f"project {brief(project, _WORD)}")
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


def _server(response: Response) -> str:
    mark = " (sandbox)" if response.sandbox and response.server != "sandbox" else ""
    return f"{response.server or 'unknown'}{mark}"


def _pong(response: Response) -> _Body | None:
    if response.event != "pong":
        return None
    facts = [("round trip", milliseconds(response.elapsed))]
    if "now" in response:
        facts.insert(0, ("server time", moment(response["now"])))
    return (Facts(tuple(facts)),)


def _command_output(response: Response) -> _Body | None:
    stdout, stderr = response.get("stdout"), response.get("stderr")
    if not (isinstance(stdout, str) and isinstance(stderr, str) and "exit_code" in response):
        return None
    shown: list[Block] = [text_block(stdout, language="ansi")] if stdout else []
    if stderr:
        shown.append(text_block(stderr, "stderr", "warning", "ansi"))
    if facts := _command_facts(response):
        shown.append(Facts(facts))
    return tuple(shown) or (Note("The command succeeded and wrote nothing."),)


def _command_facts(response: Response) -> tuple[tuple[str, str], ...]:
    """How far the command is where it was not waited for, and how it ended where not well."""
    names = [name for name in ("status", "job_id") if name in response]
    if response["exit_code"] != 0:
        names.append("exit_code")
    return tuple((name.replace("_", " "), brief(response[name], _WORD)) for name in names)


def _file(response: Response) -> _Body | None:
    content = response.get("content", response.get("data"))
    if response.event not in _FILES or not isinstance(content, str):
        return None
    return file_blocks(_path(response), content)


def _path(response: Response) -> str:
    return brief(response.request.options.get("path", ""), _WORD)


def rendered(response: Response) -> tuple[Block, ...] | None:
    """A file that is written to be read in another form (Markdown, a notebook), in that form."""
    content = response.get("content", response.get("data"))
    if response.event not in _FILES or not isinstance(content, str):
        return None
    return rendered_blocks(_path(response), content)


def _jupyter(response: Response) -> _Body | None:
    outputs = response.get("output")
    if response.event != "jupyter_execute_response" or not isinstance(outputs, list):
        return None
    taken = response.get("total_time_s")
    note: _Body = ()
    if isinstance(taken, int | float) and not isinstance(taken, bool) and 0 <= taken < 10**9:
        note = (Facts((("ran for", Said(milliseconds(taken), f"{taken} s")),)),)
    return (*output_blocks(outputs), *note)


def _listing(response: Response) -> _Body | None:
    result = response.get("result")
    files = result.get("files") if isinstance(result, Mapping) else None
    if response.event != "public_directory_listing" or not isinstance(files, list):
        return None
    return listing(files) if all(isinstance(file, Mapping) for file in files) else None


def _records(response: Response) -> _Body | None:
    records = response.records()
    return record_blocks(records, "" if response.sandbox else response.address) if records else None


def _any_json(response: Response) -> _Body:
    value = response.value
    if isinstance(value, str) and value:
        return (text_block(shown_value(response)),)
    if value == [] or value == "":
        return (Note(f"The answer is an empty {'list' if value == [] else 'text'}."),)
    # Beside an event the id is the envelope's, and the heading has the event; elsewhere both are data.
    if isinstance(value, Mapping) and "event" in value:
        value = {name: field for name, field in value.items() if name not in ("event", "id")}
    return (Note("Done; the answer carries no other fields."),) if value == {} else (tree(value),)


def _failure(response: Response) -> _Body:
    """What the server said, as it said it."""
    said = next((response[name] for name in ("error", "reason", "message") if response.get(name)), None)
    if said is None:
        said = response.value
    if isinstance(said, str) and said:
        return (text_block(said, tone="error"),)
    if not said:
        return (Note("The server refused, and gave no reason."),)
    return (Note("The server refused, and said:"), tree(said))


_FILES = ("text_file_read_from_project", "public_text_file_contents")

_VIEWS: tuple[Callable[[Response], _Body | None], ...] = (
    _pong,
    _command_output,
    _file,
    _jupyter,
    _listing,
    _records,
    _any_json,
)


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
