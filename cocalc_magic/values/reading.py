"""Line and body put together: a message of the catalog with its options, checked and typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.catalog import Message, Option
from cocalc_magic.errors import (
    InvalidMessage,
    InvalidSyntax,
    InvalidValue,
    MissingOption,
    UnknownEvent,
    together,
)
from cocalc_magic.values import body as bodies
from cocalc_magic.values import convert
from cocalc_magic.values.body import Scalar
from cocalc_magic.values.variables import Namespace, Placeholders, alone, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.values.line import Item, Line

Supply = Callable[[Message, Option], Any]
"""Gives a value for an option that was left out, one required or marked ``current``; or ``None``."""

_JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_JSON_WORDS = {"true": True, "false": False, "null": None, "": None}


@dataclass(frozen=True)
class Call:
    """One message as a person asked for it, ready to be sent, and the flags of its line."""

    message: Message
    options: dict[str, Any]
    flags: Mapping[str, str | bool] = field(default_factory=dict)
    silent: bool = False


def read(line: Line, body: str | None, namespace: Namespace, supply: Supply | None = None) -> Call:
    """The message that line and body ask for.

    ``body`` is ``None`` under a single ``%``. ``supply`` is asked for options that were left out and
    are required, or marked ``current``. Every mistake is told at once, in one
    :class:`~cocalc_magic.errors.InvalidMessage`.
    """
    return _Reading(line, body, namespace, supply).call()


def check(message: Message, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options given as Python values, checked and typed as those of a line are."""
    problems: list[InvalidMessage] = []
    found = {}
    for name, value in options.items():
        try:
            found[name] = convert.from_python(message.option(name), value)
        except InvalidMessage as problem:
            problems.append(problem)
    problems += _missing(message, found)
    if problems:
        raise together(problems)
    return found


def _missing(message: Message, given: Mapping[str, Any]) -> list[InvalidMessage]:
    return [
        MissingOption(
            f"{message.event} needs {option.name}: {option.meaning}",
            f"Write {option.name}=…  ({option.type})",
        )
        for option in message.options
        if option.required and option.name not in given
    ]


class _Reading:
    """One line and body being read; mistakes are gathered, so that all can be told."""

    def __init__(self, line: Line, body: str | None, namespace: Namespace, supply: Supply | None) -> None:
        self.line = line
        self.supply = supply
        self.body = body
        self.namespace = namespace
        self.problems: list[InvalidMessage] = []
        self.options: dict[str, Any] = {}

    def call(self) -> Call:
        takes_body = any(item.source == "body" for item in self.line.items)
        mapping = None if self.body is None or takes_body else self._mapping(self.body)
        message = self._message(mapping)
        self._gather(message, mapping or {})
        if not self._hopeless:
            self.problems += _missing(message, self.options)
        if self.problems:
            raise together(self.problems)
        return Call(message, self.options, self.line.flags, self.line.silent)

    def _gather(self, message: Message, mapping: dict[str, Any]) -> None:
        for item in self.line.items:
            self._attempt(message, item.name, partial(self._item, item=item))
        for name, node in mapping.items():
            self._attempt(message, name, partial(self._node, node=node))
        if self.supply and not self.problems:
            self._supply_missing(message, self.supply)

    def _supply_missing(self, message: Message, supply: Supply) -> None:
        for option in message.options:
            if option.name in self.options or not (option.required or option.current):
                continue
            value = supply(message, option)
            if value is not None:
                self.options[option.name] = convert.from_python(option, value)

    @property
    def _hopeless(self) -> bool:
        """Whether the event itself is not sure: then what is missing would be a guess."""
        return any(isinstance(problem, UnknownEvent) for problem in self.problems)

    def _message(self, mapping: dict[str, Any] | None) -> Message:
        event, spot = self.line.event, self.line.spot if self.line.event else None
        if event in ("", "event") and self.body is not None:
            event, spot = self._event_of(mapping), None
        elif mapping and "event" in mapping and join(mapping.pop("event").parts, self.namespace) != event:
            raise InvalidSyntax(f"the line says {event}, the body's event says something else.")
        if not event:
            raise InvalidSyntax(
                "the line names no event.", "Write %cocalc EVENT name=value …, as in %cocalc ping"
            )
        try:
            return catalog.find(event)
        except UnknownEvent as problem:
            problem.spot = spot
            self.problems.append(problem)
            near = catalog.names_like(event)
            if not near:
                raise
            return catalog.find(near[0])  # so that mistakes in its options are told as well

    def _event_of(self, mapping: dict[str, Any] | None) -> str:
        node = mapping.pop("event", None) if mapping else None
        if not isinstance(node, Scalar):
            raise InvalidSyntax(
                "the body names no event.", "Begin it with event: ping, or write %%cocalc ping"
            )
        return str(join(node.parts, self.namespace))

    def _mapping(self, body: str) -> dict[str, Any] | None:
        try:
            return bodies.parse(body)
        except InvalidSyntax as problem:
            text_option = getattr(catalog.get(self.line.event), "text_option", None)
            if text_option:
                problem.hints = (
                    *problem.hints,
                    f"To send the whole cell as {text_option}: %%cocalc {self.line.event} {text_option}=-",
                )
            raise

    def _attempt(self, message: Message, name: str, value: Callable[[Option], Any]) -> None:
        """Adds one option, or its problem."""
        try:
            option = message.option(name)
            found = value(option)
            if name in self.options:
                raise InvalidSyntax(
                    f"{name} is given twice.", f"Elements of an array: {name}[]=one {name}[]=two"
                )
            self.options[name] = found
        except InvalidMessage as problem:
            problem.spot = problem.spot or next(
                (item.spot for item in self.line.items if item.name == name), None
            )
            self.problems.append(problem)

    # -- items of the line -------------------------------------------------------------------------

    def _item(self, option: Option, item: Item) -> Any:
        if item.sign.startswith("[]"):
            return self._appended(option, item)
        if item.source == "body":
            return self._whole_body(option)
        return self._value(option, item)

    def _appended(self, option: Option, item: Item) -> list[Any]:
        """The array with this element added; it is put back under its name by the caller."""
        array = next((type_ for type_ in option.types if type_.startswith("array")), None)
        if array is None:
            raise InvalidValue(f"{option.name} is no array.", f"Write {option.name}=…")
        element = Option(f"{option.name}[]", array.partition(" of ")[2] or "any", option.meaning)
        before = self.options.pop(option.name, [])
        return [*before, self._value(element, item)]

    def _whole_body(self, option: Option) -> Any:
        if self.body is None:
            raise InvalidSyntax(
                f"{option.name}=- takes the body of a cell, and there is none.",
                "Use %%cocalc, or quote the text -",
            )
        return convert.from_text(option, self.body)

    def _value(self, option: Option, item: Item) -> Any:
        strict = item.sign.endswith(":=")
        if item.source == "file":
            text = _file_text(str(join(item.parts, self.namespace)))
            return self._json(option, Placeholders([text])) if strict else convert.from_text(option, text)
        if variable := alone(item.parts):
            value = variable.value(self.namespace)
            return (
                convert.from_json(option, convert.plain_value(value))
                if strict
                else convert.from_python(option, value)
            )
        if strict:
            return self._json(option, Placeholders(item.parts), item.quote)
        return convert.from_text(option, str(join(item.parts, self.namespace)))

    def _json(self, option: Option, text: Placeholders, quote: str = "") -> Any:
        """JSON as it stands; in double quotes it may be what they hold, or with them a text."""
        found = bodies.parse_json(text)
        if found is None and text.text.strip() != "null" and quote != '"':
            raise InvalidValue(
                f"{text.restored(text.text)[:60]!r} is no JSON.", f"For text write {option.name}=…"
            )
        try:
            return convert.from_json(option, self._plain(found))
        except InvalidValue:
            if quote != '"':
                raise
            return convert.from_json(option, self._plain(Scalar(text.parts(text.text), json=True)))

    # -- values of the body ------------------------------------------------------------------------

    def _node(self, option: Option, node: Any) -> Any:
        try:
            if isinstance(node, Scalar):
                return self._scalar(option, node)
            if isinstance(node, list):
                return self._list(option, node)
            return convert.from_json(option, self._plain(node))
        except InvalidMessage as problem:
            problem.spot = problem.spot or (node.spot if isinstance(node, Scalar) else None)
            raise

    def _scalar(self, option: Option, node: Scalar) -> Any:
        value = join(node.parts, self.namespace)
        if alone(node.parts):
            return convert.from_python(option, value)
        if node.json:
            return convert.from_json(option, value)
        if node.plain and option.type in ("any", "object"):
            return convert.from_json(option, _bare(value))
        if node.plain and not node.parts and "text" not in option.types:
            raise InvalidValue(f"{option.name} is empty.", f"It takes {convert.describe(option.type)}.")
        return convert.from_text(option, value)

    def _list(self, option: Option, nodes: list[Any]) -> Any:
        array = next((type_ for type_ in option.types if type_.startswith("array of ")), "")
        element = array.partition(" of ")[2]
        if element in ("", "object"):
            return convert.from_json(option, self._plain(nodes))
        each = Option(f"{option.name}[]", element, option.meaning)
        return [self._node(each, node) for node in nodes]

    def _plain(self, node: Any) -> Any:
        """A value of whose type the catalog says nothing."""
        if isinstance(node, list):
            return [self._plain(item) for item in node]
        if isinstance(node, dict):
            return {name: self._plain(item) for name, item in node.items()}
        if not isinstance(node, Scalar):
            return node
        value = join(node.parts, self.namespace)
        if alone(node.parts):
            return convert.plain_value(value)
        return _bare(value) if node.plain else value


def _bare(text: str) -> Any:
    """A plain scalar: the JSON word or number that it is, nothing for nothing, else text."""
    if text in _JSON_WORDS:
        return _JSON_WORDS[text]
    if _JSON_NUMBER.fullmatch(text) and len(text) <= 100:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    return text


def _file_text(name: str) -> str:
    path = Path(name).expanduser()
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidValue(f"{name} is no UTF-8 text.", "Only text can be sent this way.") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise InvalidValue(
            f"{name} can't be read: {reason}.", f"Files are looked for in {Path.cwd()}."
        ) from None
