"""The line of the magic taken apart: ``EVENT name=value … --flag``, with HTTPie's item signs.

Blanks part words; double quotes group and expand ``$``, single quotes group and expand nothing;
``# `` starts a comment. A ``$name["k"]`` or ``${…}`` is one piece whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidSyntax, Spot, did_you_mean
from cocalc_magic.values.variables import Piece, Variable, find

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVENT = re.compile(r"[^\s=#'\"$]+")
_ITEM = re.compile(r"(?P<name>[A-Za-z_][\w-]*)(?P<sign>\[\]:=|\[\]=|:=|=)")
_FLAG = re.compile(r"(?P<name>--[a-z][\w-]*|-[a-z])(?P<equals>=)?")
_BLANK = re.compile(r"\s*")
_JSON_PIECE = re.compile(r'[^\s"$\[\]{}]+|\s+|.', re.DOTALL)


@dataclass(frozen=True)
class Item:
    """One ``name=value``: ``sign`` as typed (``=``, ``:=``, ``[]=``, ``[]:=``), ``source`` what follows it.

    ``source`` is ``text``, ``file`` (after ``@``) or ``body`` (``-``); ``parts`` are the pieces of
    its text, and ``quote`` is the quote that it began with, if any.
    """

    name: str
    sign: str
    source: str
    parts: list[Piece]
    spot: Spot
    quote: str = ""


@dataclass(frozen=True)
class Line:
    """What a line says: the first word (an event or a command), its items and its flags."""

    text: str
    event: str
    spot: Spot
    items: list[Item] = field(default_factory=list)
    flags: dict[str, str | bool] = field(default_factory=dict)
    silent: bool = False


@dataclass(frozen=True)
class Flag:
    """A word with dashes: its names, whether a value follows, and what it does."""

    names: tuple[str, ...]
    meaning: str
    value: str = ""


FLAGS = (
    Flag(("--out", "-o"), "store the response under this name", "NAME"),
    Flag(("--quiet",), "return the response and show nothing"),
    Flag(("--as",), "show it as auto, json, table, text, raw, html, widgets or bundle", "VIEW"),
    Flag(("--show",), "send nothing; give it as curl, httpie, python or message", "FORM"),
    Flag(("--form",), "send key-value pairs in place of JSON"),
    Flag(("--server",), "send it to this server: sandbox, or an address", "SERVER"),
    Flag(("--timeout",), "wait at most so many seconds", "SECONDS"),
    Flag(("--no-raise",), "return a failed response instead of raising"),
    Flag(("--yes",), "send it although it spends, deletes or writes to people"),
)


def parse(text: str, flags: tuple[Flag, ...] = FLAGS) -> Line:
    """The line taken apart; raises :class:`InvalidSyntax` with the spot."""
    return _Reader(text, {name: flag for flag in flags for name in flag.names}).line()


def split_words(text: str) -> list[list[Piece]]:
    """The words of a command, each as its pieces; raises :class:`InvalidSyntax` with the spot."""
    return _Reader(text, {}).words()


class _Reader:
    """Reads one line from left to right; every method leaves ``at`` behind what it read."""

    def __init__(self, text: str, flags: Mapping[str, Flag]) -> None:
        self.whole = text
        stripped = text.rstrip()
        self.silent = stripped.endswith(";")
        self.text = stripped[:-1].rstrip() if self.silent else stripped
        self.flags = flags
        self.at = 0

    def line(self) -> Line:
        self._blanks()
        start, event = self.at, ""
        match = None if _ITEM.match(self.text, self.at) else _EVENT.match(self.text, self.at)
        if match and not match[0].startswith("-"):
            event, self.at = match[0], match.end()
        line = Line(self.whole, event, self._spot(start, start + len(event)), silent=self.silent)
        while self._next_word():
            self._word(line)
        return line

    def words(self) -> list[list[Piece]]:
        found = []
        while self._next_word():
            found.append(self._value())
        return found

    def _next_word(self) -> bool:
        before = self.at
        self._blanks()
        if self._done():
            return False
        if self.at == before and before > 0:
            raise InvalidSyntax(
                f"a blank is missing before {self._rest(20)!r}.",
                'Quotes go round the whole value: title="it\'s new"',
                spot=self._spot(self.at, len(self.text)),
            )
        return True

    def _word(self, line: Line) -> None:
        if match := _ITEM.match(self.text, self.at):
            line.items.append(self._item(match))
        elif match := _FLAG.match(self.text, self.at):
            self._flag(match, line.flags)
        else:
            raise self._no_item()

    def _item(self, match: re.Match[str]) -> Item:
        start, name, sign = self.at, match["name"], match["sign"]
        self.at = match.end()
        if "[]" not in sign and self._is_word("-"):
            self.at += 1
            return Item(name, sign, "body", [], self._spot(start, self.at))
        source = "file" if self.text.startswith("@", self.at) else "text"
        self.at += source == "file"
        first = self.text[self.at : self.at + 1]
        quote = first if first in ("'", '"') else ""
        parts = self._json() if sign.endswith(":=") and source == "text" and not quote else self._value()
        return Item(name, sign, source, parts, self._spot(start, self.at), quote)

    def _flag(self, match: re.Match[str], found: dict[str, str | bool]) -> None:
        start, name = self.at, match["name"]
        self.at = match.end()
        flag = self.flags.get(name)
        if flag is None:
            raise InvalidSyntax(
                f"there is no flag {name}.",
                did_you_mean(name, self.flags),
                f"The flags: {', '.join(known.names[0] for known in dict.fromkeys(self.flags.values()))}.",
                spot=self._spot(start, self.at),
            )
        found[flag.names[0].lstrip("-")] = self._flag_value(flag, bool(match["equals"]), start)

    def _flag_value(self, flag: Flag, equals: bool, start: int) -> str | bool:
        if not flag.value:
            return True
        if not equals:
            self._blanks()
        parts = self._value()
        if not parts or any(isinstance(part, Variable) for part in parts):
            raise InvalidSyntax(
                f"{flag.names[0]} needs a value.",
                f"Write {flag.names[0]} {flag.value}",
                spot=self._spot(start, self.at),
            )
        return "".join(str(part) for part in parts)

    # -- values ------------------------------------------------------------------------------------

    def _value(self) -> list[Piece]:
        """A word: plain text, quoted stretches and variables, up to the next blank."""
        parts: list[Piece] = []
        while not self._done() and not self.text[self.at].isspace():
            if self.text[self.at] == "'":
                parts.append(self._single_quoted())
            elif self.text[self.at] == '"':
                parts += self._double_quoted()
            else:
                parts.append(self._plain())
        return _merged(parts)

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self._no_closing("'")
        start, self.at = self.at + 1, end + 1
        return self.text[start:end]

    def _double_quoted(self) -> list[Piece]:
        opened, parts = self.at, list[Piece]()
        self.at += 1
        while not self._done():
            if self.text[self.at] == '"':
                self.at += 1
                return parts or [""]
            if self.text[self.at] == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\"):
                parts.append(self.text[self.at + 1])
                self.at += 2
            else:
                parts.append(self._plain(stop='"\\'))
        self.at = opened
        raise self._no_closing('"')

    def _plain(self, stop: str = "") -> Piece:
        """A variable, or the characters up to the next one that may mean something."""
        if self.text[self.at] == "$" and (variable := find(self.text, self.at, self.whole)):
            self.at += len(variable.source)
            return variable
        start = self.at
        self.at += 1
        while not self._done() and self.text[self.at] not in (stop + "$" if stop else "'\"$ \t\n\r\f\v"):
            self.at += 1
        return self.text[start : self.at]

    def _json(self) -> list[Piece]:
        """JSON without quotes round it: to the blank after its last bracket, blanks within included."""
        parts, depth, start = list[Piece](), 0, self.at
        while not self._done() and (depth or not self.text[self.at].isspace()):
            character = self.text[self.at]
            if character == '"':
                parts += self._json_string()
            elif character == "$" and (variable := find(self.text, self.at, self.whole)):
                parts.append(variable)
                self.at += len(variable.source)
            else:
                match = _JSON_PIECE.match(self.text, self.at)
                piece = match[0] if match else character
                depth += (piece in ("[", "{")) - (piece in ("]", "}"))
                parts.append(piece)
                self.at += len(piece)
        if depth > 0:
            raise InvalidSyntax(
                "the JSON does not close.", "Each [ needs a ], each { a }.", spot=self._spot(start, self.at)
            )
        return _merged(parts)

    def _json_string(self) -> list[Piece]:
        opened, parts = self.at, list[Piece](['"'])
        self.at += 1
        while not self._done():
            character = self.text[self.at]
            if character == "\\":
                parts.append(self.text[self.at : self.at + 2])
                self.at += 2
            elif character == '"':
                self.at += 1
                return [*parts, '"']
            else:
                parts.append(self._plain(stop='"\\'))
        self.at = opened
        raise self._no_closing('"')

    # -- places and problems -----------------------------------------------------------------------

    def _blanks(self) -> None:
        match = _BLANK.match(self.text, self.at)
        blank_before = self.at == 0 or bool(match and match[0])
        self.at = match.end() if match else self.at
        if self.text.startswith("#", self.at) and blank_before and self._is_comment():
            self.at = len(self.text)

    def _is_comment(self) -> bool:
        return self.at + 1 >= len(self.text) or self.text[self.at + 1].isspace()

    def _is_word(self, word: str) -> bool:
        end = self.at + len(word)
        return self.text.startswith(word, self.at) and (end >= len(self.text) or self.text[end].isspace())

    def _done(self) -> bool:
        return self.at >= len(self.text)

    def _rest(self, limit: int) -> str:
        return self.text[self.at : self.at + limit]

    def _spot(self, start: int, end: int) -> Spot:
        return Spot(self.whole, start, end)

    def _no_closing(self, quote: str) -> InvalidSyntax:
        return InvalidSyntax(
            f"the quote {quote} does not close.", "Close it, or double-quote the whole value.",
            spot=self._spot(self.at, self.at + 1),
        )  # fmt: skip

    def _no_item(self) -> InvalidSyntax:
        match = re.compile(r"\S+").match(self.text, self.at)
        word = match[0] if match else ""
        if word.startswith("#"):
            hint = "A comment needs a blank after its #; text with a # needs quotes."
        elif word in ("=", ":="):
            hint = "Write name=value without blanks round the sign."
        else:
            hint = 'An item is name=value; a value with blanks needs quotes: title="My project"'
        return InvalidSyntax(
            f"{word[:40]!r} is no item.", hint, spot=self._spot(self.at, self.at + len(word))
        )


def _merged(parts: list[Piece]) -> list[Piece]:
    """The pieces with neighbouring texts put together."""
    merged: list[Piece] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return [part for part in merged if part] if len(merged) > 1 else merged
