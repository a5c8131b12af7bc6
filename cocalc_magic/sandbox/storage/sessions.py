"""Sessions of browsers that are signed in, and tokens that sign one in; on disk as SHA-256 only."""

from __future__ import annotations

import re
import secrets
import string
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.storage.passwords import hash_random
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from cocalc_magic.sandbox.storage.store import Store

DAY = 86_400_000  # milliseconds
MAX_TIME = 180 * DAY
TOKEN_TIME = DAY // 2
BROWSER, FRAME = "cookie", "frame"
"""Kinds of sessions: of a browser, for all that a person may do; of pages in a frame, which only read."""

_FORM = re.compile(r"\w+\$[^$]+\$\d+\$[^$]+")


class Sessions:
    """Cookies and tokens. Every method is safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.run(
            "CREATE TABLE IF NOT EXISTS sessions "
            "(hash TEXT PRIMARY KEY, kind TEXT, account_id TEXT, expire INTEGER)"
        )

    def begin(self, account_id: str, lifetime: int = MAX_TIME, kind: str = BROWSER) -> str:
        """Sign a browser in for so many milliseconds; return the value of its cookie, in CoCalc's form."""
        return self._add(kind, account_id, f"sha512${secrets.token_hex(16)}$1000${new_id()}", lifetime)

    def account_of(self, cookie: str, kind: str = BROWSER) -> str | None:
        """Return the account of a cookie of this kind, unless its session has ended."""
        return self._find(kind, cookie)

    def end(self, cookie: str) -> None:
        """Sign one browser out."""
        self._store.run("DELETE FROM sessions WHERE hash = ?", [hash_random(cookie)])

    def end_all(self, account_id: str) -> None:
        """Sign an account out everywhere, and revoke its tokens."""
        self._store.run("DELETE FROM sessions WHERE account_id = ?", [account_id])

    def new_token(self, account_id: str) -> str:
        """Return a token of 24 characters that signs one browser in as this account, within twelve hours."""
        letters = string.ascii_letters + string.digits
        text = "".join(secrets.choice(letters) for _ in range(24))
        return self._add("token", account_id, text, TOKEN_TIME)

    def redeem(self, token: str) -> str | None:
        """Return the account of a token, which works once."""
        account_id = self._find("token", token)
        self.revoke(token)
        return account_id

    def revoke(self, token: str) -> None:
        """Revoke a token."""
        self._store.run("DELETE FROM sessions WHERE hash = ? AND kind = 'token'", [hash_random(token)])

    def _add(self, kind: str, account_id: str, text: str, lifetime: int) -> str:
        moment = now()
        self._store.run("DELETE FROM sessions WHERE expire <= ?", [moment])
        self._store.run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)",
            [hash_random(text), kind, account_id, moment + lifetime],
        )
        return text

    def _find(self, kind: str, text: str) -> str | None:
        rows = self._store.run(
            "SELECT account_id FROM sessions WHERE hash = ? AND kind = ? AND expire > ?",
            [hash_random(text), kind, now()],
        )
        return rows[0][0] if rows else None


def is_cookie(text: str) -> bool:
    """Tell whether a text has the form of a session's cookie."""
    return bool(_FORM.fullmatch(text))
