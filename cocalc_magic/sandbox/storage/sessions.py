"""Browsers that are signed in, and tokens that let one sign in; on disk as SHA-256 only."""

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
LONGEST = 180 * DAY
TOKEN_TIME = DAY // 2
_FORM = re.compile(r"\w+\$[^$]+\$\d+\$[^$]+")


class Sessions:
    """Cookies and tokens in a store. Every method is safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.run(
            "CREATE TABLE IF NOT EXISTS sessions "
            "(hash TEXT PRIMARY KEY, kind TEXT, account_id TEXT, expire INTEGER)"
        )

    def begin(self, account_id: str, lasting: int = LONGEST) -> str:
        """Signs a browser in for so many milliseconds; returns its cookie's value, in CoCalc's form."""
        return self._keep("cookie", account_id, f"sha512${secrets.token_hex(16)}$1000${new_id()}", lasting)

    def account_of(self, cookie: str) -> str | None:
        """The account that a cookie was given to, unless it has ended."""
        return self._find("cookie", cookie)

    def end(self, cookie: str) -> None:
        """Signs one browser out."""
        self._store.run("DELETE FROM sessions WHERE hash = ?", [hash_random(cookie)])

    def end_all(self, account_id: str) -> None:
        """Signs an account out everywhere; its tokens end too."""
        self._store.run("DELETE FROM sessions WHERE account_id = ?", [account_id])

    def new_token(self, account_id: str) -> str:
        """A token of 24 characters that signs one browser in as this account, within twelve hours."""
        letters = string.ascii_letters + string.digits
        text = "".join(secrets.choice(letters) for _ in range(24))
        return self._keep("token", account_id, text, TOKEN_TIME)

    def redeem(self, token: str) -> str | None:
        """The account that a token is for. It is good once."""
        account_id = self._find("token", token)
        self._store.run("DELETE FROM sessions WHERE hash = ? AND kind = 'token'", [hash_random(token)])
        return account_id

    def revoke(self, token: str) -> None:
        """A token is good for nothing any more."""
        self._store.run("DELETE FROM sessions WHERE hash = ? AND kind = 'token'", [hash_random(token)])

    def _keep(self, kind: str, account_id: str, text: str, time: int) -> str:
        moment = now()
        self._store.run("DELETE FROM sessions WHERE expire <= ?", [moment])
        self._store.run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?)", [hash_random(text), kind, account_id, moment + time]
        )
        return text

    def _find(self, kind: str, text: str) -> str | None:
        found = self._store.run(
            "SELECT account_id FROM sessions WHERE hash = ? AND kind = ? AND expire > ?",
            [hash_random(text), kind, now()],
        )
        return found[0][0] if found else None


def is_cookie(text: str) -> bool:
    """Whether a text has the form of a session's cookie."""
    return bool(_FORM.fullmatch(text))
