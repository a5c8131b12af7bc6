"""The body of a cell: one mapping, in JSON, as a Python literal, or in YAML; the first that parses.

YAML is read from PyYAML's events, not through its constructors, since these would turn `no` into
false, `1:30` into 90 and `2026-01-01` into a date. What a plain scalar means depends on the
option it belongs to; a scalar therefore stays a `Scalar` until the option is known.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidSyntax, SourceSpan
from cocalc_magic.syntax import characters, literal, strict_json
from cocalc_magic.syntax.characters import INVISIBLE, ODD_BLANK
from cocalc_magic.syntax.nodes import Object, Scalar, check_depth
from cocalc_magic.syntax.variables import Piece, Placeholders, Variable, alone, merged, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BEFORE = re.compile(r"(?:\s*#[^\n]*(?:\n|\Z))*\s*")  # comments and blanks
_ODD = f"(?:{ODD_BLANK.pattern}|{INVISIBLE.pattern})"
_JSON_TOKEN = re.compile(rf'"(?:\\.|[^"\\])*"|{_ODD}', re.DOTALL)
_ODD_PLACE = re.compile(
    rf"(?:^[ \t]*(?:-[ \t]*)?|:[ \t]*)(?P<odd>{_ODD})", re.MULTILINE
)  # where YAML wants a blank
# In a plain scalar: a blank there would have made a name, an element or a comment.
_ODD_PART = re.compile(rf"(?::|\A[-?])(?P<odd>{ODD_BLANK.pattern})|(?P<before>{ODD_BLANK.pattern})#")


def parse(text: str) -> Object | Variable | None:
    """Parse a body: an `Object`, or the one variable that it is; `None` for blanks and comments.

    Raises:
        InvalidSyntax: The body can't be read, or is not a mapping.
    """
    before = _BEFORE.match(text)
    value = _braced(text) if text.startswith("{", before.end() if before else 0) else parse_yaml(text)
    if value is None or isinstance(value, Object):
        return value
    if isinstance(value, Scalar) and (variable := alone(value.parts)):
        return variable
    raise _no_mapping(text)


def _braced(text: str) -> Any:
    """Parse a text that begins with a brace, in the first of three languages that accepts it."""
    try:
        return parse_json(Placeholders(pieces(text, text)))
    except strict_json.NotJSON:
        pass
    try:
        return literal.parse(text)
    except literal.NotLiteral:
        return parse_yaml(text)


def _no_mapping(text: str) -> InvalidSyntax:
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    return _odd_place(text) or InvalidSyntax(
        "the cell is not a mapping of options.",
        "Write one option a line, as in title: My project",
        span=SourceSpan(text, start, len(text.rstrip()) if end < 0 else end),
    )


def _odd_place(text: str) -> InvalidSyntax | None:
    """Return the error for an odd blank where YAML needs a blank, if there is one."""
    match = _ODD_PLACE.search(text)
    if match is None:
        return None
    refusal = characters.no_blank if match["odd"].isspace() else characters.invisible
    return refusal(match["odd"], SourceSpan(text, *match.span("odd")))


# -- JSON ------------------------------------------------------------------------------------------


def parse_json(body: Placeholders) -> Any:
    """Parse JSON, with its texts as `Scalar`.

    Raises:
        NotJSON: It is not JSON, whatever characters are in it.
        InvalidSyntax: It would be JSON without an invisible character outside of its texts.
    """
    node = _json_node(strict_json.load(_quoted_variables(_plain_blanks(body), body.mark), tuple), body)
    for match in _JSON_TOKEN.finditer(body.text) if INVISIBLE.search(body.text) else ():
        if INVISIBLE.fullmatch(match[0]):
            raise characters.invisible(match[0], body.span(match.start(), 1))
    return node


def _plain_blanks(body: Placeholders) -> str:
    """Replace odd blanks and invisible characters outside of JSON's quotes by blanks."""
    if not (ODD_BLANK.search(body.text) or INVISIBLE.search(body.text)):
        return body.text
    return _JSON_TOKEN.sub(lambda match: match[0] if match[0].startswith('"') else " ", body.text)


def _quoted_variables(text: str, mark: str) -> str:
    """Quote each variable that is in the place of a JSON value or name."""
    quoted, inside = [], False
    for index, piece in enumerate(text.split(mark)):
        if index % 2:
            variable = f"{mark}{piece}{mark}"
            quoted.append(variable if inside else f'"{variable}"')
        else:
            inside ^= bool(_quotes(piece) % 2)
            quoted.append(piece)
    return "".join(quoted)


def _quotes(text: str) -> int:
    """Count the quotes of JSON in a text, without escaped ones."""
    return text.replace("\\\\", "").replace('\\"', "").count('"')


def _json_node(value: Any, body: Placeholders, depth: int = 1) -> Any:
    """Convert the result of the JSON reader, in which objects are tuples of pairs, to a node."""
    check_depth(depth)
    if isinstance(value, str):
        return Scalar(body.parts(value), json=True)
    if isinstance(value, list):
        return [_json_node(item, body, depth + 1) for item in value]
    if isinstance(value, tuple):
        pairs = [(Scalar(body.parts(name)), _json_node(item, body, depth + 1)) for name, item in value]
        return Object(pairs)
    return value


# -- YAML ------------------------------------------------------------------------------------------


def parse_yaml(text: str) -> Any:
    """Parse one YAML document of any form into nodes; `None` where there is none.

    Raises:
        InvalidSyntax: It is not YAML, or uses what messages do not: anchors, tags, several documents.
    """
    import yaml  # late: few messages have a body of YAML

    body = Placeholders(_yaml_pieces(text))
    try:
        return _Tree(_yaml_events(body.text), body).document()
    except yaml.YAMLError as problem:
        raise _odd_place(text) or _unreadable(problem, body) from None


def _yaml_events(text: str) -> Iterator[Any]:
    import yaml  # late, as above

    return yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader))


def _yaml_pieces(text: str) -> list[Piece]:
    """Replace the variables outside of single quotes by placeholders.

    YAML says which these are, as far as it can read the text with the variables in it.
    """
    import yaml  # late, as above

    parts, at = list[Piece](), 0
    with suppress(yaml.YAMLError):
        for event in _yaml_events(text) if "'" in text and "$" in text else ():
            if getattr(event, "style", None) != "'":
                continue
            start, end = event.start_mark.index, event.end_mark.index
            before = pieces(text[at:start], text, at)
            if any(isinstance(part, Variable) and not part.expression for part in before):
                break  # these quotes are Python's, within ${…}
            parts += [*before, text[start:end]]
            at = end
    return merged([*parts, *pieces(text[at:], text, at)])


def _unreadable(problem: Any, body: Placeholders) -> InvalidSyntax:
    mark = getattr(problem, "problem_mark", None)
    what = getattr(problem, "problem", None) or getattr(problem, "reason", None) or str(problem)
    return InvalidSyntax(
        f"the body is not YAML: {body.restored(str(what))}.",
        "A value with a colon, a # or a bracket needs quotes; a tab can't indent.",
        span=body.span(mark.index, 1) if mark else None,
    )


class _Tree:
    """Builds the tree of a document from YAML events."""

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
        """Return the one document, or `None` when there is none."""
        value, names = None, 0
        for event in self.events:
            if type(event).__name__ == "DocumentStartEvent":
                names += 1
                if names > 1:
                    raise InvalidSyntax(
                        "the body holds several documents.",
                        "Text that begins with --- needs quotes.",
                        span=self._place(event),
                    )
            elif type(event).__name__ in (*self.builders, "AliasEvent"):
                value = self._node(event)
        return None if isinstance(value, Scalar) and value.empty else value

    def _node(self, event: Any) -> Any:
        if getattr(event, "anchor", None) is not None:
            raise self._wrong(event, "& and * have a meaning in YAML that messages do not use")
        if getattr(event, "tag", None) is not None:
            raise self._wrong(event, "a value that begins with ! is a YAML tag, which messages do not use")
        self.depth += 1
        check_depth(self.depth)
        value = self.builders[type(event).__name__](event)
        self.depth -= 1
        return value

    def _scalar(self, event: Any) -> Scalar:
        index, text = event.start_mark.index, event.value
        if event.style == "'":
            return Scalar([self.body.restored(text)] if text else [], body=self.body, index=index)
        if event.style:
            return Scalar(self.body.parts(text), body=self.body, index=index)
        self._check_plain(text, index)
        return Scalar(self.body.parts(text.strip()), plain=True, body=self.body, index=index)

    def _sequence(self, _: Any) -> list[Any]:
        items = []
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            items.append(self._node(event))
        return items

    def _mapping(self, start: Any) -> Object:
        pairs: list[tuple[Scalar, Any]] = []
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            if type(event).__name__ != "ScalarEvent":
                raise InvalidSyntax("a name is neither a list nor a mapping.", span=self._place(event))
            name = self._scalar(event)
            if not event.style:
                self._check_name(event, indents=not start.flow_style)
            pairs.append((name, self._node(next(self.events))))
        return Object(pairs)

    def _check_plain(self, text: str, index: int) -> None:
        """Refuse characters in a plain scalar that need quotes."""
        if match := INVISIBLE.search(text):
            raise characters.invisible(match[0], self.body.span(index, 1))
        text = text.strip()
        if match := _ODD_PART.search(text):
            raise characters.no_blank(match["odd"] or match["before"], self.body.span(index, 1))
        if len(text) > 1 and text[0] in characters.QUOTES and text[-1] in characters.QUOTES:
            raise characters.curly(self.body.restored(text), self.body.span(index, 1))

    def _check_name(self, event: Any, *, indents: bool) -> None:
        """Refuse odd blanks in a plain name or in its indentation."""
        name = event.value.rstrip()
        if match := ODD_BLANK.search(name if indents else name.lstrip()):
            raise characters.no_blank(match[0], self._place(event))

    def _wrong(self, event: Any, problem: str) -> InvalidSyntax:
        return InvalidSyntax(f"{problem}.", "Put the value in quotes.", span=self._place(event))

    def _place(self, event: Any) -> SourceSpan:
        return self.body.span(event.start_mark.index, 1)
