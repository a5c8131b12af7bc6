"""Which blocks show a response: chosen by its event and by its shape, described once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.render.blocks import Block, Column, Facts, Heading, Note, Pre, Table
from cocalc_magic.render.clean import cut, masked
from cocalc_magic.render.trees import brief, tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Response

_Body: TypeAlias = tuple[Block, ...]

ROWS = 20
COLUMNS = 12
CELL = 80
# Of a long text both ends are shown: what a command did, and how it ended.
HEAD = 14_000
HEAD_LINES = 300
TAIL = 6_000
TAIL_LINES = 100
_WORD = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def blocks(response: Response) -> tuple[Block, ...]:
    """What a reader wants to see of the response, its heading first."""
    if chosen := _AS.get(response.view):
        return chosen(response)
    if not response.ok:
        return (heading(response), *_failure(response))
    bodies = (view(response) for view in _VIEWS)
    return (heading(response), *next(body for body in bodies if body is not None))


def json_blocks(response: Response) -> tuple[Block, ...]:
    """All that the server answered, as a tree."""
    return (tree(response.value),)


def request_blocks(response: Response) -> tuple[Block, ...]:
    """The message that was sent, and what is known of its way; secret values are hidden."""
    facts = [("message", cut(response.request.event, _WORD)), ("server", cut(_server(response), _WORD))]
    facts += [("HTTP status", str(response.status)), ("time", milliseconds(response.elapsed))]
    options = response.request.to_dict()
    options.pop("event", None)
    sent = tree(options) if options else Note("Sent without options.")
    return (Facts(tuple(facts)), sent)


def heading(response: Response) -> Heading:
    """The line that every view begins with."""
    asked, answer = response.request.event, response.event
    remarks = [milliseconds(response.elapsed)]
    if response.status != 200:
        remarks.append(f"HTTP {response.status}")
    project = response.request.options.get("project_id")
    if project is not None:
        remarks.append(f"project {brief(project, _WORD)}")
    return Heading(
        event=cut(asked, _WORD),
        answer="" if answer == asked else cut(answer, _WORD),
        server=cut(response.server, _WORD),
        sandbox=response.sandbox,
        failed=not response.ok,
        remarks=tuple(remarks),
    )


def milliseconds(seconds: float) -> str:
    """A time span as people say it: ``12 ms``, ``3.4 s``, ``2 min 5 s``."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return f"{round(seconds) // 60} min {round(seconds) % 60} s"


def _server(response: Response) -> str:
    mark = " (sandbox)" if response.sandbox and response.server != "sandbox" else ""
    return f"{response.server or 'unknown'}{mark}"


def _pong(response: Response) -> _Body | None:
    if response.event != "pong":
        return None
    facts = [("round trip", milliseconds(response.elapsed))]
    if "now" in response:
        facts.insert(0, ("server time", _moment(response["now"])))
    return (Facts(tuple(facts)),)


def _moment(value: Any) -> str:
    """A point in time in UTC; as the server wrote it where that is none."""
    try:
        moment = _parsed(value) if isinstance(value, str) else _EPOCH + timedelta(milliseconds=value)
        moment = moment.astimezone(timezone.utc)
    except (ValueError, TypeError, OverflowError):
        return brief(value, _WORD)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03} UTC"


def _parsed(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError("a time of no zone is no point in time")
    return moment


def _command_output(response: Response) -> _Body | None:
    stdout, stderr = response.get("stdout"), response.get("stderr")
    if not (isinstance(stdout, str) and isinstance(stderr, str) and "exit_code" in response):
        return None
    shown: list[Block] = [_text(stdout)] if stdout else []
    if stderr:
        shown.append(_text(stderr, label="stderr", tone="warning"))
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
    content = response.get("content")
    if response.event != "text_file_read_from_project" or not isinstance(content, str):
        return None
    path = brief(response.request.options.get("path", ""), _WORD)
    return (
        (_text(content, label=path),) if content else (Facts((("file", path),)), Note("The file is empty."))
    )


def _table(response: Response) -> _Body | None:
    records = response.records()
    return (_records(records),) if records else None


def _records(records: Sequence[Mapping[str, Any]]) -> Table:
    head = list(records[:ROWS])
    names = list(dict.fromkeys(name for record in head for name in record))
    shown = names[:COLUMNS]
    columns = tuple(Column(cut(str(name), _WORD), _is_numeric(head, name)) for name in shown)
    rows = tuple(tuple(_cell(record, name) for name in shown) for record in head)
    return Table(columns, rows, len(records), len(names))


def _cell(record: Mapping[str, Any], name: str) -> str:
    return brief(masked(str(name), record[name]), CELL) if name in record else ""


def _is_numeric(records: list[Mapping[str, Any]], name: str) -> bool:
    values = [record[name] for record in records if record.get(name) is not None]
    return bool(values) and all(
        isinstance(value, int | float) and value is not True and value is not False for value in values
    )


def _any_json(response: Response) -> _Body:
    value = response.value
    if isinstance(value, str) and value:
        return (_text(value),)
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
        return (_text(said, tone="error"),)
    if not said:
        return (Note("The server refused, and gave no reason."),)
    return (Note("The server refused, and said:"), tree(said))


def _text(text: str, label: str = "", tone: str = "") -> Pre:
    """The text, or both of its ends where it is long."""
    head = _lines(text[:HEAD], HEAD_LINES)
    if len(head) == len(text):
        return Pre(text, label, tone)
    rest = text[max(len(head), len(text) - TAIL) :]
    tail = "\n".join(rest.split("\n")[-TAIL_LINES:])
    return Pre(head, label, tone, len(text) - len(head) - len(tail), tail)


def _lines(text: str, count: int) -> str:
    return "\n".join(islice(text.split("\n"), count))


_VIEWS: tuple[Callable[[Response], _Body | None], ...] = (_pong, _command_output, _file, _table, _any_json)


def _as_json(response: Response) -> tuple[Block, ...]:
    return (heading(response), _text(response.text))


def _as_table(response: Response) -> tuple[Block, ...]:
    records = response.records()
    return (heading(response), _records(records if records is not None else [response.to_dict()]))


def _as_raw(response: Response) -> tuple[Block, ...]:
    return (_text(json.dumps(response.value, ensure_ascii=False, separators=(",", ":"))),)


_AS: dict[str, Callable[[Response], tuple[Block, ...]]] = {
    "json": _as_json,
    "table": _as_table,
    "raw": _as_raw,
}
