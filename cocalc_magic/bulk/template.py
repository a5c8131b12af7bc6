"""The message of each row: options in which `${row.column}`, `$row["odd name"]` and Python of them stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from cocalc_magic import catalog
from cocalc_magic.bulk.rows import RowMessage, row_name
from cocalc_magic.errors import InvalidMessage, InvalidSyntax, InvalidValue, UndefinedName, what_there_is
from cocalc_magic.syntax.parse import Reading, check
from cocalc_magic.syntax.variables import RowNamespace, Variable, join, merged, pieces

if TYPE_CHECKING:
    from cocalc_magic.bulk.data import Data
    from cocalc_magic.bulk.rows import Row
    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.syntax.line import Line
    from cocalc_magic.syntax.parse import DefaultProvider
    from cocalc_magic.syntax.variables import Namespace, Piece

ROW = "row"
_OF_ROW = re.compile(rf"\b{ROW}\b")


class NoColumn(UndefinedName, AttributeError, KeyError):
    """A row does not have this column."""


class RowValues(Mapping[str, Any]):
    """A row as `row` in an expression: `row.name`, `row["odd name"]`, `row.get("group", "A")`.

    A column wins over a method of the same name.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattribute__(self, name: str) -> Any:
        values = object.__getattribute__(self, "_values")
        if name in values:
            return values[name]
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            raise _no_column(name, values) from None

    def __getitem__(self, name: str) -> Any:
        values = object.__getattribute__(self, "_values")
        if name not in values:
            raise _no_column(name, values)
        return values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(object.__getattribute__(self, "_values"))

    def __len__(self) -> int:
        return len(object.__getattribute__(self, "_values"))


def _no_column(name: str, values: Mapping[str, Any]) -> NoColumn:
    hints = what_there_is(str(name), map(str, values), "Its columns:", f"It has {len(values)} columns.")
    return NoColumn(f"the row has no column {name!r}.", *hints)


class Template(Protocol):
    """What makes the options of a row."""

    @property
    def message(self) -> Message:
        """The message that each row sends."""

    def options(self, row: Row) -> dict[str, Any]:
        """Return the checked options of a row. Raises `InvalidMessage`."""


class LineTemplate:
    """A line of the magic and its body, in which `row` is one more variable of the notebook.

    An option that is left out is asked for once, not for each row.
    """

    def __init__(
        self,
        line: Line,
        body: str | None,
        namespace: Namespace,
        defaults: DefaultProvider | None = None,
        commands: tuple[str, ...] = (),
    ) -> None:
        self._reading = Reading(replace(line, flags={}), body, commands)
        self._namespace = dict(namespace)
        self._defaults = defaults
        self._values: dict[str, Any] = {}
        self._event = line.event
        self._message = catalog.get(line.event)

    @property
    def message(self) -> Message:
        """The message; where the body names it, that is known once a row was made.

        Raises:
            UnknownEvent: There is none of this name.
        """
        return self._message or catalog.find(self._event)

    def options(self, row: Row) -> dict[str, Any]:
        """Return the options of a row."""
        names = RowNamespace(self._namespace, row=RowValues(row.values))
        call = self._reading.call(names, self._default)
        self._message = call.message
        return call.options

    def _default(self, message: Message, option: Option) -> Callable[[], Any] | None:
        """Return what finds a value that was left out, and finds it once."""
        if option.name in self._values:
            return lambda: self._values[option.name]
        find = self._defaults and self._defaults(message, option)
        if not find:
            return None

        def once() -> Any:
            self._values[option.name] = find()
            return self._values[option.name]

        return once


class OptionsTemplate:
    """Options as Python values: `${…}` with `row` in it is filled in, functions are called with the row."""

    def __init__(self, message: Message, options: Mapping[str, Any]) -> None:
        for name in options:
            message.option(name)
        self.message = message
        self._options = options

    def options(self, row: Row) -> dict[str, Any]:
        """Return the options of a row."""
        names = RowNamespace(row=RowValues(row.values))
        return check(self.message, {name: _filled(value, names) for name, value in self._options.items()})


def _filled(value: Any, names: Namespace) -> Any:
    if isinstance(value, str):
        return join(_pieces(value), names) if "$" in value else value
    if isinstance(value, Mapping):
        return {_filled(name, names): _filled(inner, names) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, names) for inner in value]
    return value(names[ROW]) if callable(value) else value


@lru_cache(maxsize=256)
def _pieces(text: str) -> list[Piece]:
    """Split a text at what is of the row; any other `$` is a dollar sign."""
    return row_pieces(text)


def row_pieces(text: str) -> list[Piece]:
    """Split a text into plain text and the variables that are of the row."""
    return merged(
        part.source if isinstance(part, Variable) and not _OF_ROW.search(part.expression) else part
        for part in pieces(text)
    )


class Condition:
    """A Python expression that chooses rows."""

    def __init__(self, code: str, namespace: Namespace) -> None:
        try:
            self._code = compile(code.strip(), "--where", "eval", dont_inherit=True)
        except SyntaxError as problem:
            raise InvalidSyntax(
                f"--where takes Python of row, not {code!r}: {problem.msg}.",
                "In quotes, as in --where 'row.group == \"A\"'",
            ) from None
        self._namespace = dict(namespace)

    def holds(self, row: Row) -> bool:
        """Return whether the row is meant. Raises `InvalidValue` where that has no answer."""
        names = {**self._namespace, ROW: RowValues(row.values)}
        try:
            return bool(eval(self._code, names))  # noqa: S307 - the author's own Python, as in a cell
        except UndefinedName:
            raise
        except Exception as problem:  # noqa: BLE001 - the author's expression may raise anything
            raise InvalidValue(
                f"--where has no answer: {type(problem).__name__}: {problem}",
                "Values of a CSV file are texts: int(row.age) > 30" if isinstance(problem, TypeError) else "",
            ) from None


class Messages:
    """The messages of all rows that are meant; they are made anew each time that they are gone through."""

    def __init__(self, data: Data, template: Template, where: Condition | None = None, key: str = "") -> None:
        self.data, self.template = data, template
        self._where, self._key = where, key

    def __iter__(self) -> Iterator[RowMessage]:
        for row in self.data:
            if (message := self._of(row)) is not None:
                yield message

    def _of(self, row: Row) -> RowMessage | None:
        """Return the message of a row; `None` where it is not meant. A problem of it names the row."""
        try:
            if self._where is not None and not self._where.holds(row):
                return None
            key = str(RowValues(row.values)[self._key]) if self._key else None
            options = self.template.options(row)
            return RowMessage(row, self.template.message.event, options, key)
        except InvalidMessage as problem:
            if isinstance(problem, InvalidValue | UndefinedName):
                raise _in_row(row, problem) from None
            raise


def _in_row(row: Row, problem: InvalidMessage) -> InvalidMessage:
    """Return the problem with the row that it is in."""
    kind = UndefinedName if isinstance(problem, UndefinedName) else InvalidValue
    return kind(f"{row_name(row)}: {problem.problem}", *problem.hints, span=problem.span)
