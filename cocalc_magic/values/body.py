"""The body of a cell: one mapping, as JSON when it is that, else as YAML.

YAML is read from PyYAML's events, not through its constructors, since these would turn ``no`` into
false, ``1:30`` into 90 and ``2026-01-01`` into a date. What a plain scalar means depends on the
option it belongs to; a scalar therefore stays a :class:`Scalar` until the option is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax, Spot
from cocalc_magic.values.variables import Piece, Placeholders, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEEPEST = 100  # levels of nesting; more is no message


@dataclass(frozen=True)
class Scalar:
    """One value of the body with its variables still in place.

    ``plain``: written without quotes, so that ``7`` and ``true`` may be more than text.
    ``json``: a text of a JSON body, which is text and nothing else.
    """

    parts: list[Piece]
    plain: bool = False
    json: bool = False
    body: Placeholders | None = None
    index: int = 0

    @property
    def spot(self) -> Spot | None:
        """Where it stands in the body, as far as that is known."""
        return self.body.spot(self.index, 1) if self.body else None


def parse(text: str) -> dict[str, Any] | None:
    """The body as a dict of :class:`Scalar`, lists and dicts (JSON bodies: numbers and words too).

    ``None`` for a body of blanks and comments. Raises :class:`InvalidSyntax`, for a body that is no
    mapping too, and for a key that stands twice.
    """
    body = Placeholders(pieces(text, text))
    value = parse_json(body) if text.lstrip().startswith("{") else None
    if value is None:
        value = _as_yaml(body)
    if value is None or isinstance(value, dict):
        return value
    raise InvalidSyntax(
        "the cell is no mapping of options.",
        "Write one option a line, as in title: My project",
        spot=_first_line(text),
    )


# -- JSON ------------------------------------------------------------------------------------------


def parse_json(body: Placeholders) -> Any:
    """The text as JSON, its texts as :class:`Scalar`; ``None`` when it is not JSON (or is ``null``)."""
    try:
        value = json.loads(
            _with_values_quoted(body), object_pairs_hook=_without_twins, parse_constant=_refuse
        )
    except (json.JSONDecodeError, _NoJSON):
        return None
    except RecursionError:
        raise InvalidSyntax("the body is nested too deep.") from None
    return _json_scalars(value, body)


class _NoJSON(ValueError):
    """``NaN`` and its like, which Python reads and JSON has not."""


def _refuse(word: str) -> Any:
    raise _NoJSON(word)


def _with_values_quoted(body: Placeholders) -> str:
    """The text with quotes round each variable that stands where a JSON value stands."""
    pieces = body.text.split(body.MARK)
    quoted, inside = [], False
    for index, piece in enumerate(pieces):
        if index % 2:
            mark = f"{body.MARK}{piece}{body.MARK}"
            quoted.append(mark if inside else f'"{mark}"')
        else:
            inside ^= bool(_quotes(piece) % 2)
            quoted.append(piece)
    return "".join(quoted)


def _quotes(text: str) -> int:
    """How many quotes of JSON stand in the text; a backslash takes the next character with it."""
    return text.replace("\\\\", "").replace('\\"', "").count('"')


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise InvalidSyntax(f"{twin} stands twice.", "Each option is given once.")
    return found


def _json_scalars(value: Any, body: Placeholders) -> Any:
    if isinstance(value, str):
        return Scalar(body.parts(value), json=True)
    if isinstance(value, list):
        return [_json_scalars(item, body) for item in value]
    if isinstance(value, dict):
        return {body.name(name): _json_scalars(item, body) for name, item in value.items()}
    return value


# -- YAML ------------------------------------------------------------------------------------------


def _as_yaml(body: Placeholders) -> Any:
    import yaml

    loader = getattr(yaml, "CLoader", yaml.Loader)
    try:
        return _Tree(yaml.parse(body.text, Loader=loader), body).document()
    except yaml.YAMLError as problem:
        raise _unreadable(problem, body) from None


def _unreadable(problem: Any, body: Placeholders) -> InvalidSyntax:
    mark = getattr(problem, "problem_mark", None)
    what = getattr(problem, "problem", None) or getattr(problem, "reason", None) or str(problem)
    return InvalidSyntax(
        f"the body is no YAML: {body.restored(str(what))}.",
        "A value with a colon, a # or a bracket needs quotes; a tab can't indent.",
        spot=body.spot(mark.index, 1) if mark else None,
    )


def _first_line(text: str) -> Spot:
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    return Spot(text, start, len(text.rstrip()) if end < 0 else end)


class _Tree:
    """Builds the tree of a document from its events."""

    def __init__(self, events: Iterator[Any], body: Placeholders) -> None:
        self.events = events
        self.body = body
        self.depth = 0
        self.builders: dict[str, Callable[[Any], Any]] = {
            "ScalarEvent": self._scalar,
            "SequenceStartEvent": self._sequence,
            "MappingStartEvent": self._mapping,
        }

    def document(self) -> Any:
        """The one document, or ``None`` when there is none."""
        value, seen = None, 0
        for event in self.events:
            if type(event).__name__ == "DocumentStartEvent":
                seen += 1
            elif type(event).__name__ in (*self.builders, "AliasEvent"):
                value = self._node(event)
        if seen > 1:
            raise InvalidSyntax(
                "the body holds several documents.", "Text that begins with --- needs quotes."
            )
        return None if isinstance(value, Scalar) and value.plain and not value.parts else value

    def _node(self, event: Any) -> Any:
        if getattr(event, "anchor", None) is not None:
            raise self._wrong(event, "& and * have a meaning in YAML that messages do not use")
        if getattr(event, "tag", None) is not None:
            raise self._wrong(event, "a value that begins with ! is a YAML tag, which messages do not use")
        self.depth += 1
        if self.depth > DEEPEST:
            raise InvalidSyntax("the body is nested too deep.")
        value = self.builders[type(event).__name__](event)
        self.depth -= 1
        return value

    def _scalar(self, event: Any) -> Scalar:
        index = event.start_mark.index
        if event.style == "'":
            return Scalar([self.body.restored(event.value)], body=self.body, index=index)
        return Scalar(self.body.parts(event.value), plain=not event.style, body=self.body, index=index)

    def _sequence(self, _: Any) -> list[Any]:
        items = []
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            items.append(self._node(event))
        return items

    def _mapping(self, _: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            if type(event).__name__ != "ScalarEvent":
                raise InvalidSyntax("a name is no list and no mapping.", spot=self._place(event, 1))
            name = self.body.name(event.value)
            if name in found:
                raise InvalidSyntax(
                    f"{name} stands twice.", "Each option is given once.", spot=self._place(event, len(name))
                )
            found[name] = self._node(next(self.events))
        return found

    def _wrong(self, event: Any, problem: str) -> InvalidSyntax:
        return InvalidSyntax(f"{problem}.", "Put the value in quotes.", spot=self._place(event, 1))

    def _place(self, event: Any, length: int) -> Spot:
        return self.body.spot(event.start_mark.index, length)
