"""JavaScript's conversions of values, which the answers of the recorded server depend on."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?Infinity", re.ASCII)
_PREFIXED = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")


def as_text(value: Any) -> str:
    """Convert a JSON value as JavaScript's `String` does, to a text that UTF-8 can hold."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return ",".join("" if item is None else as_text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    return stringify(value)


def well_formed(text: str) -> str:
    """Replace every unpaired surrogate by U+FFFD, since UTF-8 cannot hold them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def as_number(value: Any) -> float:
    """Convert a JSON value as JavaScript's `Number` does; NaN for what is not a number."""
    if isinstance(value, bool | int | float):
        return float(value)
    if value is None:
        return 0.0
    text = as_text(value).strip()
    if match := _PREFIXED.fullmatch(text):
        return float(int(text, 0)) if len(match[0]) < 200 else math.inf
    return float(text) if _DECIMAL.fullmatch(text) else math.nan if text else 0.0


def is_true(value: Any) -> bool:
    """Tell whether JavaScript takes a JSON value for true: all are but null, false, zero and no text."""
    return isinstance(value, list | dict) or bool(value)


def parse_int(value: Any) -> float:
    """Return the integer that a value's text begins with, as `parseInt` does; NaN where there is none."""
    match = re.match(r"\s*([+-]?\d+)", as_text(value), re.ASCII) if value is not None else None
    return float(match[1]) if match else math.nan


def stringify(value: Any) -> str:
    """Serialize a JSON value as `JSON.stringify` does."""
    if isinstance(value, float):
        # No fraction where there is none, and no leading zero in an exponent.
        return (
            str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value).replace("e-0", "e-")
        )
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def described(value: Any) -> str:
    """Describe a value as Node's errors about arguments do after the word `Received`."""
    if isinstance(value, dict | list):
        return f"an instance of {'Array' if isinstance(value, list) else 'Object'}"
    if value is None:
        return "undefined"
    if isinstance(value, str):
        shown = f"{value[:25]}..." if len(value) > 28 else value
        return f"type string ({stringify(shown)})" if "'" in shown else f"type string ('{shown}')"
    return f"type {'boolean' if isinstance(value, bool) else 'number'} ({stringify(value)})"
