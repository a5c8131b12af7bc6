"""The last requests, for people who look at what goes on; nothing secret is kept of them."""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.javascript import as_text, stringify

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MOST = 200
LONGEST = 80  # characters that are kept of an option
MOST_OPTIONS = 12
HIDDEN = "•••"
_KEY = re.compile(r"sk[-_][0-9A-Za-z]{8,}")


@dataclass(frozen=True)
class Seen:
    """One request: when (seconds since 1970), what, by whom, how it ended, and how long it took."""

    moment: float
    event: str
    account_id: str | None
    options: Mapping[str, str]
    outcome: str
    milliseconds: float


class Recent:
    """The last :data:`MOST` requests, the newest first."""

    def __init__(self) -> None:
        self._seen: deque[Seen] = deque(maxlen=MOST)

    def note(
        self,
        event: str,
        account_id: str | None,
        given: Mapping[str, Any],
        secret: Collection[str],
        outcome: str,
        seconds: float,
    ) -> None:
        """Remembers a request that has been answered; values of the ``secret`` options are not kept."""
        options = {
            name[:LONGEST]: HIDDEN if name in secret else _short(value)
            for name, value in list(given.items())[:MOST_OPTIONS]
        }
        self._seen.appendleft(Seen(time.time(), event, account_id, options, outcome, seconds * 1000))

    def list(self) -> list[Seen]:
        """What is remembered."""
        return list(self._seen)


def _short(value: Any) -> str:
    """The beginning of a value; what looks like a key is not in it."""
    if not isinstance(value, str | int | float | None):
        value = stringify(value) if isinstance(value, dict) and len(value) < MOST_OPTIONS else as_text(value)
    return without_keys(as_text(value))


def without_keys(text: str) -> str:
    """The beginning of a text, with nothing in it that looks like a key."""
    text = _KEY.sub(HIDDEN, text[: 4 * LONGEST])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
