"""The meaning of unquoted words where the catalog does not give a type: inside objects, and for `any`.

Null, booleans and numbers are those of JSON and of YAML's core schema. The null of another language is
refused: in a query, a text `None` would be written where a null would be read.
"""

from __future__ import annotations

import math
import re
from typing import Any

from cocalc_magic.errors import InvalidValue

MEANINGS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
NOTHINGS = frozenset({"none", "nil", "undefined", "nan", ".nan", "nat", "<na>", "nullptr"})  # in any case
ENDLESS = frozenset({"infinity", "inf", ".inf"})  # in any case, with or without a sign
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_IN_JSON = {"None": "null", "True": "true", "False": "false"}
_FOREIGN = re.compile(r"(?<![\w.'\"])(None|True|False|nil|undefined|NaN|nan|NaT|Infinity)(?![\w'\"])")
_DIGITS = 400  # of a number; a float has 309 at most


def meaning(text: str) -> Any:
    """Return the JSON value of an unquoted text; the text itself where it is neither a word nor a number.

    Raises:
        InvalidValue: For the null of another language, and for a number that JSON cannot carry.
    """
    if text in MEANINGS:
        return MEANINGS[text]
    if _NUMBER.fullmatch(text):
        return number(text)
    word = text.lower()
    if word in NOTHINGS:
        raise InvalidValue(f"{text} is another language's nothing.", f"Write null, or {text!r} for the text.")
    if word.lstrip("+-") in ENDLESS:
        raise InvalidValue(f"JSON has no {text}.", f"For the text write {text!r}.")
    return text


def number(text: str) -> int | float:
    """Return the number that JSON text stands for. Raises `InvalidValue` where it is out of bounds."""
    if len(text) > _DIGITS:
        raise _too_large(text)
    return int(text) if text.lstrip("-").isdigit() else finite(float(text), text)


def finite(value: float, written: str = "") -> float:
    """Return the number. Raises `InvalidValue` where JSON has none for it."""
    if not math.isfinite(value):
        raise _too_large(written or str(value))
    return value


def _too_large(written: str) -> InvalidValue:
    return InvalidValue(f"{written[:20]} is not a number that JSON can carry.", "In quotes it is a text.")


def json_hint(text: str) -> str:
    """Return a hint for the first word of another language in a text that is not JSON; else empty."""
    match = _FOREIGN.search(text)
    if match is None:
        return ""
    if match[0].lower() in ENDLESS:
        return f"JSON has no {match[0]}."
    return f"JSON writes {_IN_JSON.get(match[0], 'null')} for {match[0]}."
