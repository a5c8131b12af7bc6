"""Parse the line of the magic: `EVENT name=value … --flag`, with HTTPie's item signs.

Blanks separate words; double quotes group and expand `$`, single quotes group and expand nothing;
`# ` starts a comment. A `$name["k"]` or `${…}` is one piece whatever it contains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.catalog.raw import METHODS, RAW, canonical
from cocalc_magic.errors import InvalidSyntax, InvalidValue, SourceSpan
from cocalc_magic.syntax import characters, mistakes, pasted
from cocalc_magic.syntax.flags import FLAGS, Flag
from cocalc_magic.syntax.variables import Piece, Variable, find, merged, reference

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVENT = re.compile(r"[^\s=#'\"$;]+")
_ITEM = re.compile(r"(?P<name>[A-Za-z_][\w-]*)(?P<sign>\[\]:=|\[\]=|:=|=)")
_FLAG = re.compile(r"(?P<name>--?[A-Za-z][\w-]*)(?P<equals>=)?")
_BLANK = re.compile(r"\s*")
_STOP = re.compile(r";(?=\s*(?:#(?:\s|\Z)|\Z))")  # a semicolon that ends the line
_COMMENT = re.compile(r"#(?=\s|\Z)")
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[^\s'\"$;]+")
_QUOTED = re.compile(r'[^"\\$]+')
_JSON_PIECE = re.compile(r'[^\s"$\[\]{}]+|\s+|.', re.DOTALL)


@dataclass(frozen=True)
class Item:
    """One `name=value`: `sign` as typed (`=`, `:=`, `[]=`, `[]:=`), `source` what follows it.

    `source` is `text`, `file` (after `@`) or `body` (`-`); `parts` are the pieces of
    its text, and `quote` is the quote that it began with, if any.
    """

    name: str
    sign: str
    source: str
    parts: list[Piece]
    span: SourceSpan
    quote: str = ""

    @property
    def literal(self) -> str | None:
        """Its text, where no variable stands in it."""
        texts = [part for part in self.parts if isinstance(part, str)]
        return "".join(texts) if len(texts) == len(self.parts) else None


@dataclass(frozen=True)
class Line:
    """A parsed line: the first word (an event or a command), its items and its flags.

    `spread` are variables whose value is a mapping of options: `${payload}`, `**payload`. The value
    of a flag is its pieces, or `True` for one that takes none.
    """

    text: str
    event: str
    span: SourceSpan
    items: list[Item] = field(default_factory=list)
    spread: list[Variable] = field(default_factory=list)
    flags: dict[str, list[Piece] | bool] = field(default_factory=dict)
    silent: bool = False


def parse(text: str, flags: tuple[Flag, ...] = FLAGS) -> Line:
    """Parse a line. Raises `InvalidSyntax` with its span."""
    return _Reader(text, {name: flag for flag in flags for name in flag.names}).line()


def split_words(text: str) -> list[list[Piece]]:
    """Split a command into words, each as its pieces. Raises `InvalidSyntax` with its span."""
    return _Reader(text, {}).words()


_RAW = re.compile(rf"\s+(?:(?P<method>{'|'.join(METHODS)})\s+)?(?P<what>[^\s\"]*[^\s\";])", re.IGNORECASE)


def is_silent(text: str) -> bool:
    """Return whether a command hides its value: by `--quiet`, or a semicolon."""
    reader = _Reader(text, {})
    return ["--quiet"] in reader.words() or reader.silent


class _Reader:
    """Reads one line from left to right; every method moves `at` behind what it read."""

    def __init__(self, text: str, flags: Mapping[str, Flag]) -> None:
        self.whole = text
        self.text = text.rstrip()
        self.flags = flags
        self.event = ""
        self.at = 0
        self.silent = False
        self.invisible = bool(characters.INVISIBLE.search(text))

    def line(self) -> Line:
        self._blanks()
        if pasted.BEGINS.match(self.text, self.at):
            pasted.refuse(self.text, self.at)
        start = self.at
        match = None if _ITEM.match(self.text, start) else _EVENT.match(self.text, start)
        if match and not match[0].startswith(("-", "*")):
            self._check_visible(start, match.end())
            self.event, self.at = match[0], match.end()
            if self.event == "raw":
                self._raw()
        span = self._spot(start, max(start, self.at))
        items, spread, flags = list[Item](), list[Variable](), dict[str, list[Piece] | bool]()
        while self._next_word():
            self._word(items, spread, flags)
        return Line(self.whole, self.event, span, items, spread, flags, self.silent)

    def words(self) -> list[list[Piece]]:
        words = []
        while self._next_word():
            words.append(self._value())
        return words

    def _raw(self) -> None:
        """Read the name after `raw`, or a method and a path, which belong to the event."""
        match = _RAW.match(self.text, self.at)
        if match is None:
            raise mistakes.no_raw(self._spot(self.at, len(self.text)))
        self._check_visible(self.at, match.end())
        method = f"{match['method'].upper()} " if match["method"] else ""
        try:
            self.event, self.at = canonical(f"{RAW}{method}{match['what']}"), match.end()
        except InvalidValue as problem:
            problem.span = self._spot(match.start("what"), match.end())
            raise

    def _next_word(self) -> bool:
        before = self.at
        self._blanks()
        if self._done():
            return False
        if self.at == before and before > 0:
            raise mistakes.no_blank(self._spot(self.at, len(self.text)))
        if self.text[before - 1] in ",;" and before > 0 and self._is_known_word():
            raise mistakes.separator(self._spot(before - 1, before))
        return True

    def _is_known_word(self) -> bool:
        return bool(_ITEM.match(self.text, self.at) or _FLAG.match(self.text, self.at) or self._variable())

    def _word(self, items: list[Item], spread: list[Variable], flags: dict[str, list[Piece] | bool]) -> None:
        if match := _ITEM.match(self.text, self.at):
            items.append(self._item(match))
        elif match := _FLAG.match(self.text, self.at):
            self._flag(match, flags)
        elif variable := self._variable():
            spread.append(variable)
            self.at += len(variable.source)
        else:
            raise self._no_item()

    def _variable(self) -> Variable | None:
        """Return the variable that is a word by itself: `$payload`, `${…}`, `**payload`."""
        if self.text.startswith("**", self.at):
            return reference(self.text, self.at, "**", self.whole)
        if self.text.startswith("$$", self.at) or not self.text.startswith("$", self.at):
            return None
        return find(self.text, self.at, self.whole)

    def _item(self, match: re.Match[str]) -> Item:
        start, name, sign = self.at, match["name"], match["sign"]
        self.at = match.end()
        self._check_visible(start, self.at)
        if "[]" not in sign and self._is_dash():
            self.at += 1
            return Item(name, sign, "body", [], self._spot(start, self.at))
        source = "file" if self.text.startswith("@", self.at) else "text"
        self.at += source == "file"
        first = self.text[self.at : self.at + 1]
        if first and first in characters.QUOTES:
            raise self._curly()
        quote = first if first in ("'", '"') else ""
        parts = self._json() if sign.endswith(":=") and source == "text" and not quote else self._value()
        return Item(name, sign, source, parts, self._spot(start, self.at), quote)

    def _flag(self, match: re.Match[str], flags: dict[str, list[Piece] | bool]) -> None:
        start, written = self.at, match["name"]
        self.at = match.end()
        if written not in self.flags and written[:2] in self.flags:
            written, self.at = written[:2], start + 2  # -oNAME
        flag = self.flags.get(written)
        if flag is None:
            self._check_visible(start, self._word_end())
            raise mistakes.no_flag(written, self.event, self.flags, self._spot(start, self.at))
        name = flag.names[0].lstrip("-")
        if flag.value and name in flags:
            raise InvalidSyntax(f"{flag.names[0]} is given twice.", span=self._spot(start, self.at))
        flags[name] = self._flag_value(flag, bool(match["equals"]), start)

    def _flag_value(self, flag: Flag, equals: bool, start: int) -> list[Piece] | bool:
        if not flag.value:
            return True
        if not equals:
            self._blanks()
        parts = self._value()
        if not parts:
            raise InvalidSyntax(
                f"{flag.names[0]} needs a value.",
                f"Write {flag.names[0]} {flag.value}",
                span=self._spot(start, self.at),
            )
        return parts

    # -- values ------------------------------------------------------------------------------------

    def _value(self) -> list[Piece]:
        """Read a word: plain text, quoted text and variables, up to the next blank."""
        parts: list[Piece] = []
        while not self._at_end():
            if self.text[self.at] == "'":
                parts.append(self._single_quoted())
            elif self.text[self.at] == '"':
                parts += self._double_quoted()
            else:
                parts.append(self._piece(_PLAIN))
        return merged(parts) if len(parts) > 1 else [part for part in parts if part]

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise mistakes.open_quote(self._spot(self.at, self.at + 1))
        start, self.at = self.at + 1, end + 1
        return self.text[start:end]

    def _double_quoted(self) -> list[Piece]:
        opened, parts = self.at, list[Piece]()
        self.at += 1
        while not self._done():
            if self.text[self.at] == '"':
                self.at += 1
                return parts
            if self.text[self.at] == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\"):
                parts.append(self.text[self.at + 1])
                self.at += 2
            else:
                parts.append(self._piece(_QUOTED))
        raise mistakes.open_quote(self._spot(opened, opened + 1))

    def _piece(self, plain: re.Pattern[str]) -> Piece:
        """Read a variable, or the characters up to the next special one."""
        start = self.at
        if self.text[start] == "$" and (variable := find(self.text, start, self.whole)):
            self.at += len(variable.source)
            return variable
        match = plain.match(self.text, start)
        self.at = match.end() if match else start + 1
        if plain is _PLAIN:
            self._check_visible(start, self.at)
        return self.text[start : self.at]

    def _json(self) -> list[Piece]:
        """Read JSON without quotes around it, up to the blank after its last bracket."""
        parts, depth, start = list[Piece](), 0, self.at
        while not self._done() and (depth or not self._at_end()):
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
                "the JSON does not close.", "Each [ needs a ], each { a }.", span=self._spot(start, self.at)
            )
        return merged(parts)

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
                parts.append(self._piece(_QUOTED))
        raise mistakes.open_quote(self._spot(opened, opened + 1))

    # -- places and problems -----------------------------------------------------------------------

    def _blanks(self) -> None:
        """Skip blanks, and a comment or semicolon that ends the line."""
        match = _BLANK.match(self.text, self.at)
        blank_before = self.at == 0 or bool(match and match[0])
        self.at = match.end() if match else self.at
        self._at_end()
        if blank_before and _COMMENT.match(self.text, self.at):
            self.at = len(self.text)

    def _at_end(self) -> bool:
        """Return whether the word ends here: by a blank, or with the line."""
        if self._done():
            return True
        if self.text[self.at] == ";" and _STOP.match(self.text, self.at):
            self.silent, self.at = True, len(self.text)
            return True
        return self.text[self.at].isspace()

    def _is_dash(self) -> bool:
        """Return whether the word is a single dash."""
        rest = self.text[self.at + 1 : self.at + 2]
        return self.text.startswith("-", self.at) and (
            not rest or rest.isspace() or bool(_STOP.match(self.text, self.at + 1))
        )

    def _word_end(self) -> int:
        match = _WORD.match(self.text, self.at)
        return match.end() if match else self.at

    def _done(self) -> bool:
        return self.at >= len(self.text)

    def _spot(self, start: int, end: int) -> SourceSpan:
        return SourceSpan(self.whole, start, end)

    def _check_visible(self, start: int, end: int) -> None:
        """Refuse an invisible character in this range, outside of quotes."""
        if self.invisible and (match := characters.INVISIBLE.search(self.text, start, end)):
            raise characters.invisible(match[0], self._spot(match.start(), match.end()))

    def _curly(self) -> InvalidSyntax:
        """Return the error for the typographic quote here, with the text up to its closing one."""
        end = mistakes.curly_end(self.text, self.at)
        return characters.curly(self.text[self.at : end], self._spot(self.at, end))

    def _no_item(self) -> InvalidSyntax:
        end = self._word_end()
        self._check_visible(self.at, end)
        return mistakes.no_item(self.text[self.at : end], self.event, self._spot(self.at, end))
