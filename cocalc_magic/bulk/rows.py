"""A row of the data, and the message that it sends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the data.

    Args:
        number: Its number as in the data, from 1 on.
        values: Its values by column.
        name: What a person calls it: a name, a title, an address, or else `row 7`.
    """

    number: int
    values: Mapping[str, Any]
    name: str


@dataclass(frozen=True, slots=True)
class RowMessage:
    """The message of one row, checked against the catalog.

    Args:
        row: The row.
        event: The event of the message.
        options: Its options, of their declared types.
        key: What identifies the row in place of its message; `None` where the message does.
    """

    row: Row
    event: str
    options: Mapping[str, Any]
    key: str | None = None

    def bare(self) -> RowMessage:
        """Return the message without the values of its row, which need not travel."""
        return RowMessage(Row(self.row.number, {}, ""), self.event, self.options, self.key)

    def identity(self, salt: bytes) -> bytes:
        """Return 16 bytes that are the same for the same message, or the same key, wherever the row stands.

        Args:
            salt: Bytes of one journal, so that nothing can be told from those of another.
        """
        content = [self.event, dict(self.options)] if self.key is None else [self.event, None, self.key]
        text = _ENCODER.encode(content).encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=16, key=salt).digest()


def row_name(row: Row) -> str:
    """Return what a person calls a row, with its number."""
    number = f"row {row.number}"
    return number if row.name in ("", number) else f"{row.name} ({number})"
