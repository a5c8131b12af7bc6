"""Tab completion: where in a line or body the cursor is, and what fits there.

Nothing is sent to a server while somebody types: titles of projects are those that are known already.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.catalog.raw import METHODS
from cocalc_magic.commands.synopsis import SYNOPSES
from cocalc_magic.errors import CoCalcError
from cocalc_magic.ipython.command_completion import in_command
from cocalc_magic.ipython.offers import (
    Known,
    Offer,
    bare,
    events,
    files,
    is_visible,
    offers_of,
    projects,
    server_names,
    variables,
)
from cocalc_magic.syntax.flags import FLAGS, Flag
from cocalc_magic.syntax.format import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
        return [*offers_of("command", SYNOPSES), *offers_of("event", events(fragment))]
    if words[-1] == "--project":
        return projects(fragment, known)
    if words[0] in SYNOPSES and words[0] != "raw":
        return in_command(words, fragment, known)
    if fragment.startswith("-"):
        return offers_of("flag", (name for flag in FLAGS for name in flag.names))
    if flag := next((flag for flag in FLAGS if words[-1] in flag.names and flag.value), None):
        return _flag_values(flag, before, fragment, known)
    if words[0] == "raw":
        return _in_raw(words[1:], before, fragment, known)
    message = catalog.get(words[0])
    return _in_message(message, before, fragment, known) if message else ()


def _flag_values(flag: Flag, before: str, fragment: str, known: Known) -> Iterable[Offer]:
    if flag.value == "DATA":
        return [
            *offers_of("file", map(format_value, files(fragment.strip("'\"")))),
            *variables(known, fragment),
        ]
    if flag.value == "EXECUTOR":
        return variables(known, fragment)
    if flag.value == "COLUMN":
        return offers_of("column", map(format_value, _columns(before, known)))
    return offers_of("value", known.servers if flag.value == "SERVER" else flag.choices)


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


def _in_raw(words: list[str], before: str, fragment: str, known: Known) -> Iterable[Offer]:
    """Offer a method or a name after `raw`, then the options of the message of this name."""
    if not words:
        return [*offers_of("method", METHODS), *offers_of("event", events(fragment))]
    message = catalog.get(words[0])
    return _in_message(message, before, fragment, known) if message else ()


def _in_message(message: catalog.Message, before: str, fragment: str, known: Known) -> Iterable[Offer]:
    value = _VALUE.fullmatch(fragment)
    if value is None:
        return _options(message, set(_LINE_OPTION.findall(before)), "=")
    if columns := _of_row(before, fragment, known):
        return columns
    start = f"{value['name']}{value['sign']}{value['at']}"  # a completion replaces the whole word
    if value["at"]:
        return offers_of("file", (start + format_value(path) for path in files(value["text"].strip("'\""))))
    return (
        Offer(start + offer.text, offer.kind, offer.by_words)
        for offer in _values(message, value["name"], value["text"], known)
    )


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
        return [*projects(text, known), *variables(known, text, ids=True)]
    if text.startswith("$"):
        return variables(known, text)
    return offers_of("value", option.choices or (("true", "false") if option.type == "boolean" else ()))


def _matching(fragment: str, offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers that begin with the fragment, quoted or not, and do not hide anything."""
    prefix = bare(fragment)
    offers = (offer for offer in offers if offer.by_words or bare(offer.text).startswith(prefix))
    return list(islice((offer for offer in offers if is_visible(offer.text)), MAX_OFFERS))
