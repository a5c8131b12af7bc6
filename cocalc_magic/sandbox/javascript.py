"""JavaScript's ways with values, which show in what the recorded server answers."""

from __future__ import annotations

import json
import math
from typing import Any


def as_text(value: Any) -> str:
    """A JSON value as JavaScript's ``String`` writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join("" if item is None else as_text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def as_number(value: Any) -> float:
    """A JSON value as JavaScript's ``Number`` reads it; NaN for what is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    if value is None:
        return 0.0
    try:
        return float(as_text(value).strip() or 0)
    except ValueError:
        return math.nan


def stringify(value: Any) -> str:
    """JSON as ``JSON.stringify`` writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
