"""Cells of CSV that people save or paste: secrets masked, and nothing that a spreadsheet would compute."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.sanitize import rejoined
from cocalc_magic.sanitize.secret_forms import mask_secrets, mask_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\0",
    "＝",
    "＋",
    "－",
    "＠",
)  # beginnings of one (CWE-1236)
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*([eE][+-]?[0-9]+)?")


def head(names: Iterable[str], *, raw: bool = False) -> list[str]:
    """Return the cells of the first line."""
    return [_cell(str(name), raw=raw) for name in names]


def row(record: Mapping[str, Any], names: Iterable[str], *, raw: bool = False) -> list[str]:
    """Return the cells of a record: whole values.

    A text that a spreadsheet would take for a formula gets a `'` in front, unless `raw`.
    """
    values = rejoined(mask_value({name: record.get(name) for name in names}))
    return [_cell(plain(value), raw=raw) for value in values.values()]


def plain(value: Any) -> str:
    """Return a text as it is, null as an empty text, and any other value as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str)


def _cell(text: str, *, raw: bool) -> str:
    text = mask_secrets(text).encode("utf-8", "replace").decode()  # half a surrogate cannot be sent
    return text if raw else _no_formula(text)


def _no_formula(text: str) -> str:
    """Mark a text as text where a spreadsheet would compute it; numbers stay numbers."""
    starts = text.lstrip(" ").startswith(_FORMULA)
    return f"'{text}" if starts and not _NUMBER.fullmatch(text) else text
