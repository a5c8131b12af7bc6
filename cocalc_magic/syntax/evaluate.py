"""Evaluate items and nodes with the notebook's values, and gather them as the options of one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import Message, Option
from cocalc_magic.errors import (
    InvalidMessage,
    InvalidSyntax,
    InvalidValue,
    MissingOption,
    UnknownOption,
    nearest,
)
from cocalc_magic.syntax import convert, strict_json
from cocalc_magic.syntax.body import parse_json
from cocalc_magic.syntax.files import read_text
from cocalc_magic.syntax.nodes import Object, Scalar
from cocalc_magic.syntax.variables import Namespace, Placeholders, Variable, alone, join
from cocalc_magic.syntax.words import json_hint, meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic.syntax.line import Item


class Evaluator:
    """Evaluates items and nodes with the variables of one notebook."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace

    # -- items of the line -------------------------------------------------------------------------

    def item(self, option: Option, item: Item) -> Any:
        """Return the value of an item: a text, a variable or a file."""
        strict = item.sign.endswith(":=")
        if item.source == "file":
            name = str(join(item.parts, self.namespace))
            if strict:
                return self._json(option, Placeholders([read_text(option, name, "utf-8-sig")]))
            return convert.from_text(option, read_text(option, name))
        literal = item.literal
        if literal is None and (variable := alone(item.parts)):
            value = variable.value(self.namespace)
            if strict:
                return convert.from_json(option, convert.plain_value(value))
            return convert.from_python(option, value)
        if strict:
            return self._json(option, Placeholders(item.parts), item.quote)
        text = str(join(item.parts, self.namespace)) if literal is None else literal
        return convert.from_text(option, text)

    def _json(self, option: Option, text: Placeholders, quote: str = "") -> Any:
        """Return a JSON value; in double quotes it may be their content, or a text with them."""
        try:
            return convert.from_json(option, self.plain(parse_json(text)))
        except strict_json.NotJSON:
            if quote != '"':
                raise _not_json(option, text.restored(text.text)) from None
        except InvalidValue:
            if quote != '"':
                raise
        return convert.from_json(option, join(text.parts(text.text), self.namespace))

    # -- nodes of the body -------------------------------------------------------------------------

    def node(self, option: Option, node: Any) -> Any:
        """Return the value of a node, converted to the type of its option."""
        try:
            if isinstance(node, Scalar):
                return self._scalar(option, node)
            if isinstance(node, list):
                return self._list(option, node)
            return convert.from_json(option, self.plain(node))
        except InvalidMessage as problem:
            problem.span = problem.span or (node.span if isinstance(node, Scalar) else None)
            raise

    def _scalar(self, option: Option, node: Scalar) -> Any:
        value = join(node.parts, self.namespace)
        if alone(node.parts):
            return convert.from_python(option, value)
        if node.json:
            return convert.from_json(option, value)
        if node.plain and option.type in ("any", "object"):
            return convert.from_json(option, self.plain(node))
        if node.empty and "text" not in option.types:
            raise InvalidValue(f"{option.name} is empty.", f"It takes {convert.describe(option.type)}.")
        return convert.from_text(option, value)

    def _list(self, option: Option, nodes: list[Any]) -> Any:
        array = next((type_ for type_ in option.types if type_.startswith("array of ")), "")
        element = array.partition(" of ")[2]
        if element in ("", "object"):
            return convert.from_json(option, self.plain(nodes))
        each = Option(f"{option.name}[]", element, option.meaning)
        return [self.node(each, node) for node in nodes]

    def plain(self, node: Any) -> Any:
        """Return the value of a node without a type in the catalog."""
        if isinstance(node, list):
            return [self.plain(item) for item in node]
        if isinstance(node, Object):
            return {name: self._member(name, item) for name, item, _ in self.members(node)}
        if not isinstance(node, Scalar):
            return node
        value = join(node.parts, self.namespace)
        if alone(node.parts):
            return convert.plain_value(value)
        return self._meaning(node, value) if node.plain else value

    def _member(self, name: str, node: Any) -> Any:
        """Return the value of a member; where the name is that of a project's id, a response means its id."""
        value = self.plain(node)
        return convert.project_id_of(value) if name.endswith("project_id") else value

    def _meaning(self, node: Scalar, text: str) -> Any:
        """Return the meaning of a plain scalar; with a variable inside, it is text."""
        if any(isinstance(part, Variable) for part in node.parts):
            return text
        try:
            return meaning(text)
        except InvalidValue as problem:
            problem.span = node.span
            raise

    def members(self, node: Object) -> Iterator[tuple[str, Any, Scalar]]:
        """Yield the names of an object, evaluated, with their nodes and their scalars.

        Raises:
            InvalidSyntax: A name is there twice.
            InvalidValue: A name is not a text.
        """
        names = set()
        for scalar, value in node.pairs:
            name = self._name(scalar)
            if name in names:
                raise strict_json.twice(name, scalar.span)
            names.add(name)
            yield name, value, scalar

    def _name(self, scalar: Scalar) -> str:
        name = join(scalar.parts, self.namespace)
        variable = alone(scalar.parts)
        if variable is None:
            return str(name)
        name = convert.plain_value(name)
        if not isinstance(name, str):
            kind = type(variable.value(self.namespace)).__name__
            raise InvalidValue(
                f"{variable.source} is a {kind}, and names are texts.",
                f'Its text as a name: "${{str({variable.expression})}}"',
                span=variable.span,
            )
        return name

    # -- mappings of the notebook ------------------------------------------------------------------

    def spread(self, variable: Variable) -> dict[str, Any]:
        """Return the options in a variable, which is a mapping as for Python's `**`."""
        value = variable.value(self.namespace)
        try:
            options = {name: value[name] for name in value.keys()}  # noqa: SIM118 - it may be no Mapping
        except (AttributeError, TypeError, LookupError):
            raise InvalidSyntax(
                f"{variable.source} is a {type(value).__name__}, not a mapping of options.",
                "As the value of one option it is name=$…",
                span=variable.span,
            ) from None
        for name in options:
            if not isinstance(name, str):
                raise InvalidSyntax(
                    f"{variable.source} has the key {name!r}, and names of options are texts.",
                    span=variable.span,
                )
        return options


def _not_json(option: Option, text: str) -> InvalidValue:
    word = json_hint(text)
    python = f"Python stands in ${{…}}: {option.name}:=${{…}}" if word or text.startswith("{'") else ""
    hints = [word, python] if python else [f"For text write {option.name}=…"]
    return InvalidValue(f"{text[:60]!r} is not JSON.", *hints)


@dataclass(frozen=True)
class PendingOption:
    """One option as it was written somewhere.

    Args:
        name: Its name.
        value: Makes the value, for the option as the catalog has it.
        source: What it was written as, which knows its span.
        element: It is one element of an array.
    """

    name: str
    value: Callable[[Option], Any]
    source: Item | Scalar | Variable | None = None
    element: bool = False


class Options:
    """The options of one message as they are gathered; mistakes are kept, so that all are reported."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.values: dict[str, Any] = {}
        self.problems: list[InvalidMessage] = []
        self._names: set[str] = set()
        self._elements: set[str] = set()
        self._unknown: list[str] = []

    def add(self, pending: PendingOption) -> None:
        """Add one option, or its problem."""
        try:
            option = self._option(pending.name)
            self._check_once(pending)
            self._names.add(pending.name)
            if pending.element:
                self._append(option, pending)
            else:
                self.values[pending.name] = pending.value(option)
        except InvalidMessage as problem:
            problem.span = problem.span or (pending.source.span if pending.source else None)
            self.problems.append(problem)

    def left_out(self) -> list[Option]:
        """Return the options that are required or marked `current` and were not given, not even wrongly."""
        left = {option.name: option for option in self.message.options if option.required or option.current}
        left = {name: option for name, option in left.items() if name not in self._names}
        for name in self._unknown:
            for meant in nearest(name, left)[:1]:
                del left[meant]
        return list(left.values())

    def _option(self, name: str) -> Option:
        try:
            return self.message.option(name)
        except UnknownOption:
            self._unknown.append(name)
            raise

    def _check_once(self, pending: PendingOption) -> None:
        if pending.name in self._names and not (pending.element and pending.name in self._elements):
            raise InvalidSyntax(
                f"{pending.name} is given twice.",
                f"Elements of an array: {pending.name}[]=one {pending.name}[]=two",
            )

    def _append(self, option: Option, pending: PendingOption) -> None:
        array = next((type_ for type_ in option.types if type_.startswith("array")), None)
        if array is None:
            raise InvalidValue(f"{option.name} is not an array.", f"Write {option.name}=…")
        element = Option(f"{option.name}[]", array.partition(" of ")[2] or "any", option.meaning)
        self._elements.add(pending.name)
        self.values.setdefault(pending.name, []).append(pending.value(element))


def missing(message: Message, option: Option) -> MissingOption:
    """Return the error for a required option that was not given."""
    return MissingOption(
        f"{message.event} needs {option.name}: {option.meaning}",
        f"Write {option.name}=…  ({option.type})",
    )
