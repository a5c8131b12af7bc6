"""The nodes of a body before variables are evaluated: scalars and objects; arrays are lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax

if TYPE_CHECKING:
    from cocalc_magic.errors import SourceSpan
    from cocalc_magic.syntax.variables import Piece, Placeholders

DEEPEST = 100  # levels of nesting; more is not a message


@dataclass(frozen=True)
class Scalar:
    """A value or name of the body, with its variables in place.

    `plain`: written without quotes, so that `7` and `true` may be more than text.
    `json`: a text of a JSON body, which is text and nothing else.
    """

    parts: list[Piece]
    plain: bool = False
    json: bool = False
    body: Placeholders | None = None
    index: int = 0

    @property
    def empty(self) -> bool:
        """Whether it is empty: a name without a value."""
        return self.plain and not self.parts

    @property
    def span(self) -> SourceSpan | None:
        """Its place in the body, as far as known."""
        if self.body is None:
            return None
        length = sum(len(part if isinstance(part, str) else part.source) for part in self.parts)
        return self.body.span(self.index, max(1, length))


@dataclass(frozen=True)
class Object:
    """A mapping as pairs: names may contain variables, so duplicates are found later.

    `python`: it is a Python literal, whose values are Python's.
    """

    pairs: list[tuple[Scalar, Any]]
    python: bool = False


def check_depth(depth: int) -> None:
    """Raise `InvalidSyntax` beyond the deepest level."""
    if depth > DEEPEST:
        raise InvalidSyntax("the body is nested too deep.")
