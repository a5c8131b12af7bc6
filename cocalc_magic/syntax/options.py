"""The options of one message as they are gathered: each once, of its type; what is wrong, what is missing."""

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

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.syntax.line import Item
    from cocalc_magic.syntax.nodes import Scalar
    from cocalc_magic.syntax.variables import Variable


@dataclass(frozen=True)
class Given:
    """One option as it was given somewhere: its name, what makes its value, and what it was written as."""

    name: str
    value: Callable[[Option], Any]
    written: Item | Scalar | Variable | None = None
    element: bool = False


class Options:
    """The options of one message as they are gathered; mistakes are kept, so that all can be told."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.values: dict[str, Any] = {}
        self.problems: list[InvalidMessage] = []
        self._given: set[str] = set()
        self._elements: set[str] = set()
        self._unknown: list[str] = []

    def add(self, given: Given) -> None:
        """Adds one option, or its problem."""
        try:
            option = self._option(given.name)
            self._check_once(given)
            self._given.add(given.name)
            if given.element:
                self._append(option, given)
            else:
                self.values[given.name] = given.value(option)
        except InvalidMessage as problem:
            problem.span = problem.span or (given.written.span if given.written else None)
            self.problems.append(problem)

    def left_out(self) -> list[Option]:
        """The options that are required or marked ``current`` and were not given, not wrongly either."""
        left = {option.name: option for option in self.message.options if option.required or option.current}
        left = {name: option for name, option in left.items() if name not in self._given}
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

    def _check_once(self, given: Given) -> None:
        if given.name in self._given and not (given.element and given.name in self._elements):
            raise InvalidSyntax(
                f"{given.name} is given twice.",
                f"Elements of an array: {given.name}[]=one {given.name}[]=two",
            )

    def _append(self, option: Option, given: Given) -> None:
        array = next((type_ for type_ in option.types if type_.startswith("array")), None)
        if array is None:
            raise InvalidValue(f"{option.name} is no array.", f"Write {option.name}=…")
        element = Option(f"{option.name}[]", array.partition(" of ")[2] or "any", option.meaning)
        self._elements.add(given.name)
        self.values.setdefault(given.name, []).append(given.value(element))


def missing(message: Message, option: Option) -> MissingOption:
    """The error for a required option that nobody gave."""
    return MissingOption(
        f"{message.event} needs {option.name}: {option.meaning}",
        f"Write {option.name}=…  ({option.type})",
    )
