"""Tab completion: commands, events, options, values, variables, files and projects.

Nothing is sent to a server while somebody types: titles of projects are those that are known already.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from inspect import isclass, ismodule, isroutine
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cocalc_magic import catalog
from cocalc_magic.catalog.raw import METHODS
from cocalc_magic.commands.course_room import EVERYWHERE
from cocalc_magic.commands.course_room import FLAGS as COURSE_FLAGS
from cocalc_magic.commands.synopsis import SYNOPSES
from cocalc_magic.config import servers_file
from cocalc_magic.errors import CoCalcError
from cocalc_magic.response import Response
from cocalc_magic.sanitize import visible_line
from cocalc_magic.syntax.flags import FLAGS, Flag
from cocalc_magic.syntax.format import format_title, format_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_START = re.compile(r"\s*(?:[^\W\d][\w.,\s*\[\]'\"]*=\s*)?%%?cocalc\s+(?P<rest>.*)", re.DOTALL)
_BODY = re.compile(r"(?:\s*#[^\n]*\n|\s*\n)*%%cocalc\s+(?P<first>[^\n]*)\n(?P<body>.*)", re.DOTALL)
_WORD = re.compile(r"""\s+|(?:[^\s"']|"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$))+""")
_LINE_OPTION = re.compile(r"(?:^|\s)([A-Za-z_]\w*)(?:\[\])?:?=")
_BODY_OPTION = re.compile(r"^([A-Za-z_]\w*)\s*:", re.MULTILINE)
_VALUE = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:\[\])?(?P<sign>:?=)(?P<at>@?)(?P<text>.*)", re.DOTALL)
_EACH = re.compile(r"--each[\s=]\s*(?P<data>\S+)")
_ROW_COLUMN = re.compile(r"\$\{?row\.(?P<name>\w*)$")
_TAKES_BODY = re.compile(r":?=-(?=\s|\Z)")
_BODY_VALUE = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*:\s+(?P<text>[^\n]*)$")
MAX_OFFERS = 100
CONFORM_FLAGS = ("--write", "--cases", "--world", "--junit", "--html", "--timeout")
RECORD_FLAGS = ("--stop", "--leave-out", "--discard")
REPLAY_FLAGS = ("--strict", "--expires", "--expired", "--stop", "--diff", "--server")
JOBS_FLAGS = ("--stop", "--forget")
COURSE_FILES = ("init", "handout", "return", "--file", "--into", "--csv", "--html", "--archive")
TRANSFER_FLAGS = ("--project", "--to", "--force", "--quiet", "--server")


@dataclass(frozen=True)
class Offer:
    """One completion: the text that replaces the fragment, and what it is, in one word.

    `by_words` says that it was chosen by more than its beginning.
    """

    text: str
    kind: str
    by_words: bool = False


@dataclass(frozen=True)
class Known:
    """What is known without a request: variables of the notebook, titles of projects by id, servers."""

    names: Mapping[str, Any]
    titles: Mapping[str, str]
    servers: Iterable[str] = ()


def complete(
    context: Any, names: Mapping[str, Any], titles: Mapping[str, str], hidden: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what IPython's completer takes from a matcher, for the cell up to the cursor.

    `hidden` are the variables that IPython itself put into the notebook.
    """
    from IPython.core.completer import SimpleCompletion  # late: completion in a shell needs no IPython

    lines = context.full_text.split("\n")[: context.cursor_line + 1]
    text = "\n".join([*lines[:-1], lines[-1][: context.cursor_position]])
    completions = None
    if "%cocalc" in text:
        own = {name: value for name, value in names.items() if hidden.get(name, names) is not value}
        completions = offers(text, Known(own, titles, server_names()))
    if not completions or not completions[1]:
        return {"completions": [], "suppress": False}
    return {
        "completions": [SimpleCompletion(text=offer.text, type=offer.kind) for offer in completions[1]],
        "matched_fragment": completions[0],
        "suppress": True,
        "ordered": True,
    }


def server_names() -> list[str]:
    """Return the names of the servers that are known here."""
    try:
        return [servers_file.SANDBOX, *servers_file.load().all()]
    except CoCalcError:  # a broken file, which the next message will report
        return [servers_file.SANDBOX]


def offers(text: str, known: Known) -> tuple[str, list[Offer]] | None:
    """Return the fragment before the cursor and its completions; `None` outside of our magics.

    `text` is the cell up to the cursor.
    """
    if body := _BODY.fullmatch(text):
        return _in_body(body["first"], body["body"], known)
    line = _START.fullmatch(text.rpartition("\n")[2])
    if line is None:
        return None
    rest = line["rest"]
    words = _WORD.findall(rest)
    fragment = words[-1] if words and words[-1].strip() else ""
    before = rest[: len(rest) - len(fragment)]
    return fragment, _matching(fragment, _in_line(before, fragment, known))


def _in_line(before: str, fragment: str, known: Known) -> Iterable[Offer]:
    words = before.split()
    if not words:
        return [*_offers("command", SYNOPSES), *_offers("event", _events(fragment))]
    if words[-1] == "--project":
        return _projects(fragment, known)
    if words[0] in SYNOPSES and words[0] != "raw":
        return _in_command(words, fragment, known)
    if fragment.startswith("-"):
        return _offers("flag", (name for flag in FLAGS for name in flag.names))
    if flag := next((flag for flag in FLAGS if words[-1] in flag.names and flag.value), None):
        return _flag_values(flag, before, fragment, known)
    if words[0] == "raw":
        return _in_raw(words[1:], before, fragment, known)
    message = catalog.get(words[0])
    return _in_message(message, before, fragment, known) if message else ()


def _flag_values(flag: Flag, before: str, fragment: str, known: Known) -> Iterable[Offer]:
    if flag.value == "DATA":
        return [
            *_offers("file", map(format_value, _files(fragment.strip("'\"")))),
            *_variables(known, fragment),
        ]
    if flag.value == "EXECUTOR":
        return _variables(known, fragment)
    if flag.value == "COLUMN":
        return _offers("column", map(format_value, _columns(before, known)))
    return _offers("value", known.servers if flag.value == "SERVER" else flag.choices)


def _columns(line: str, known: Known) -> list[str]:
    """Return the columns of the data that a line names after `--each`, as its first row has them."""
    match = _EACH.search(line)
    if match is None:
        return []
    from cocalc_magic.bulk.data import rows_of  # late: few lines have rows

    data = match["data"].strip("'\"")
    try:
        rows = rows_of(known.names.get(data[1:]) if data.startswith("$") else data)
        return [str(name) for row in islice(rows, 1) for name in row.values]
    except CoCalcError:  # which sending it will report
        return []


def _of_row(line: str, fragment: str, known: Known) -> Iterable[Offer]:
    """Offer the columns behind `$row.` or `${row.` at the end of a value."""
    match = _ROW_COLUMN.search(fragment)
    if match is None:
        return ()
    names = (name for name in _columns(line, known) if name.isidentifier())
    return [Offer(fragment[: match.start("name")] + name, "column") for name in names]


def _in_command(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer what stands behind a command, or behind several words of it."""
    command = " ".join(words)
    offers = _BEHIND.get(command) or _AFTER.get(words[0])
    return offers(words, fragment, known) if offers else ()


def _in_conform(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer servers, flags, and files after those that take one."""
    if fragment.startswith("-"):
        return _offers("flag", CONFORM_FLAGS)
    if words[-1] in ("--cases", "--world", "--junit", "--html"):
        return _local_files(fragment)
    return () if words[-1] == "--timeout" else _offers("server", known.servers)


def _in_course(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer actions, their flags, servers, and files of this machine where an action takes one."""
    if len(words) == 1:
        return _offers("command", COURSE_FLAGS)
    if fragment.startswith("-"):
        return _offers("flag", {**COURSE_FLAGS.get(words[1], {}), **EVERYWHERE})
    if words[-1] == "--server":
        return _offers("server", known.servers)
    return _local_files(fragment) if words[-1] in COURSE_FILES else ()


def _in_transfer(words: list[str], fragment: str) -> Iterable[Offer]:
    """Offer flags, and files of this machine: those to upload, and the folder to download to."""
    if fragment.startswith("-"):
        return _offers("flag", TRANSFER_FLAGS)
    here = words[-1] == "--to" if words[0] == "download" else words[-1] not in ("--to", "--server")
    return _local_files(fragment) if here else ()


def _in_cassette(words: list[str], fragment: str, known: Known) -> Iterable[Offer]:
    """Offer flags, what stands behind them, and the file of a recording."""
    if fragment.startswith("-"):
        return _offers("flag", RECORD_FLAGS if words[0] == "record" else REPLAY_FLAGS)
    if words[-1] == "--server":
        return _offers("server", known.servers)
    if words[-1] == "--expired":
        return _offers("value", ("warn", "error"))
    return _local_files(fragment) if len(words) == 1 else ()


def _servers(_: list[str], __: str, known: Known) -> Iterable[Offer]:
    return _offers("server", known.servers)


def _exercises(*_: object) -> Iterable[Offer]:
    from cocalc_magic.lessons.shipped import shipped_exercises  # late: few sessions have exercises

    return _offers("value", shipped_exercises())


def _doc_pages(*_: object) -> Iterable[Offer]:
    from cocalc_magic.docs.pages import doc_pages  # late: it reads all pages

    return _offers("value", (page.name.rpartition("/")[2] for page in doc_pages()))


if TYPE_CHECKING:
    _Offering = Callable[[list[str], str, Known], Iterable[Offer]]

_AFTER: Mapping[str, _Offering] = {
    **dict.fromkeys(("help", "form", "explore"), lambda _, fragment, __: _offers("event", _events(fragment))),
    "events": lambda *_: _offers("event", (*catalog.GENERATIONS, *catalog.messages())),
    "use": lambda _, fragment, known: _projects(fragment, known),
    "pack": lambda _, fragment, __: _local_files(fragment),
    "conform": _in_conform,
    "course": _in_course,
    **dict.fromkeys(("record", "replay"), _in_cassette),
    **dict.fromkeys(("upload", "download"), lambda words, fragment, _: _in_transfer(words, fragment)),
    **dict.fromkeys(("login", "logout"), _servers),
}
_BEHIND: Mapping[str, _Offering] = {
    "check": _exercises,
    "docs": _doc_pages,
    "open": lambda _, fragment, known: _projects(fragment, known),
    "jobs": lambda *_: _offers("flag", JOBS_FLAGS),
    "scope": lambda _, fragment, __: _local_files(fragment),
    "server": lambda *_: _offers("command", ("list", "add", "use", "remove")),
    **dict.fromkeys(("server use", "server remove"), _servers),
}


def _local_files(fragment: str) -> Iterator[Offer]:
    return _offers("file", map(format_value, _files(fragment.strip("'\""))))


def _in_raw(words: list[str], before: str, fragment: str, known: Known) -> Iterable[Offer]:
    """Offer a method or a name after `raw`, then the options of the message of this name."""
    if not words:
        return [*_offers("method", METHODS), *_offers("event", _events(fragment))]
    message = catalog.get(words[0])
    return _in_message(message, before, fragment, known) if message else ()


def _events(fragment: str) -> Iterable[str]:
    """Return the v1 events, which work everywhere; all events once something is typed."""
    return catalog.names() if fragment else catalog.messages()


def _in_message(message: catalog.Message, before: str, fragment: str, known: Known) -> Iterable[Offer]:
    value = _VALUE.fullmatch(fragment)
    if value is None:
        return _options(message, set(_LINE_OPTION.findall(before)), "=")
    if columns := _of_row(before, fragment, known):
        return columns
    start = f"{value['name']}{value['sign']}{value['at']}"  # a completion replaces the whole word
    if value["at"]:
        return _offers("file", (start + format_value(path) for path in _files(value["text"].strip("'\""))))
    return (
        Offer(start + offer.text, offer.kind, offer.by_words)
        for offer in _values(message, value["name"], value["text"], known)
    )


def _offers(kind: str, texts: Iterable[str]) -> Iterator[Offer]:
    return (Offer(text, kind) for text in texts)


def _in_body(first: str, body: str, known: Known) -> tuple[str, list[Offer]] | None:
    words = first.split()
    message = catalog.get(words[0]) if words else None
    line = body.rpartition("\n")[2]
    if message is None or _TAKES_BODY.search(first):
        return None
    if columns := _of_row(first, line, known):
        return line, _matching(line, columns)
    if value := _BODY_VALUE.fullmatch(line):
        return value["text"], _matching(value["text"], _values(message, value["name"], value["text"], known))
    present = set(_LINE_OPTION.findall(first)) | set(_BODY_OPTION.findall(body))
    return line, _matching(line, _options(message, present, ": "))


def _options(message: catalog.Message, present: set[str], sign: str) -> list[Offer]:
    """Return the remaining options with their types, required ones first."""
    left = [option for option in message.options if option.name not in present]
    left.sort(key=lambda option: not option.required)
    return [Offer(f"{option.name}{sign}", option.type.split()[0]) for option in left]


def _values(message: catalog.Message, name: str, text: str, known: Known) -> Iterable[Offer]:
    """Offer values of an option, as far as they are known."""
    option = next((option for option in message.options if option.name == name), None)
    if option is None:
        return ()
    if option.names_project:
        return [*_projects(text, known), *_variables(known, text, ids=True)]
    if text.startswith("$"):
        return _variables(known, text)
    return _offers("value", option.choices or (("true", "false") if option.type == "boolean" else ()))


def _projects(fragment: str, known: Known) -> Iterator[Offer]:
    """Offer titles that have the typed words, in the quotes that were opened, those that begin so first.

    A project is offered by its id if that was begun, or if no title of its own can be seen.
    """
    quote = fragment[:1] if fragment[:1] in ("'", '"') else ""
    words = _bare(fragment)
    count = Counter(known.titles.values())
    usable = {key for key, title in known.titles.items() if title.strip() and _is_visible(title)}
    titles = [known.titles[key] for key in known.titles if key in usable and count[known.titles[key]] == 1]
    titles.sort(key=lambda title: not _bare(title).startswith(words))  # stable: then as they were listed
    for title in titles:
        if all(word in _bare(title) for word in words.split()):
            yield Offer(format_title(title, quote), "project", by_words=True)
    for project_id, title in known.titles.items():
        begun = bool(words) and project_id.startswith(words)
        nameless = words in _bare(title) and (project_id not in usable or count[title] > 1)
        if begun or nameless:
            yield Offer(project_id, "id", by_words=True)


def _variables(known: Known, text: str, *, ids: bool = False) -> Iterator[Offer]:
    """Offer variables with a value to send; with `ids` those that hold an id, and after a `$` the others."""
    holders = [name for name in sorted(known.names) if _is_own(name, known.names[name])]
    if ids:
        holding = [name for name in holders if _holds_id(known.names[name])]
        holders = holding + [name for name in holders if text.startswith("$") and name not in holding]
    return _offers("variable", (f"${name}" for name in holders))


def _is_own(name: str, value: Any) -> bool:
    return not (name.startswith("_") or ismodule(value) or isroutine(value) or isclass(value))


def _holds_id(value: Any) -> bool:
    """Return whether a value names a project: an id, or a response or record that has one."""
    if isinstance(value, dict | Response):
        value = value.get("project_id")
    return isinstance(value, str | UUID) and catalog.is_uuid(str(value))


def _files(text: str) -> Iterator[str]:
    folder, _, start = text.rpartition("/")
    try:
        paths = sorted(Path(folder or ("/" if text.startswith("/") else ".")).expanduser().iterdir())
    except OSError:
        return
    for path in paths[:1000]:
        if path.name.startswith(start) and (start or not path.name.startswith(".")):
            yield f"{folder}/{path.name}" if "/" in text else path.name


def _matching(fragment: str, offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers that begin with the fragment, quoted or not, and do not hide anything."""
    bare = _bare(fragment)
    offers = (offer for offer in offers if offer.by_words or _bare(offer.text).startswith(bare))
    return list(islice((offer for offer in offers if _is_visible(offer.text)), MAX_OFFERS))


def _is_visible(text: str) -> bool:
    return visible_line(text) == text and text.isprintable()


def _bare(text: str) -> str:
    return text.lower().replace('"', "").replace("'", "")
