"""Convert a value to the declared type of its option, or refuse it.

Three functions for three kinds of value: `from_text` for what was typed after `=` or as a YAML scalar,
`from_json` for values with a type of their own (after `:=`, in a JSON body), and `from_python` for values of
the notebook. All give plain JSON values and raise
`InvalidValue`.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Callable, Mapping
from enum import Enum
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import is_uuid
from cocalc_magic.errors import InvalidValue, did_you_mean
from cocalc_magic.syntax import strict_json
from cocalc_magic.syntax.nodes import DEEPEST
from cocalc_magic.syntax.words import MEANINGS, NOTHINGS, json_hint

if TYPE_CHECKING:
    from cocalc_magic.catalog import Option

TRUE, FALSE = ("true", "yes", "on"), ("false", "no", "off")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

_NAMES = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "uuid": "a uuid",
    "project": "a project (its title or id)",
    "array": "an array",
    "object": "an object",
    "any": "anything",
}


class _Unfit(ValueError):
    """Raised when a value is not of the type that was tried."""


def from_text(option: Option, text: str) -> Any:
    """Convert a text to the option's type; arrays and objects are written as JSON."""
    return _first_that_fits(option, text, _read_text)


def from_json(option: Option, value: Any) -> Any:
    """Return a JSON value unchanged, if it is of the option's type."""
    return _first_that_fits(option, value, _take_json)


def from_python(option: Option, value: Any) -> Any:
    """Convert a Python value to the option's type: `7` for text is `"7"`, a `UUID` or `Path` its text."""
    plain = plain_value(value)
    if plain is None:
        raise InvalidValue(
            f"{option.name} is None.",
            f"{option.name} takes {describe(option.type)}; leave it out to leave it unset.",
        )
    read = _read_text if isinstance(plain, str) else _take_python
    return _first_that_fits(option, plain, read)


def plain_value(value: Any, depth: int = 0) -> Any:
    """Convert a Python value to one of JSON.

    `UUID`, `Path`, dates and enums become text, tuples, ranges and sets become lists, and what
    numpy and pandas hold becomes numbers, lists and objects. Raises `InvalidValue` for what
    has no such form: a missing value of numpy or pandas too, and what is nested in itself.
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if depth > DEEPEST:
        raise InvalidValue("a value is nested too deep, or in itself.")
    if isinstance(value, int | str):
        return _simplest(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidValue(f"{value} is not a number that JSON knows.")
        return float(value)
    if isinstance(value, Mapping):
        return {_plain_name(key): plain_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | range | set | frozenset):
        return [plain_value(item, depth + 1) for item in value]
    return _foreign(value, depth)


def _plain_name(key: Any) -> str:
    """Convert a key to a JSON name; an integer becomes text, as in Python's own JSON."""
    name = plain_value(key)
    if isinstance(name, str):
        return name
    if type(name) is int:
        return str(name)
    raise InvalidValue(f"{key!r} is not a name: names are texts.")


def describe(type_: str) -> str:
    """Return a type of the catalog in words: `uuid or array of text` -> `a uuid or an array of text`."""
    return " or ".join(
        _NAMES.get(name, f"an {name}" if name.startswith("array") else name) for name in type_.split(" or ")
    )


def _simplest(value: int | str) -> Any:
    """Return the value of an enum member that is also an int or str."""
    base = int if isinstance(value, int) else str
    return base(value.value) if isinstance(value, Enum) else base(value)


def _foreign(value: Any, depth: int) -> Any:
    """Convert a value of another library, by its methods rather than its class."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, PathLike):
        return str(fspath(value))
    for method in ("tolist", "isoformat"):  # numpy and pandas; dates
        if callable(getattr(value, method, None)):
            return plain_value(_present(getattr(value, method)()), depth + 1)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):  # a table of pandas
        return plain_value(value.to_dict("records"), depth + 1)
    if isinstance(value, Enum):
        return plain_value(value.value, depth + 1)
    raise InvalidValue(f"a {type(value).__name__} has no form that can be sent.")


def _present(value: Any) -> Any:
    """Return the value. Raises `InvalidValue` for the text of a missing date."""
    if value == "NaT":
        raise InvalidValue("NaT, a missing date, has no form that can be sent.")
    return value


def _first_that_fits(option: Option, value: Any, read: Callable[[str, Any], Any]) -> Any:
    for type_ in option.types:
        try:
            converted = read(type_, value)
        except _Unfit:
            continue
        return _one_of_its_choices(option, converted)
    raise InvalidValue(
        f"{option.name} takes {describe(option.type)}, not {_quoted(value)}.", *_hints(option, value)
    )


def _hints(option: Option, value: Any) -> list[str]:
    """Return hints on what to type in place of a value that does not fit."""
    if value is None:
        return [f"Leave it out to leave {option.name} unset."]
    if "text" in option.types or not any(type_.startswith(("array", "object")) for type_ in option.types):
        return []
    word = json_hint(value) if isinstance(value, str) else ""
    return [word, f"Write it as JSON: {option.name}:=…"]


def _one_of_its_choices(option: Option, value: Any) -> Any:
    if option.choices and value not in option.choices:
        raise InvalidValue(
            f"{option.name} is one of {', '.join(option.choices)}, not {_quoted(value)}.",
            did_you_mean(str(value), option.choices),
        )
    return value


def _quoted(value: Any, limit: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[:limit]}…"


# -- text ------------------------------------------------------------------------------------------


def _read_text(type_: str, text: str) -> Any:
    reader = _TEXT_READERS.get(type_.partition(" of ")[0])
    return text if reader is None else reader(type_, text)


def _text_integer(_: str, text: str) -> int:
    if not _INTEGER.fullmatch(text.strip()) or len(text) > 100:
        raise _Unfit
    return int(text)


def _text_number(_: str, text: str) -> int | float:
    text = text.strip()
    if _INTEGER.fullmatch(text) and len(text) <= 100:
        return int(text)
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise _Unfit
    return float(text)


def _text_boolean(_: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in TRUE + FALSE:
        raise _Unfit
    return word in TRUE


def _text_uuid(_: str, text: str) -> str:
    if not is_uuid(text.strip()):
        raise _Unfit
    return text.strip()


def _text_project(_: str, text: str) -> str:
    """Return the name of a project; it is looked up before the message is sent."""
    name = text.strip()
    if MEANINGS.get(name, name) is None or name.lower() in NOTHINGS:
        raise _Unfit
    return name


def _text_json(type_: str, text: str) -> Any:
    try:
        value = strict_json.load(text)
    except strict_json.NotJSON:
        raise _Unfit from None
    return _take_json(type_, value)


_TEXT_READERS: dict[str, Callable[[str, str], Any]] = {
    "integer": _text_integer,
    "number": _text_number,
    "boolean": _text_boolean,
    "uuid": _text_uuid,
    "project": _text_project,
    "array": _text_json,
    "object": _text_json,
}

# -- JSON ------------------------------------------------------------------------------------------


def is_of(type_: str, value: Any) -> bool:
    """Return whether a JSON value is of this one type of the catalog."""
    name, _, element = type_.partition(" of ")
    if isinstance(value, bool) and name in ("integer", "number"):
        return False
    if not isinstance(value, _CLASSES.get(name, object)):
        return False
    if name == "uuid":
        return is_uuid(value)
    if name == "project":
        return bool(value.strip())
    return name != "array" or not element or all(is_of(element, item) for item in value)


_CLASSES: dict[str, Any] = {
    "text": str,
    "uuid": str,
    "project": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def _take_json(type_: str, value: Any) -> Any:
    value = _projects_in(type_, value)
    if not is_of(type_, value):
        raise _Unfit
    return value


def _projects_in(type_: str, value: Any) -> Any:
    """Replace what holds a project (a response, a record) by its id."""
    if type_ == "array of project" and isinstance(value, list):
        return [_projects_in("project", item) for item in value]
    return project_id_of(value) if type_ == "project" else value


def project_id_of(value: Any) -> Any:
    """Return the id in what holds a project (a response, a record); any other value as it is."""
    if not isinstance(value, dict):
        return value
    return value.get("project_id", value.get("value", value))  # conat answers with the bare id


# -- Python ----------------------------------------------------------------------------------------


def _take_python(type_: str, value: Any) -> Any:
    name, _, element = type_.partition(" of ")
    if name == "text" and isinstance(value, bool | int | float):
        return str(value)
    if name == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if name == "array" and element and isinstance(value, list):
        return [_element(element, item) for item in value]
    return _take_json(type_, value)


def _element(type_: str, value: Any) -> Any:
    return _read_text(type_, value) if isinstance(value, str) else _take_python(type_, value)
