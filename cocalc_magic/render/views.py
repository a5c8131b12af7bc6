"""The views: one for each kind of answer, chosen by its event and by the shape of its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.catalog.types import is_uuid
from cocalc_magic.render.blocks import Block, Column, Done, Facts, Humanized, Note, Table, Title
from cocalc_magic.render.fields import value_blocks
from cocalc_magic.render.files import EVENTS as FILE_EVENTS
from cocalc_magic.render.files import file_view, picture_blocks
from cocalc_magic.render.humanize import (
    MAX_WORD,
    brief,
    duration,
    field_text,
    label,
    linked,
    moment,
    project_url,
)
from cocalc_magic.render.outputs import are_outputs, output_blocks
from cocalc_magic.render.payload import EMPTY, done, empty_list, tables_of
from cocalc_magic.render.records import card, listing
from cocalc_magic.render.status import command_verdict, empty_answer, single_answer, state_blocks
from cocalc_magic.render.truncate import text_block
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import HIDDEN, mask_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.render.payload import Payload

Body: TypeAlias = tuple[Block, ...]

MAX_TABLES = 10  # of one answer
MAX_ROWS = 20
_MAX_FIELDS = 6  # of an object that says what was done
_MAX_LEVELS = 4  # of a query: tables, records, fields, conditions
_HIDDEN = Note(f"{HIDDEN} is in the response; it is not shown, since what is shown is saved.")
_KEY_COLUMNS = {
    "id": "id", "name": "name", "trunc": "key", "created": "created", "expire": "expires",
    "last_active": "last used", "project_id": "project id",
}  # fmt: skip


def body(payload: Payload) -> Body:
    """Return what is shown of a success, below its heading."""
    return next(blocks for view in _VIEWS if (blocks := view(payload)) is not None)


def _pong(payload: Payload) -> Body | None:
    response = payload.response
    value = response.value
    if response.event != "pong" and not (isinstance(value, Mapping) and list(value) == ["now"]):
        return None
    facts = [("round trip", duration(response.elapsed))]
    if "now" in response:
        facts.insert(0, ("server time", moment(response["now"])))
    return (Facts(tuple(facts)),)


def _command_output(payload: Payload) -> Body | None:
    response = payload.response
    stdout, stderr = response.get("stdout"), response.get("stderr")
    if not (isinstance(stdout, str) and isinstance(stderr, str) and "exit_code" in response):
        return None
    verdict = command_verdict(response)
    blocks: list[Block] = [verdict] if verdict else []
    if stdout:
        blocks.append(text_block(stdout, language="ansi"))
    if stderr:
        blocks.append(text_block(stderr, "stderr", "warning", "ansi"))
    return tuple(blocks) or (Note("The command succeeded and wrote nothing."),)


def _file(payload: Payload) -> Body | None:
    return file_view(payload.response) if payload.response.event in FILE_EVENTS else None


def _jupyter(payload: Payload) -> Body | None:
    response = payload.response
    outputs = response.value if isinstance(response.value, list) else response.get("output")
    if not isinstance(outputs, list) or not (outputs or "xecute" in response.request.event):
        return None
    if response.event != "jupyter_execute_response" and not are_outputs(outputs):
        return None
    seconds = response.get("total_time_s")
    note: Body = ()
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < 10**9:
        note = (Facts((("ran for", Humanized(duration(seconds), f"{seconds} s")),)),)
    return (*output_blocks(outputs), *note)


def _listing(payload: Payload) -> Body | None:
    files = payload.value
    if isinstance(files, Mapping):
        files = files.get("files")
    if not isinstance(files, list) or "isting" not in payload.response.event:
        return None
    if not all(isinstance(file, Mapping) and "name" in file for file in files):
        return None
    options = payload.response.request.options
    folder = brief(options.get("path", ""), MAX_WORD).strip("/")
    return listing(files, payload.site, options.get("project_id"), folder)


def _kernels(payload: Payload) -> Body | None:
    kernels = payload.value
    if not _all_have(kernels, "display_name", "language"):
        return None
    names = ("name", "display_name", "language")
    columns = tuple(Column(name.replace("_", " ")) for name in names)
    records = [{name: kernel.get(name) for name in names} for kernel in kernels]
    rows = tuple(
        tuple(field_text(name, kernel.get(name, ""), MAX_WORD) for name in names)
        for kernel in kernels[:MAX_ROWS]
    )
    return (Table(columns, rows, len(kernels), len(names), records),)


def _keys(payload: Payload) -> Body | None:
    """Show API keys without the keys: a name, the last letters, the expiry."""
    keys = payload.value
    if not _all_have(keys, "trunc"):
        return None
    names = [name for name in _KEY_COLUMNS if any(name in key for key in keys)]
    columns = tuple(Column(_KEY_COLUMNS[name]) for name in names)
    records = [{name: key.get(name) for name in names} for key in keys]
    rows = tuple(
        tuple(field_text(name, record[name], MAX_WORD) for name in names) for record in records[:MAX_ROWS]
    )
    hidden = (_HIDDEN,) if any(key.get("secret") for key in keys) else ()
    return (Table(columns, rows, len(keys), len(names), records), *hidden)


def _all_have(value: Any, *names: str) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, Mapping) and all(name in item for name in names) for item in value)
    )


def _query(payload: Payload) -> Body | None:
    """Show the tables that were read, each under its name; or what was written."""
    tables = tables_of(payload.response)
    if tables is None:
        return None
    blocks: list[Block] = []
    for name, value in tables[:MAX_TABLES]:
        blocks.append(Title(cut(name, MAX_WORD)))
        if value in (None, [], {}):
            blocks.append(Note("No records." if value == [] else "No record."))
        else:
            blocks += value_blocks(value, payload.site)
    if tables:
        return tuple(blocks)
    query = payload.response.request.options.get("query")
    if isinstance(query, Mapping) and query and not _reads(query, _MAX_LEVELS):
        return (Done(("Wrote ", cut(", ".join(map(str, query)), 2 * MAX_WORD), ".")),)
    return (Note("The answer has no records."),)


def _reads(query: Any, levels: int) -> bool:
    """Return whether a query has a null in it, which is what it reads; one that writes has values only."""
    if isinstance(query, Mapping):
        query = list(query.values())
    if isinstance(query, list):
        return levels > 0 and any(_reads(part, levels - 1) for part in query)
    return query is None


def _picture(payload: Payload) -> Body | None:
    name, encoded = payload.response.get("filename"), payload.response.get("base64")
    return picture_blocks(name, encoded) if isinstance(name, str) and isinstance(encoded, str) else None


def _new_project(payload: Payload) -> Body | None:
    """Show the id of a new project, and where it is opened."""
    value = payload.value
    if payload.name == "" and isinstance(value, str) and "project" in payload.response.request.event.lower():
        value = {"project_id": value}
    if not isinstance(value, Mapping) or list(value) != ["project_id"]:
        return None
    project_id = value["project_id"]
    if not isinstance(project_id, str) or not is_uuid(project_id):
        return None
    url = project_url(payload.site, project_id)
    opens = (("opens at", linked(url, url)),) if url else ()
    return (*_done(payload), Facts((("project id", project_id), *opens)))


def _done(payload: Payload) -> Body:
    """Return that something was done, if the message is one that does; ahead of its result."""
    return done(payload) if payload.message and payload.message.read_only is False else ()


def _text(payload: Payload) -> Body | None:
    value = payload.value
    if not isinstance(value, str) or not value:
        return None
    text = payload.shown if isinstance(payload.shown, str) else value
    if is_uuid(text):
        return single_answer(payload, text)
    if text == HIDDEN:
        return (*_done(payload), Facts((("answer", text),)), _HIDDEN)
    return (text_block(text, cut(payload.name, MAX_WORD)),)


def _empty(payload: Payload) -> Body | None:
    if payload.value not in ([], ""):
        return None
    if name := empty_list(payload.response):
        return (Note(f"The list of {name.replace('_', ' ')} is empty."),)
    return (Note(f"The answer is an empty {'list' if payload.value == [] else 'text'}."),)


def _nothing(payload: Payload) -> Body | None:
    value = payload.value
    if isinstance(value, list):
        is_nothing = all(item is None for item in value)
    else:
        is_nothing = value in (EMPTY, None, {})
    return empty_answer(payload) if is_nothing else None


def _single(payload: Payload) -> Body | None:
    return None if isinstance(payload.value, Mapping | list) else single_answer(payload, payload.value)


def _any_json(payload: Payload) -> Body:
    name, value = payload.name, payload.value
    first: Body = (Title(label(name)),) if name else ()
    if not name and isinstance(value, Mapping) and len(value) <= _MAX_FIELDS:
        first = () if card(value, "") else _done(payload)
    fields = value.items() if isinstance(value, Mapping) else ()
    hidden = (_HIDDEN,) if any(mask_named(str(name), field) == HIDDEN for name, field in fields) else ()
    return (*first, *value_blocks(value, payload.site), *hidden)


_VIEWS: tuple[Callable[[Payload], Body | None], ...] = (
    _pong,
    _command_output,
    _file,
    _jupyter,
    _listing,
    _kernels,
    _keys,
    _query,
    _picture,
    _new_project,
    _text,
    _empty,
    _nothing,
    _single,
    lambda payload: state_blocks(payload.value, payload.site),
    _any_json,
)
