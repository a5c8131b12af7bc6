"""The fields of a form, read as items of a line are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidMessage, InvalidValue, MissingOption
from cocalc_magic.sanitize.secret_forms import typed_secrets
from cocalc_magic.syntax import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.catalog import Message, Option


@dataclass(frozen=True)
class Draft:
    """The options read from the fields, and the problems of the others, by name."""

    options: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, InvalidMessage] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def read_draft(message: Message, texts: Mapping[str, str]) -> Draft:
    """Read the text of each field like `name=text` on a line; empty fields are left out.

    An empty text is written as on a line: `""`. An array of texts may be JSON, or a text on each line.
    """
    draft: dict[str, Any] = {}
    problems: dict[str, InvalidMessage] = {}
    missing = []
    for option in message.options:
        text = texts.get(option.name, "")
        try:
            if text.strip() if takes_lines(option) else text:
                _refuse_secrets(message, option, text)
                draft[option.name] = _read(option, text)
            elif option.required:
                missing.append(option.name)
        except InvalidMessage as problem:
            problems[option.name] = problem
    return Draft(draft, problems, tuple(missing))


def _refuse_secrets(message: Message, option: Option, text: str) -> None:
    """Raise an error for a key in a field whose text is kept."""
    secrets = [] if option.name in message.secret else typed_secrets(text)
    if secrets:
        raise InvalidValue(
            f"a {secrets[0].kind} stands here. It is not sent.",
            "Remove it: what stands in a field may be saved with the notebook.",
        )


def _read(option: Option, text: str) -> Any:
    if takes_lines(option) and not text.lstrip().startswith("["):
        lines = [typed_text(line) for line in text.split("\n") if line.strip()]
        return convert.from_json(option, lines)
    return convert.from_text(option, typed_text(text))


def takes_lines(option: Option) -> bool:
    """Return whether the option's value may be lines: an array of texts or uuids."""
    return option.types[0] in ("array of text", "array of uuid")


def missing_option(message: Message, name: str) -> MissingOption:
    """Return the text for a required field that is empty."""
    option = message.option(name)
    return MissingOption(f"{message.event} needs {name}: {option.meaning}")


def field_text(option: Option, value: Any) -> str:
    """Return the field's text for a value, the way back of `read_draft`."""
    if isinstance(value, str):
        return _written(value)
    if takes_lines(option) and isinstance(value, list) and value and all(map(_is_line, value)):
        return "\n".join(map(_written, value))
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def _is_line(value: Any) -> bool:
    """Return whether an element of an array can be a line."""
    return (
        isinstance(value, str)
        and "\n" not in value
        and not value.lstrip().startswith("[")
        and (not value or bool(value.strip()))
    )


def _written(text: str) -> str:
    return f'"{text}"' if _is_quotes(text) and len(text) != 1 else text


def typed_text(text: str) -> str:
    """Return the text that a field means: an empty text is written `""`.

    A text of double quotes alone has two more of them in the field.
    """
    return text[1:-1] if _is_quotes(text) and len(text) > 1 else text


def _is_quotes(text: str) -> bool:
    return not text.strip('"')
