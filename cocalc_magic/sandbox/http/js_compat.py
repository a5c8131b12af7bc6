"""JavaScript's ways with values, which show in what the recorded server answers."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?Infinity", re.ASCII)
_PREFIXED = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")


def as_text(value: Any) -> str:
    """A JSON value as JavaScript's ``String`` writes it, fit to be stored as UTF-8."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return ",".join("" if item is None else as_text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    return stringify(value)


def well_formed(text: str) -> str:
    """The text with U+FFFD for every lone half of a surrogate pair, which UTF-8 cannot hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def as_number(value: Any) -> float:
    """A JSON value as JavaScript's ``Number`` reads it; NaN for what is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    if value is None:
        return 0.0
    text = as_text(value).strip()
    if match := _PREFIXED.fullmatch(text):
        return float(int(text, 0)) if len(match[0]) < 200 else math.inf
    return float(text) if _DECIMAL.fullmatch(text) else math.nan if text else 0.0


def stringify(value: Any) -> str:
    """JSON as ``JSON.stringify`` writes it."""
    if isinstance(value, float):
        # No fraction where there is none, and no zero before the digit of an exponent.
        return (
            str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value).replace("e-0", "e-")
        )
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
