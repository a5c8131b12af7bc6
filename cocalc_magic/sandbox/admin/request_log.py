"""The last requests, for people who look at what happens; nothing secret is stored of them."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.js_compat import as_text, stringify, well_formed
from cocalc_magic.sanitize.secret_forms import HIDDEN, around_secret, is_secret_name, mask_secrets, mask_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


@dataclass
class UnderFault:
    """A fault in words, and whether the request that met it was logged."""

    words: str
    is_logged: bool = False


_fault: ContextVar[UnderFault | None] = ContextVar("_fault", default=None)


class RequestLog:
    """The last `MAX_ENTRIES` requests."""

    def __init__(self) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=MAX_ENTRIES)

    def add(
        self, event: str, account_id: str | None, options: Mapping[str, Any], outcome: str, seconds: float
    ) -> None:
        """Add a request that has been responded to, without secret values."""
        fault = _fault.get()
        if fault is not None:
            fault.is_logged, outcome = True, f"{outcome}, {fault.words}"
        shown = {
            shorten(name): HIDDEN if _is_secret(event, name) else _short(value)
            for name, value in list(options.items())[:MAX_OPTIONS]
        }
        entry = LogEntry(time.time(), shorten(event), account_id, shown, outcome, seconds * 1000)
        self._entries.appendleft(entry)

    @contextmanager
    def under_fault(self, words: str) -> Iterator[UnderFault]:
        """Say of a request that is added meanwhile which fault it met."""
        fault = UnderFault(words)
        token = _fault.set(fault)
        try:
            yield fault
        finally:
            _fault.reset(token)

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
    return frozenset(name for message in catalog.all_messages() for name in message.secret)


def _short(value: Any) -> str:
    """Return the beginning of a text, or of the JSON of another value, with secrets masked."""
    value = mask_value(value)
    return shorten(as_text(value) if isinstance(value, str) else well_formed(stringify(value)))


def shorten(text: str) -> str:
    """Return the beginning of a text, with secrets masked."""
    text = mask_secrets(text[: around_secret(text, 4 * MAX_TEXT)[0]])
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
