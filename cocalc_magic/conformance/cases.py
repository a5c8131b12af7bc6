"""Cases made from the catalog: each message without a key, with a bad one, incomplete, wrong, and whole.

What a right answer to one is, the catalog does not say: that is asked of a reference, a fresh sandbox.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.client.wire import WIRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.client.wire.messages import WireRequest
    from cocalc_magic.conformance.answer import Answer

NOBODY, STRANGER, PERSON = "no key", "an invented key", "the key"
SECONDS = 20.0  # that a server of today is told to wait for what does the work
_NAMES = uuid.UUID("9a1f4c3e-6d1b-4c55-9d0e-4f8f6c0b7a21")  # ids of messages are made in it
_WRONG = {"text": 7, "uuid": 7, "project": 7, "integer": "x", "number": "x", "boolean": "x", "object": "x"}


@dataclass(frozen=True)
class Case:
    """One request, and what is known of it.

    Args:
        name: What it is called.
        event: The message.
        generation: The API, or the file of a recording.
        request: What is sent, below the server's address.
        sender: Whose key goes along: `NOBODY`, `STRANGER` or `PERSON`; or the value of a header.
        message: The message in the catalog, of a case made from it.
        expected: The recorded answer, of a recorded case.
        stable: Whether real servers answer it alike from one time to the next.
        skipped: Why it cannot be sent.
    """

    name: str
    event: str
    generation: str
    request: WireRequest = field(repr=False)
    sender: str = field(default=NOBODY, repr=False)
    message: Message | None = field(default=None, repr=False)
    expected: Answer | None = field(default=None, repr=False)
    stable: bool = True
    skipped: str = ""

    @property
    def title(self) -> str:
        """Its name for people, which begins with its event."""
        return self.name if self.name.startswith(self.event) else f"{self.event}: {self.name}"

    @property
    def writes(self) -> bool:
        """Whether a server that does not refuse the case may be changed by it."""
        return self.message is None or not self.message.read_only

    @property
    def is_example(self) -> bool:
        """Whether it is the whole and valid message of somebody with a key."""
        return self.name.endswith(": example")


def catalog_cases(generations: Iterable[str] = catalog.GENERATIONS) -> list[Case]:
    """Return the cases of all messages of these generations, in the order of the catalog.

    A message that several of them have is as in the first of these.
    """
    messages: dict[str, Message] = {}
    for generation in catalog.GENERATIONS:
        if generation in generations:
            messages = {**catalog.messages(generation), **messages}
    return [case for message in messages.values() for case in _of_message(message)]


def example(message: Message) -> Case:
    """Return the case of a whole and valid message, sent with the person's key."""
    return _case(message, "example", message.example.options, PERSON)


def _of_message(message: Message) -> Iterator[Case]:
    options = dict(message.example.options)
    yield _case(message, "no key", options, NOBODY)
    yield _case(message, "bad key", options, STRANGER)
    if message.required:
        name = message.required[0]
        rest = {key: value for key, value in options.items() if key != name}
        yield _case(message, f"without {name}", rest, PERSON)
    if option := next(filter(_wrong_value, message.options), None):
        yield _case(
            message, f"wrong type of {option.name}", options | {option.name: _wrong_value(option)}, PERSON
        )
    yield example(message)


def _case(message: Message, kind: str, options: Mapping[str, Any], sender: str) -> Case:
    name = f"{message.event}: {kind}"
    if message.takes_id:
        options = {"id": str(uuid.uuid5(_NAMES, name)), **options}
    request = WIRES[message.generation].encode(message, options, seconds=SECONDS)
    return Case(name, message.event, message.generation, request, sender, message)


def _wrong_value(option: Option) -> Any:
    """Return a value that is of none of the option's types, or nothing where any value is of one."""
    first = option.types[0].partition(" ")[0]
    return "x" if first == "array" and len(option.types) == 1 else _WRONG.get(option.type)
