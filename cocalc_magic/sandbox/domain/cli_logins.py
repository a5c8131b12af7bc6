"""Sign-ins of programs that a person approves on a page; kept in memory, since they end soon."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.js_compat import as_text, is_true
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HOUR = 3_600_000  # milliseconds
SESSION_TIME = 8 * HOUR  # that a session of a program lasts, and a challenge can be approved
LIMITS = ((10 * 60_000, 20), (24 * HOUR, 100))  # milliseconds, and how many may begin in them
MAX_TEXT = 254  # characters that are kept of what a program says of itself


@dataclass
class Challenge:
    """One sign-in; `state` is `pending`, `approved` or `redeemed`."""

    expires: int
    email: str | None
    duration: Any
    client_kind: str | None
    elevated: bool
    challenge_id: str = field(default_factory=new_id)
    poll_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    redeem_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    state: str = "pending"
    account_id: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def is_expired(self) -> bool:
        """Tell whether it is too old."""
        return self.expires <= now()

    def is_poll_token(self, token: Any) -> bool:
        """Tell whether this token asks for its state."""
        return _is_same(token, self.poll_token)

    def is_redeem_token(self, token: Any) -> bool:
        """Tell whether this token redeems it."""
        return _is_same(token, self.redeem_token)

    def approve(self, account_id: str) -> bool:
        """Sign the program in as an account; return False where it was decided before, or is too old."""
        with self._lock:
            if self.state != "pending" or self.is_expired():
                return False
            self.state, self.account_id = "approved", account_id
            return True

    def redeem(self) -> bool:
        """Take the sign-in; return False the second time."""
        with self._lock:
            if self.state != "approved":
                return False
            self.state = "redeemed"
            return True


class CliLogins:
    """All challenges of a world. Every method is safe to call from any thread."""

    def __init__(self, clock: Callable[[], int] = now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: deque[int] = deque(maxlen=LIMITS[-1][1])
        self._challenges: OrderedDict[str, Challenge] = OrderedDict()

    def start(self, options: Mapping[str, Any]) -> Challenge | None:
        """Return a new challenge; `None` where too many were begun."""
        moment = self._clock()
        with self._lock:
            if any(self._count(moment - span) >= most for span, most in LIMITS):
                return None
            self._begun.append(moment)
            challenge = Challenge(
                moment + SESSION_TIME,
                _text(options.get("email")),
                _text(options.get("duration")),
                _text(options.get("client_kind")),
                is_true(options.get("elevated_login")),
            )
            self._challenges[challenge.challenge_id] = challenge
            while len(self._challenges) > LIMITS[-1][1]:
                self._challenges.popitem(last=False)
        return challenge

    def find(self, challenge_id: str) -> Challenge | None:
        """Return the challenge of this id."""
        return self._challenges.get(challenge_id)

    def _count(self, since: int) -> int:
        return sum(moment > since for moment in self._begun)


def _text(value: Any) -> str | None:
    return None if value is None else as_text(value)[:MAX_TEXT]


def _is_same(token: Any, text: str) -> bool:
    return isinstance(token, str) and hmac.compare_digest(token.encode("utf-8", "replace"), text.encode())
