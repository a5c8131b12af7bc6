"""The views: one for each kind of answer, chosen by its event and by its shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.render.blocks import Block, Column, Facts, Note, Said, Table, Title, Verdict
from cocalc_magic.render.clean import cut, label, masked
from cocalc_magic.render.fields import value_blocks
from cocalc_magic.render.files import file_blocks, picture_blocks, rendered_blocks
from cocalc_magic.render.humanize import milliseconds, moment, told
from cocalc_magic.render.links import is_uuid, linked, place, project_address
from cocalc_magic.render.outputs import are_outputs, output_blocks
from cocalc_magic.render.payload import EMPTY, carried, empty_list, tables_of
from cocalc_magic.render.records import card, listing
from cocalc_magic.render.status import answer, command_verdict, done, made, standing
from cocalc_magic.render.trees import brief
from cocalc_magic.render.truncate import text_block
from cocalc_magic.render.withheld import shown_value
from cocalc_magic.sanitize.secret_forms import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Response

Body: TypeAlias = tuple[Block, ...]

_WORD = 80


def body(response: Response) -> Body:
    """What is shown of a success, below its heading."""
    return next(shown for view in _VIEWS if (shown := view(response)) is not None)


def rendered(response: Response) -> Body | None:
    """A file that is written to be read in another form (Markdown, a notebook), in that form."""
    for path, content in _texts(response)[:1]:
        return rendered_blocks(path, content)
    return None


def _pong(response: Response) -> Body | None:
    value = response.value
    if response.event != "pong" and not (isinstance(value, Mapping) and list(value) == ["now"]):
        return None
    facts = [("round trip", milliseconds(response.elapsed))]
    if "now" in response:
        facts.insert(0, ("server time", moment(response["now"])))
    return (Facts(tuple(facts)),)


def _command_output(response: Response) -> Body | None:
    stdout, stderr = response.get("stdout"), response.get("stderr")
    if not (isinstance(stdout, str) and isinstance(stderr, str) and "exit_code" in response):
        return None
    verdict = command_verdict(response)
    shown: list[Block] = [verdict] if verdict else []
    if stdout:
        shown.append(text_block(stdout, language="ansi"))
    if stderr:
        shown.append(text_block(stderr, "stderr", "warning", "ansi"))
    return tuple(shown) or (Note("The command succeeded and wrote nothing."),)


def _texts(response: Response) -> list[tuple[str, str]]:
    """The text files that an answer brings, each with its path."""
    path = brief(response.request.options.get("path", ""), _WORD)
    value = response.value
    if response.event in _FILES:
        value = response.get("content", response.get("data"))
        if isinstance(value, list) and value and all(map(_is_file, value)):
            return [(one.get("path", ""), one["content"]) for one in value if "content" in one]
    elif response.event not in _FILE_MESSAGES:
        return []
    return [(path or _FILE_MESSAGES.get(response.event, ""), value)] if isinstance(value, str) else []


def _is_file(value: Any) -> bool:
    """Whether the value is a file's text by its path, or what was wrong with it."""
    if not isinstance(value, Mapping) or not ("content" in value or "error" in value):
        return False
    return all(isinstance(value.get(name, ""), str) for name in ("path", "content", "error"))


def _file(response: Response) -> Body | None:
    found = _texts(response)
    if found and response.event in _FILE_MESSAGES and (cells := rendered(response)):
        return cells
    shown = [block for path, content in found[:_MANY] for block in file_blocks(path, content)]
    if len(found) > _MANY:
        shown.append(Note(f"… {len(found) - _MANY:,} more files, in the response"))
    return (*shown, *(_unread(response) if found else ())) or None


def _unread(response: Response) -> Body:
    """What was wrong with some of several files."""
    said = response.get("content")
    wrong = [one for one in said if one.get("error")] if isinstance(said, list) else []
    return tuple(text_block(one["error"], one.get("path", ""), "error") for one in wrong[:_MANY])


def _jupyter(response: Response) -> Body | None:
    value = response.value
    outputs = value if isinstance(value, list) else response.get("output")
    if not isinstance(outputs, list) or not (outputs or "xecute" in response.request.event):
        return None
    if response.event != "jupyter_execute_response" and not are_outputs(outputs):
        return None
    taken = response.get("total_time_s")
    note: Body = ()
    if isinstance(taken, int | float) and not isinstance(taken, bool) and 0 <= taken < 10**9:
        note = (Facts((("ran for", Said(milliseconds(taken), f"{taken} s")),)),)
    return (*output_blocks(outputs), *note)


def _listing(response: Response) -> Body | None:
    files = carried(response)[1]
    if isinstance(files, Mapping):
        files = files.get("files")
    if not isinstance(files, list) or not all(isinstance(file, Mapping) for file in files):
        return None
    if not ("isting" in response.event and all("name" in file for file in files)):
        return None
    options = response.request.options
    folder = brief(options.get("path", ""), _WORD).strip("/")
    return listing(files, place(response), options.get("project_id"), folder)


def _kernels(response: Response) -> Body | None:
    kernels = carried(response)[1]
    if not _all_have(kernels, "display_name", "language"):
        return None
    names = ("name", "display_name", "language")
    rows = tuple(tuple(told(name, one.get(name, ""), _WORD) for name in names) for one in kernels[:_ROWS])
    columns = tuple(Column(name.replace("_", " ")) for name in names)
    shown = [{name: one.get(name) for name in names} for one in kernels]
    return (Table(columns, rows, len(kernels), len(names), shown),)


def _keys(response: Response) -> Body | None:
    """Keys without the keys: a name, the last letters, until when."""
    keys = carried(response)[1]
    if not _all_have(keys, "trunc"):
        return None
    names = [name for name in _KEY if any(name in one for one in keys)]
    shown = [{name: one.get(name) for name in names} for one in keys]
    rows = tuple(tuple(told(name, one[name], _WORD) for name in names) for one in shown[:_ROWS])
    listed: Body = (Table(tuple(Column(_KEY[name]) for name in names), rows, len(keys), len(names), shown),)
    if any(one.get("secret") for one in keys):
        listed += (_HIDDEN,)
    return listed


def _all_have(value: Any, *names: str) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, Mapping) and all(name in one for name in names) for one in value)
    )


def _query(response: Response) -> Body | None:
    """The tables that were asked for, each by its name; what was written."""
    found = tables_of(response)
    if found is None:
        return None
    shown: list[Block] = []
    for name, value in found[:_MANY]:
        shown.append(Title(cut(name, _WORD)))
        if value in (None, [], {}):
            shown.append(Note("No records." if value == [] else "No record."))
        else:
            shown += value_blocks(value, place(response))
    if found:
        return tuple(shown)
    asked = response.request.options.get("query")
    if isinstance(asked, Mapping) and asked and not _is_open(asked, _LEVELS):
        return (Verdict("done", f"Written: {cut(', '.join(map(str, asked)), 2 * _WORD)}.", "good"),)
    return (Note("The answer holds no records."),)


def _is_open(query: Any, levels: int) -> bool:
    """Whether something in a query is open, so that it reads; what writes says all that it names."""
    if isinstance(query, Mapping):
        query = list(query.values())
    if isinstance(query, list):
        return levels > 0 and any(_is_open(one, levels - 1) for one in query)
    return query is None


def _picture(response: Response) -> Body | None:
    return picture_blocks(response.get("filename"), response.get("base64"))


def _new(response: Response) -> Body | None:
    """What was made, by its id, and where it is opened."""
    name, value = carried(response)
    if name == "" and isinstance(value, str) and "project" in response.request.event.lower():
        value = {"project_id": value}
    if not isinstance(value, Mapping) or list(value) != ["project_id"] or not is_uuid(value["project_id"]):
        return None
    page = project_address(place(response), value["project_id"])
    opens = (("opens at", linked(page, page)),) if page else ()
    return (*made(response), Facts((("project id", value["project_id"]), *opens)))


def _text(response: Response) -> Body | None:
    name, value = carried(response)
    return _any_text(response, name, value) if isinstance(value, str) and value else None


def _empty(response: Response) -> Body | None:
    value = carried(response)[1]
    if value not in ([], ""):
        return None
    if name := empty_list(response):
        return (Note(f"The list of {name.replace('_', ' ')} is empty."),)
    return (Note(f"The answer is an empty {'list' if value == [] else 'text'}."),)


def _nothing(response: Response) -> Body | None:
    value = carried(response)[1]
    nothing = all(one is None for one in value) if isinstance(value, list) else value in (EMPTY, None, {})
    return done(response) if nothing else None


def _single(response: Response) -> Body | None:
    value = carried(response)[1]
    return None if isinstance(value, Mapping | list) else answer(response, value)


def _standing(response: Response) -> Body | None:
    return standing(carried(response)[1], place(response))


def _any_json(response: Response) -> Body:
    name, value = carried(response)
    first: Body = (Title(label(name, _WORD)),) if name else ()
    if not name and isinstance(value, Mapping) and len(value) <= _RESULT:
        first = () if card(value, "") else made(response)
    return (*first, *value_blocks(value, place(response)), *_withheld(value))


def _any_text(response: Response, name: str, value: str) -> Body:
    shown = shown_value(response)
    shown = shown if isinstance(shown, str) else value
    if is_uuid(shown):
        return answer(response, shown)
    if shown == HIDDEN:
        return (*made(response), Facts((("answer", shown),)), _HIDDEN)
    return (text_block(shown, cut(name, _WORD)),)


def _withheld(value: Any) -> Body:
    """Where to find what is not shown."""
    fields = value.items() if isinstance(value, Mapping) else ()
    return (_HIDDEN,) if any(masked(str(name), one) == HIDDEN for name, one in fields) else ()


_LEVELS = 4  # of a query: tables, records, fields, conditions
_HIDDEN = Note(f"{HIDDEN} is in the response; it is not shown, since what is shown is saved.")
_RESULT = 6  # fields of what comes of doing something
_MANY = 10  # files or tables of one answer
_ROWS = 20
_FILES = ("text_file_read_from_project", "public_text_file_contents")
_FILE_MESSAGES = {  # -> a name that tells the kind of text where none was given
    "project:system.readTextFileFromProject": "",
    "project:editor.jupyterStripNotebook": "notebook.ipynb",
    "project:editor.jupyterRunNotebook": "notebook.ipynb",
}
_KEY = {
    "id": "id", "name": "name", "trunc": "key", "created": "created", "expire": "expires",
    "last_active": "last used", "project_id": "project id",
}  # fmt: skip

_VIEWS: tuple[Callable[[Response], Body | None], ...] = (
    _pong,
    _command_output,
    _file,
    _jupyter,
    _listing,
    _kernels,
    _keys,
    _query,
    _picture,
    _new,
    _text,
    _empty,
    _nothing,
    _single,
    _standing,
    _any_json,
)
