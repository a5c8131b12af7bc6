"""The last requests, for people who look at what happens; nothing secret is stored of them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.js_compat import as_text, stringify
from cocalc_magic.sanitize.secret_forms import HIDDEN, around_secret, is_secret_name, mask_secrets, mask_value

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ENTRIES = 200
MAX_TEXT = 80  # characters of an option
MAX_OPTIONS = 12


@dataclass(frozen=True)
class LogEntry:
    """A request: its time (seconds since 1970), event, caller, options, outcome and duration."""

    moment: float
    event: str
    account_id: str | None
    options: Mapping[str, str]
    outcome: str
    milliseconds: float


class RequestLog:
    """The last `MAX_ENTRIES` requests."""

    def __init__(self) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=MAX_ENTRIES)

    def add(
        self, event: str, account_id: str | None, options: Mapping[str, Any], outcome: str, seconds: float
    ) -> None:
        """Add a request that has been answered, without secret values."""
        shown = {
            shorten(name): HIDDEN if _is_secret(event, name) else _short(value)
            for name, value in list(options.items())[:MAX_OPTIONS]
        }
        entry = LogEntry(time.time(), shorten(event), account_id, shown, outcome, seconds * 1000)
        self._entries.appendleft(entry)

    def entries(self) -> list[LogEntry]:
        """Return the requests, the newest first."""
        return list(self._entries)

    def clear(self) -> None:
        """Remove all."""
        self._entries.clear()


def _is_secret(event: str, name: str) -> bool:
    """Tell whether an option is secret, by the catalog or its name; of unknown messages also in doubt."""
    message = catalog.get(event)
    if message is not None:
        return name in message.secret or is_secret_name(name)
    return name in _secret_options() or is_secret_name(name, doubtful=True)


@cache
def _secret_options() -> frozenset[str]:
    """Return the options that are secret in any message."""
    messages = (
        message for generation in catalog.GENERATIONS for message in catalog.messages(generation).values()
    )
    return frozenset(name for message in messages for name in message.secret)


def _short(value: Any) -> str:
    """Return the beginning of a value, with secrets masked."""
    value = mask_value(value)
    if not isinstance(value, str | int | float | None):
        value = stringify(value) if isinstance(value, dict) and len(value) < MAX_OPTIONS else as_text(value)
    return shorten(as_text(value))


def shorten(text: str) -> str:
    """Return the beginning of a text, with secrets masked."""
    text = mask_secrets(text[: around_secret(text, 4 * MAX_TEXT)[0]])
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
