"""The last requests, for people who look at what goes on; nothing secret is kept of them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox.http.js_compat import as_text, stringify
from cocalc_magic.sanitize.secret_forms import HIDDEN, around_secret, is_secret_name, mask_secrets, mask_value

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 200
LONGEST = 80  # characters that are kept of an option
MOST_OPTIONS = 12


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
        outcome: str,
        seconds: float,
    ) -> None:
        """Remembers a request that has been answered; secret values are not kept."""
        options = {
            without_keys(name): HIDDEN if _is_secret(event, name) else _short(value)
            for name, value in list(given.items())[:MOST_OPTIONS]
        }
        self._seen.appendleft(
            Seen(time.time(), without_keys(event), account_id, options, outcome, seconds * 1000)
        )

    def list(self) -> list[Seen]:
        """What is remembered."""
        return list(self._seen)


def _is_secret(event: str, name: str) -> bool:
    """Whether an option is secret: by the catalog, or by its name; of unknown messages also in doubt."""
    message = catalog.get(event)
    if message is not None:
        return name in message.secret or is_secret_name(name)
    return name in _secret_options() or is_secret_name(name, doubtful=True)


@cache
def _secret_options() -> frozenset[str]:
    """The options that are secret in any message."""
    messages = (
        message for generation in catalog.GENERATIONS for message in catalog.messages(generation).values()
    )
    return frozenset(name for message in messages for name in message.secret)


def _short(value: Any) -> str:
    """The beginning of a value; what looks like a key is not in it."""
    value = mask_value(value)
    if not isinstance(value, str | int | float | None):
        value = stringify(value) if isinstance(value, dict) and len(value) < MOST_OPTIONS else as_text(value)
    return without_keys(as_text(value))


def without_keys(text: str) -> str:
    """The beginning of a text, with nothing in it that looks like a secret."""
    text = mask_secrets(text[: around_secret(text, 4 * LONGEST)[0]])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
