"""The text of a script -> its operators and words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unreadable(Exception):
    """Raised for a script that is not one of this shell; its text says what it is about.

    Attributes:
        line: The number of the line.
        shown: Its text.
    """

    line, shown = 1, ""


class Unexpected(Unreadable):
    """Raised for a sign or word that is out of place in its line."""


@dataclass(frozen=True)
class Part:
    """A part of a word, in quotes or not.

    Args:
        text: The text itself, the name of a variable, a script or a sum.
        kind: Which of these: empty, `variable`, `command` or `sum`.
        change: What is done with the value of a variable: a sign (`#`, `##`, `%`, `%%`, `-`, `:-`, `length`).
        with_: The text after that sign.
    """

    text: str
    quoted: bool = False
    kind: str = ""
    change: str = ""
    with_: str = ""


Word = tuple[Part, ...]


@dataclass
class Redirection:
    """Of the stream with this number: to or from (`<`, `>`, `>>`) a file, or to where another goes (`>&`).

    From text it is `<<`: the text is the target.
    """

    stream: int
    sign: str
    target: Word = field(default_factory=tuple)


NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[?#0-9@*$!]")
_OPERATORS = re.compile(r"&&|\|\||;;|>>|<<<|<<-?|[0-9]*>&|&>|[0-9]*>>|[0-9]*>|[0-9]*<|[|;&()\n]")
_SPACE = re.compile(r"(?:[ \t]|\\\n)+")
_PLAIN = re.compile(r"[^\s|&;()<>'\"\\$`#]+|#")
_IN_QUOTES = re.compile(r'[^"\\$`]+')
_IN_TEXT = re.compile(r"[^\\$`]+")
_CHANGED = re.compile(r"(#?)(\w+|[@*?#])(?:(:?-|##?|%%?)(.*))?", re.DOTALL)


class Symbols:
    """The operators and words of a script, whose last line ends; `line` is that of the last one."""

    def __init__(self, text: str) -> None:
        self._text, self._place = text, 0
        self._counted, self.line = 0, 1
        self._awaited: list[tuple[Redirection, str]] = []  # here-documents, and the signs before them
        self._back: list[str | Word] = []

    def __iter__(self) -> Iterator[str | Word]:
        while (symbol := self._next()) is not None:
            yield symbol

    def push_back(self, symbol: str | Word) -> None:
        """Have a symbol be the next one again."""
        self._back.append(symbol)

    def word(self, sign: str) -> Word:
        """Return the word that must follow. Raises `Unreadable`."""
        symbol = self._next()
        if symbol is None or isinstance(symbol, str):
            raise unexpected(symbol or "\n") if sign != "for" else Unreadable("for takes a name")
        return symbol

    def here_document(self, redirection: Redirection, sign: str) -> None:
        """Have the target of a redirection, which is a word, be the lines up to it."""
        self._awaited.append((redirection, sign))

    @property
    def shown_line(self) -> str:
        """The text of the line of the last symbol."""
        lines = self._text.split("\n")
        return lines[min(self.line, len(lines)) - 1]

    def _next(self) -> str | Word | None:
        if self._back:
            return self._back.pop()
        text = self._text
        if space := _SPACE.match(text, self._place):
            self._place = space.end()
        if text.startswith("#", self._place):
            self._place = text.index("\n", self._place)
        self.line += text.count("\n", self._counted, self._place)
        self._counted = self._place
        if self._place >= len(text):
            return None
        if operator := _OPERATORS.match(text, self._place):
            self._place = operator.end()
            if operator[0] == "\n":
                self._read_documents()
            return operator[0]
        return tuple(self._parts())

    def _read_documents(self) -> None:
        for redirection, sign in self._awaited:
            end, body = "".join(part.text for part in redirection.target), list[str]()
            while self._place < len(self._text):
                stop = self._text.index("\n", self._place)
                line, self._place = self._text[self._place : stop], stop + 1
                line = line.lstrip("\t") if sign == "<<-" else line
                if line == end:
                    break
                body.append(f"{line}\n")
            is_plain = any(part.quoted for part in redirection.target)
            text = "".join(body)
            redirection.target = (Part(text, True),) if is_plain else text_parts(text)
        self._awaited.clear()

    def _parts(self) -> Iterator[Part]:
        """Yield the parts of a word."""
        text = self._text
        while self._place < len(text):
            sign = text[self._place]
            if sign == "'":
                yield Part(self._until("'"), quoted=True)
            elif sign == '"':
                yield Part("", quoted=True)  # a word, though nothing may be in it
                self._place += 1
                yield from self.quoted('"', _IN_QUOTES)
                self._place += 1
            elif sign == "\\":
                yield Part(text[self._place + 1 : self._place + 2].replace("\n", ""), quoted=True)
                self._place += 2
            elif sign in "$`":
                yield self._value(sign, quoted=False)
            elif plain := _PLAIN.match(text, self._place):
                self._place = plain.end()
                yield Part(plain[0])
            else:
                return

    def _until(self, quote: str) -> str:
        end = self._text.find(quote, self._place + 1)
        if end < 0:
            raise _open(quote)
        begin, self._place = self._place + 1, end + 1
        return self._text[begin:end]

    def quoted(self, end: str, plain: re.Pattern[str]) -> Iterator[Part]:
        """Yield what is in double quotes, or without an `end` in a text where quotes are nothing special."""
        while self._place < len(self._text) and (sign := self._text[self._place]) != end:
            if sign == "\\":
                following = self._text[self._place + 1 : self._place + 2]
                self._place += 2
                escaped = following in f"{end}\\$`" and following
                yield Part(escaped or f"\\{following}".replace("\\\n", ""), True)
            elif sign in "$`":
                yield self._value(sign, quoted=True)
            elif text := plain.match(self._text, self._place):
                self._place = text.end()
                yield Part(text[0], quoted=True)
        if end and self._place >= len(self._text):
            raise _open(end)

    def _enclosed(self, opening: str, closing: str) -> str:
        """Return what is in the parentheses or braces that open here."""
        begin, depth = self._place + 1, 0
        while self._place < len(self._text):
            sign = self._text[self._place]
            if sign == "'":
                self._until(sign)
                continue
            depth += (sign == opening) - (sign == closing)
            self._place += 1 + (sign == "\\")
            if not depth:
                return self._text[begin : self._place - 1]
        raise _open(closing)

    def _value(self, sign: str, *, quoted: bool) -> Part:
        """Return what a `$` or a backtick begins, or the sign itself where no name follows."""
        if sign == "`":
            return Part(re.sub(r"\\([`$\\])", r"\1", self._until(sign)), quoted, "command")
        self._place += 1
        if self._text.startswith("(", self._place):
            inner = self._enclosed("(", ")")
            is_sum = inner.startswith("(") and inner.endswith(")")
            return Part(inner[1:-1], quoted, "sum") if is_sum else Part(inner, quoted, "command")
        if self._text.startswith("{", self._place):
            match = _CHANGED.fullmatch(self._enclosed("{", "}"))
            if not match or (match[1] and match[3]):
                raise Unreadable("${…} takes a variable here, its length (#), a default (:-) or a cut (# %)")
            change = "length" if match[1] else match[3] or ""
            return Part(match[2], quoted, "variable", change, match[4] or "")
        if match := NAME.match(self._text, self._place):
            self._place = match.end()
            return Part(match[0], quoted, "variable")
        if not quoted and self._text.startswith("'", self._place):
            raise Unreadable("there is no $'…' in this shell; printf has escapes")
        return Part("$", quoted)


def text_parts(text: str) -> Word:
    """Return the parts of a text in which variables and scripts stand."""
    return tuple(Symbols(text).quoted("", _IN_TEXT))


def unexpected(symbol: str) -> Unreadable:
    """Return the error of a symbol that is out of place, as bash says it."""
    return Unexpected(f"syntax error near unexpected token `{'newline' if symbol == chr(10) else symbol}'")


def _open(sign: str) -> Unreadable:
    return Unreadable(f"unexpected EOF while looking for matching `{sign}'")
