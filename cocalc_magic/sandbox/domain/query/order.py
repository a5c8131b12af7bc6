"""Parse `order_by`, which real servers put into their SQL, and sort rows by it.

Nothing of the text gets into SQL here: it is parsed into expressions over the columns of a table, which are
computed row by row.
"""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cocalc_magic.sandbox.storage.store import Row

    Expression = Callable[[Row], Any]

MAX_LENGTH = 1_000  # characters of an order
MAX_DEPTH = 50
_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d+\.\d*|\.\d+|\d+)|(?P<word>[A-Za-z_]\w*)|"(?P<quoted>[^"]+)"|(?P<sign>::|\|\||<=|>=|<>|!=|\S))'
)
_ENDS = ("asc", "desc", "nulls")


@dataclass(frozen=True)
class Key:
    """One key of an order; `column` is the name if it is a plain column."""

    value: Expression
    descending: bool
    nulls_first: bool
    column: str | None = None

    @property
    def plain(self) -> str | None:
        """The key as the store takes it; `None` for an expression, or nulls at the other end."""
        if self.column is None or self.nulls_first != self.descending:
            return None
        return f"-{self.column}" if self.descending else self.column


def parse(text: str, columns: Iterable[str], selected: Sequence[str] = ()) -> tuple[Key, ...]:
    """Parse an order over columns; a number means one of those that are selected.

    Raises `Failed` in the database's words.
    """
    parser = _Parser(text, frozenset(columns), selected)
    keys = [parser.key()]
    while parser.take(","):
        keys.append(parser.key())
    parser.end()
    return tuple(keys)


def sort(rows: Iterable[Row], keys: Sequence[Key]) -> list[Row]:
    """Sort rows; those that tie stay in their order."""
    valued = [([key.value(row) for key in keys], row) for row in rows]

    def compare(left: tuple[list[Any], Row], right: tuple[list[Any], Row]) -> int:
        pairs = zip(keys, left[0], right[0], strict=True)
        return next((sign for sign in (_compare(*pair) for pair in pairs) if sign), 0)

    return [row for _, row in sorted(valued, key=cmp_to_key(compare))]


def _compare(key: Key, left: Any, right: Any) -> int:
    if left is None or right is None:
        sign = (left is not None) - (right is not None)
        return sign if key.nulls_first else -sign
    try:
        sign = (left > right) - (left < right)
    except TypeError:  # values of two kinds: the database would have refused the expression
        sign = (as_text(left) > as_text(right)) - (as_text(left) < as_text(right))
    return -sign if key.descending else sign


class _Parser:
    """A recursive descent over the tokens of an order."""

    def __init__(self, text: str, columns: frozenset[str], selected: Sequence[str]) -> None:
        if len(text) > MAX_LENGTH:
            raise Failed("postgresql error: the sandbox sorts by shorter expressions only")
        self._tokens = [match for match in _TOKEN.finditer(text) if match[0].strip()]
        self._columns = columns
        self._selected = selected
        self._next = 0
        self._depth = 0

    # -- tokens ------------------------------------------------------------------------------------

    def _peek(self) -> str:
        """Return the next token, words in lower case, quoted names with their quotes; `""` at the end."""
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        if token is None:
            return ""
        return token["word"].lower() if token["word"] else token[0].strip()

    def take(self, *words: str) -> str:
        """Return the next token and go on, if it is one of these; else `""`."""
        token = self._peek()
        if token not in words or not token:
            return ""
        self._next += 1
        return token

    def _expect(self, word: str) -> None:
        if not self.take(word):
            raise self._unexpected()

    def end(self) -> None:
        """Raise `Failed` where anything is left."""
        if self._peek() == ";":
            raise Failed("postgresql error: cannot insert multiple commands into a prepared statement")
        if self._peek():
            raise self._unexpected()

    def _unexpected(self) -> Failed:
        # The limit follows an order in every statement.
        return Failed(f'postgresql error: syntax error at or near "{self._peek() or "LIMIT"}"')

    # -- keys --------------------------------------------------------------------------------------

    def key(self) -> Key:
        """Parse an expression with its direction."""
        if not self._peek() or self._peek() in _ENDS:
            raise self._unexpected()
        start = self._next
        value = self._either()
        column = self._lone_column(start)
        if column is not None:
            value = _of_column(column)
        descending = self.take("asc", "desc") == "desc"
        nulls_first = descending
        if self.take("nulls"):
            nulls_first = self._peek() == "first"
            if not self.take("first", "last"):
                raise self._unexpected()
        return Key(value, descending, nulls_first, column)

    def _lone_column(self, start: int) -> str | None:
        """Return the column that an expression of a single token is."""
        if self._next != start + 1:
            return None
        token = self._tokens[start]
        if token["number"]:
            return self._at_position(token["number"])
        name: str = token["quoted"] or token["word"].lower()
        return name if name in self._columns else None

    def _at_position(self, number: str) -> str:
        if not number.isdecimal():
            raise Failed("postgresql error: non-integer constant in ORDER BY")
        if not 1 <= int(number) <= len(self._selected):
            raise Failed(f"postgresql error: ORDER BY position {int(number)} is not in select list")
        return self._selected[int(number) - 1]

    # -- expressions -------------------------------------------------------------------------------

    def _either(self) -> Expression:
        value = self._both()
        while self.take("or"):
            value = _combined(lambda left, right: bool(left or right), value, self._both())
        return value

    def _both(self) -> Expression:
        value = self._negated()
        while self.take("and"):
            value = _combined(lambda left, right: bool(left and right), value, self._negated())
        return value

    def _negated(self) -> Expression:
        if self.take("not"):
            value = self._negated()
            return lambda row: None if value(row) is None else not value(row)
        return self._tested()

    def _tested(self) -> Expression:
        value = self._compared()
        while self.take("is"):
            negative = bool(self.take("not"))
            self._expect("null")
            value = _is_null(value, negative)
        return value

    def _compared(self) -> Expression:
        value = self._sum()
        while sign := self.take(*_COMPARISONS):
            value = _combined(_COMPARISONS[sign], value, self._sum())
        return value

    def _sum(self) -> Expression:
        value = self._product()
        while sign := self.take("+", "-", "||"):
            value = _combined(_SUMS[sign], value, self._product())
        return value

    def _product(self) -> Expression:
        value = self._signed()
        while sign := self.take("*", "/", "%"):
            value = _combined(_PRODUCTS[sign], value, self._signed())
        return value

    def _signed(self) -> Expression:
        if self.take("-"):
            value = self._signed()
            return _called(lambda number: -number, [value])
        return self._cast()

    def _cast(self) -> Expression:
        value = self._primary()
        while self.take("::"):
            kind = self._peek()
            if kind not in _CASTS:
                raise Failed(f'postgresql error: type "{kind}" does not exist')
            self._next += 1
            value = _called(_CASTS[kind], [value])
        return value

    def _primary(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Failed("postgresql error: stack depth limit exceeded")
        if self.take("("):
            value = self._either()
            self._expect(")")
        else:
            value = self._name_or_number()
        self._depth -= 1
        return value

    def _name_or_number(self) -> Expression:
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        if token is None or token["sign"]:
            raise self._unexpected()
        self._next += 1
        if token["number"]:
            number = float(token["number"])
            return lambda _row: number
        name = token["quoted"] or token["word"].lower()
        if self._peek() == "(" and token["word"]:
            return self._call(name)
        if name in _CONSTANTS and token["word"]:
            return _CONSTANTS[name]
        if name not in self._columns:
            raise Failed(f'postgresql error: column "{name}" does not exist')
        return _of_column(name)

    def _call(self, name: str) -> Expression:
        self._expect("(")
        arguments: list[Expression] = []
        if not self.take(")"):
            arguments.append(self._either())
            while self.take(","):
                arguments.append(self._either())
            self._expect(")")
        if name in _OF_NULLS:
            function = _OF_NULLS[name]
            return lambda row: function([argument(row) for argument in arguments])
        if name not in _FUNCTIONS:
            kinds = ", ".join("unknown" for _ in arguments)
            raise Failed(f"postgresql error: function {name}({kinds}) does not exist")
        return _called(_FUNCTIONS[name], arguments)


def _of_column(name: str) -> Expression:
    return lambda row: row[name]


def _is_null(value: Expression, negative: bool) -> Expression:
    return lambda row: (value(row) is None) != negative


def _combined(function: Callable[[Any, Any], Any], left: Expression, right: Expression) -> Expression:
    return _called(function, [left, right])


def _called(function: Callable[..., Any], arguments: Sequence[Expression]) -> Expression:
    """Return an expression that is null where an argument is."""

    def value(row: Row) -> Any:
        values = [argument(row) for argument in arguments]
        if None in values:
            return None
        try:
            return function(*values)
        except ZeroDivisionError:
            raise Failed("postgresql error: division by zero") from None
        except (TypeError, ValueError, AttributeError, OverflowError):
            raise Failed("postgresql error: operator or function does not exist for these types") from None

    return value


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_SUMS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "||": lambda left, right: as_text(left) + as_text(right),
}
_PRODUCTS: dict[str, Callable[[Any, Any], Any]] = {
    "*": lambda left, right: float(left) * float(right),
    "/": lambda left, right: left / right,
    "%": lambda left, right: math.fmod(left, right),
}
_CASTS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("text", "varchar"), as_text),
    **dict.fromkeys(("int", "integer", "bigint"), lambda value: int(float(value))),
    **dict.fromkeys(("float", "numeric", "real"), float),
    "boolean": bool,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "length": len,
    "char_length": len,
    "trim": lambda text: text.strip(" "),
    "btrim": lambda text: text.strip(" "),
    "ltrim": lambda text: text.lstrip(" "),
    "rtrim": lambda text: text.rstrip(" "),
    "reverse": lambda text: text[::-1],
    "left": lambda text, count: text[: int(count)],
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "random": random.random,
    "now": now,
}
_OF_NULLS: dict[str, Callable[[list[Any]], Any]] = {
    "coalesce": lambda values: next((value for value in values if value is not None), None),
    "greatest": lambda values: max((value for value in values if value is not None), default=None),
    "least": lambda values: min((value for value in values if value is not None), default=None),
    "nullif": lambda values: None if len(values) == 2 and values[0] == values[1] else values[0],
    "concat": lambda values: "".join(as_text(value) for value in values if value is not None),
}
_CONSTANTS: dict[str, Expression] = {
    "null": lambda _row: None,
    "true": lambda _row: True,
    "false": lambda _row: False,
}
