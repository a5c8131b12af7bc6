"""The events of v1 as typed methods, for editors and type checkers: the text of `event_methods.pyi`.

At run time the methods come from the catalog, which editors do not read; they read this stub.
"""

from __future__ import annotations

from textwrap import indent, wrap
from typing import TYPE_CHECKING

from cocalc_magic import catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.catalog import Message, Option

WIDTH = 100
TYPES = {
    "text": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "uuid": "str | UUID",
    "project": "str | UUID | Mapping[str, Any]",
    "object": "Mapping[str, Any]",
    "array": "Sequence[Any]",
    "any": "Any",
}
HEAD = '''\
"""Every event of the catalog as a typed method. `python -m cocalc_magic.catalog` writes this file."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cocalc_magic.response import Response

class EventMethods:
    """Methods that send one message each; options are keywords."""
'''


def events_stub() -> str:
    """Return the text of the stub that belongs to the catalog as it stands."""
    return HEAD + "".join(f"\n{indent(_method(message), '    ')}" for message in catalog.messages().values())


def _method(message: Message) -> str:
    options = sorted(message.options, key=lambda option: not option.required)
    names = f"*, {', '.join(map(_parameter, options))}" if options else ""
    signature = f"def {message.event}(self{', ' if names else ''}{names}) -> Response:"
    if len(signature) > WIDTH:
        lines = "".join(f"    {_parameter(option)},\n" for option in options)
        signature = f"def {message.event}(\n    self,\n    *,\n{lines}) -> Response:"
    return f"{signature}\n{indent(_docstring(message, options), '    ')}"


def _parameter(option: Option) -> str:
    default = "" if option.required else f" = {'...' if option.default is None else repr(option.default)}"
    return f"{option.name}: {_annotation(option)}{default}".replace("'", '"')


def _annotation(option: Option) -> str:
    return " | ".join(dict.fromkeys(" | ".join(map(_type, option.types)).split(" | ")))


def _type(name: str) -> str:
    """Return the Python type of one type of the catalog: `array of uuid` -> `Sequence[str | UUID]`."""
    kind, _, element = name.partition(" of ")
    return f"Sequence[{TYPES[element]}]" if element else TYPES[kind]


def _docstring(message: Message, options: list[Option]) -> str:
    lines = [message.summary, "", *wrap(message.description, WIDTH)]
    if options:
        lines += ["", "Args:", *(line for option in options for line in _described(option))]
    text = "\n".join(lines).replace("\\", "\\\\")
    return f'"""{text}\n"""\n'


def _described(option: Option) -> Iterator[str]:
    yield from wrap(
        f"{option.name}: {option.meaning}", WIDTH, initial_indent="    ", subsequent_indent=" " * 8
    )
