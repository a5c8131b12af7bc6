"""The symbols of a script -> its commands: programs, pipes, conditions, loops and groups.

What bash has besides (functions, `case`, `[[`) is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from cocalc_magic.sandbox.runtime.small_shell.symbols import (
    NAME,
    Part,
    Redirection,
    Symbols,
    Unreadable,
    Word,
    unexpected,
)


@dataclass
class Simple:
    """A program with its arguments."""

    words: list[Word] = field(default_factory=list)


@dataclass
class For:
    """What is run for each of some words."""

    name: str
    words: list[Word]
    body: list[Pipeline]


@dataclass
class While:
    """What is run while a condition holds, or until it does."""

    condition: list[Pipeline]
    body: list[Pipeline]
    until: bool


@dataclass
class If:
    """What is run where a condition holds, and what else."""

    condition: list[Pipeline]
    body: list[Pipeline]
    otherwise: list[Pipeline]


@dataclass
class Group:
    """Several pipelines as one command; in a shell of their own (`( … )`) or not (`{ …; }`)."""

    body: list[Pipeline]
    own_shell: bool


@dataclass
class Command:
    """What is run, with its redirections; `line` is where it begins."""

    line: int
    what: Simple | For | While | If | Group
    redirections: list[Redirection] = field(default_factory=list)


@dataclass
class Pipeline:
    """Commands, each of which reads what the one before has written; `after` is what stands before it."""

    after: str  # "&&", "||" or ";"
    commands: list[Command]
    negated: bool = False
    background: bool = False


_ENDS = frozenset(["do", "done", "elif", "else", "esac", "fi", "in", "then", "}"])
_REFUSED = frozenset(["case", "function", "select", "[[", "coproc"])
_BEGINS = frozenset(["for", "while", "until", "if", "{", "!"])
_MAX_DEPTH = 100  # of commands in commands


def parse(text: str) -> list[Pipeline]:
    """Return the pipelines of a script, in order. Raises `Unreadable`."""
    symbols = Symbols(text.rstrip() + "\n")
    try:
        return _Parser(symbols).pipelines()
    except Unreadable as problem:
        problem.line, problem.shown = symbols.line, symbols.shown_line
        raise


class _Parser:
    """A parser of the symbols; `end` is the keyword or sign that ended the last list of pipelines."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols, self._depth = symbols, 0
        self.end = ""

    def pipelines(self, *ends: str) -> list[Pipeline]:
        """Return the pipelines up to one of these words, or to the end of the script. Raises `Unreadable`."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise Unreadable("too many commands in each other")
        pipelines, after = list[Pipeline](), ";"
        while (symbol := self._skip_lines()) is not None:
            keyword = _keyword(symbol)
            if keyword in _ENDS or symbol == ")":
                break
            pipelines.append(self._pipeline(after, symbol))
            after = self._separator(pipelines)
        else:
            keyword = ""
        self.end = ")" if symbol == ")" else keyword
        if after != ";" or (not self.end and ends):
            self._refuse(symbol)
        if (ends and (self.end not in ends or not pipelines)) or (not ends and self.end):
            raise unexpected(self.end)
        self._depth -= 1
        return pipelines

    def _separator(self, pipelines: list[Pipeline]) -> str:
        """Return what stands before the next pipeline; what `&` ends goes to the background."""
        symbol = next(iter(self._symbols), "\n")
        if symbol == "&":
            begin = max(place for place, each in enumerate(pipelines) if each.after == ";")
            body = pipelines[begin:]
            line = body[0].commands[0].line
            pipelines[begin:] = [Pipeline(";", [Command(line, Group(body, own_shell=True))], background=True)]
        elif symbol in ("&&", "||"):
            return str(symbol)
        elif symbol not in (";", "\n"):
            self._symbols.push_back(symbol)
        if symbol in ("&", ";") and (following := next(iter(self._symbols), None)) is not None:
            if following in (";", "&", "|", "&&", "||", ";;"):
                raise unexpected(str(following))
            self._symbols.push_back(following)
        return ";"

    def _pipeline(self, after: str, symbol: str | Word) -> Pipeline:
        pipeline = Pipeline(after, [])
        if _keyword(symbol) == "!":
            pipeline.negated, symbol = True, self._following()
        pipeline.commands.append(self._command(symbol))
        while (following := next(iter(self._symbols), "\n")) == "|":
            pipeline.commands.append(self._command(self._following()))
        self._symbols.push_back(following)
        return pipeline

    def _following(self) -> str | Word:
        """Return the symbol that must follow, maybe on a later line. Raises `Unreadable`."""
        symbol = self._skip_lines()
        return symbol if symbol is not None else self._refuse(symbol)

    def _skip_lines(self) -> str | Word | None:
        return next((symbol for symbol in self._symbols if symbol != "\n"), None)

    def _refuse(self, symbol: str | Word | None) -> NoReturn:
        if symbol is None:
            raise Unreadable("syntax error: unexpected end of file")
        raise unexpected(symbol if isinstance(symbol, str) else symbol[0].text)

    def _command(self, symbol: str | Word) -> Command:
        line, keyword = self._symbols.line, _keyword(symbol)
        if keyword in _REFUSED:
            raise Unreadable(f"there is no {keyword} in this shell")
        if keyword in _ENDS:
            raise unexpected(keyword)
        if symbol != "(" and keyword not in _BEGINS:
            return self._simple(line, symbol)
        command = Command(line, self._compound(keyword or "("))
        for symbol in self._symbols:
            if not (isinstance(symbol, str) and _redirects(symbol)):
                self._symbols.push_back(symbol)
                break
            command.redirections += self._redirections(symbol)
        following = next(iter(self._symbols), "\n")
        if not isinstance(following, str) and not _keyword(following):
            self._refuse(following)
        self._symbols.push_back(following)
        return command

    def _simple(self, line: int, symbol: str | Word) -> Command:
        simple, command = Simple(), Command(line, Simple())
        command.what = simple
        self._symbols.push_back(symbol)
        for symbol in self._symbols:
            if not isinstance(symbol, str):
                simple.words.append(symbol)
            elif _redirects(symbol):
                command.redirections += self._redirections(symbol)
            elif symbol == "(" and len(simple.words) == 1:
                following = self._following()
                if following == ")":
                    raise Unreadable("there are no functions in this shell")
                self._refuse(following)
            else:
                self._symbols.push_back(symbol)
                break
        if not (simple.words or command.redirections) or symbol in ("(", ";;"):
            raise unexpected(str(symbol))
        return command

    def _compound(self, keyword: str) -> For | While | If | Group:
        if keyword == "if":
            return self._if()
        if keyword == "for":
            return self._for()
        if keyword in ("while", "until"):
            return While(self.pipelines("do"), self.pipelines("done"), keyword == "until")
        if keyword == "(":
            return Group(self.pipelines(")"), own_shell=True)
        return Group(self.pipelines("}"), own_shell=False)

    def _if(self) -> If:
        condition, body = self.pipelines("then"), self.pipelines("elif", "else", "fi")
        if self.end == "elif":
            return If(condition, body, [Pipeline(";", [Command(self._symbols.line, self._if())])])
        return If(condition, body, self.pipelines("fi") if self.end == "else" else [])

    def _for(self) -> For:
        name, words = self._symbols.word("for"), list[Word]()
        if len(name) != 1 or not NAME.fullmatch(name[0].text) or _keyword(self._symbols.word("for")) != "in":
            raise Unreadable("for takes a name, in and words in this shell")
        for symbol in self._symbols:
            if isinstance(symbol, str):
                if symbol not in (";", "\n"):
                    raise unexpected(symbol)
                break
            words.append(symbol)
        if _keyword(do := self._following()) != "do":
            self._refuse(do)
        return For(name[0].text, words, self.pipelines("done"))

    def _redirections(self, sign: str) -> list[Redirection]:
        target = self._symbols.word(sign)
        if sign == "&>":
            return [Redirection(1, ">", target), Redirection(2, ">&", (Part("1"),))]
        if sign == "<<<":
            return [Redirection(0, "<<", (*target, Part("\n", quoted=True)))]
        number, kind = sign.rstrip("<>&-"), sign.lstrip("0123456789")
        redirection = Redirection(int(number or kind[0] != "<"), kind.rstrip("-"), target)
        if kind.startswith("<<"):
            self._symbols.here_document(redirection, kind)
        return [redirection]


def _redirects(symbol: str) -> bool:
    return symbol[-1] in "<>" or symbol.endswith((">&", "<<-"))


def _keyword(symbol: str | Word) -> str:
    """Return the keyword that a word is; empty for other words."""
    if isinstance(symbol, str) or len(symbol) != 1 or symbol[0].quoted or symbol[0].kind:
        return ""
    text = symbol[0].text
    return text if text in _ENDS | _REFUSED | _BEGINS else ""
