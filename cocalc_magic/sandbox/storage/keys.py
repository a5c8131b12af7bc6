"""API keys of accounts and projects; on disk as SHA-256 only, since they are random.

A key of the current format is `sk-`, sixteen random characters and its number in six digits of base 62;
those of the older format, `sk_` and sixteen characters, have no number and are not listed. A scoped key,
`sk-cc-v2.<id>.<secret>`, may do what its scope has, where scopes are known.
"""

from __future__ import annotations

import json
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import StorageFailed
from cocalc_magic.sandbox.storage.passwords import hash_random
from cocalc_magic.sandbox.storage.settings import LAST_KEY, Settings
from cocalc_magic.sandbox.storage.store import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.storage.store import Store

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
START = "made at start"
MAX_KEYS = 100_000  # keys of one account
LARGEST_NUMBER = 2**31 - 1
_USE_INTERVAL = 15_000  # milliseconds between updates of a key's last use, so that not every message writes
_FIND = (  # one statement, since every message runs it
    'SELECT k.hash, k.account_id, k.project_id, k.expire, k.last_active, a."groups", k.scope '
    "FROM api_keys AS k JOIN accounts AS a ON a.account_id = k.account_id "
    "WHERE k.hash = ? AND NOT COALESCE(a.banned, 0)"
)
_FIND_BANNED = (
    "SELECT 1 FROM api_keys AS k JOIN accounts AS a ON a.account_id = k.account_id "
    "WHERE k.hash = ? AND k.project_id IS NULL AND a.banned"
)
_SCOPED = re.compile(r"sk-(cc|cocalc)-v2\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LISTED = "number AS id, account_id, expire, created, name, trunc, last_active"


class TooManyKeys(Exception):
    """Raised where an account has as many keys as it may have."""


@dataclass(frozen=True)
class Scope:
    """What a scoped key may do, and in which projects."""

    capabilities: tuple[str, ...]
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Owner:
    """The owner of a key: an account, or a project, where `account_id` is who made the key."""

    account_id: str
    project_id: str | None = None
    admin: bool = False
    scope: Scope | None = None


class Keys:
    """The keys in a store. Every method is safe to call from any thread."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        store.run(
            "CREATE TABLE IF NOT EXISTS api_keys (hash TEXT PRIMARY KEY, number INTEGER UNIQUE, "
            "account_id TEXT, project_id TEXT, name TEXT, trunc TEXT, created INTEGER, expire INTEGER, "
            "last_active INTEGER, scope TEXT)"
        )
        if "scope" not in {row["name"] for row in store.run("PRAGMA table_info(api_keys)")}:
            store.run("ALTER TABLE api_keys ADD COLUMN scope TEXT")  # of a folder of an older release

    # -- making ------------------------------------------------------------------------------------

    def add(
        self, account_id: str, name: str, text: str, scope: Scope | None = None, expire: int | None = None
    ) -> None:
        """Add a key with this text, as those of a world file; only one of that form has a scope."""
        more: dict[str, Any] = {"name": name, "expire": expire}
        if not is_scoped(text):
            self._insert(text, number_of(text), account_id, more)
            return
        with self._store.transaction():
            self._insert(text, self._next_number(), account_id, {**more, "scope": scope})

    def create_scoped(
        self, account_id: str, name: str, scope: Scope, expire: int | None = None, *, listed: bool = True
    ) -> str:
        """Make a scoped key; return its text, which is not stored."""
        text = f"sk-cc-v2.{secrets.token_urlsafe(12)}.{secrets.token_urlsafe(32)}"
        with self._store.transaction():
            number = self._next_number() if listed else None
            self._insert(text, number, account_id, {"name": name, "expire": expire, "scope": scope})
        return text

    def create(
        self, account_id: str, name: str | None, *, project_id: str | None = None, expire: int | None = None
    ) -> tuple[dict[str, Any], str]:
        """Make a key of the current format; return its entry in a list, and its text, which is not stored.

        `expire`: milliseconds since 1970. Raises `TooManyKeys`.
        """
        with self._store.transaction():
            count = self._store.run("SELECT COUNT(*) FROM api_keys WHERE account_id = ?", [account_id])[0][0]
            if count >= MAX_KEYS:
                raise TooManyKeys
            number = self._next_number()
            text = f"sk-{_random(16)}{base62(number).rjust(6, '0')}"
            more = {"name": name, "project_id": project_id, "expire": expire}
            self._insert(text, number, account_id, more)
            entry = self._entries("number = ?", [number])[0]
        return entry, text

    def replace(self, account_id: str, name: str) -> str:
        """Make a key in place of the account's others of this name; return its text."""
        others = "DELETE FROM api_keys WHERE account_id = ? AND name = ? AND project_id IS NULL"
        with self._store.transaction():
            self._store.run(others, [account_id, name])
            return self.create(account_id, name)[1]

    def create_legacy(self, account_id: str) -> str:
        """Make a key of the older format; return its text."""
        text = f"sk_{_random(16)}"
        self._insert(text, None, account_id, {"name": None})
        return text

    def new_start_key(self, account_id: str, scope: Scope | None = None) -> str:
        """Make the key that a start prints, in place of the last one; it has no number and is not listed."""
        with self._store.transaction():
            self._store.run("DELETE FROM api_keys WHERE name = ? AND number IS NULL", [START])
            if scope:
                return self.create_scoped(account_id, START, scope, listed=False)
            text = f"sk-{_random(16)}000000"  # no key has the number 0
            self._insert(text, None, account_id, {"name": START})
        return text

    def is_start_key(self, text: str) -> bool:
        """Tell whether this is the key that the last start printed."""
        rows = self._store.run(
            "SELECT 1 FROM api_keys WHERE hash = ? AND name = ? AND number IS NULL",
            [hash_random(text), START],
        )
        return bool(rows)

    # -- lists -------------------------------------------------------------------------------------

    def of_account(self, account_id: str, number: int | None = None) -> list[dict[str, Any]]:
        """Return the account's keys, the newest first; those of projects only by their number."""
        if number is not None:
            return self._entries("account_id = ? AND number = ?", [account_id, number])
        return self._entries("account_id = ? AND project_id IS NULL", [account_id])

    def of_project(self, project_id: str, number: int | None = None) -> list[dict[str, Any]]:
        """Return the project's keys, whoever made them; the newest first."""
        if number is not None:
            return self._entries("project_id = ? AND number = ?", [project_id, number])
        return self._entries("project_id = ?", [project_id])

    def change(self, number: int, changes: Mapping[str, Any]) -> None:
        """Change `name` and `expire` of a key."""
        if "name" in changes:
            self._store.run("UPDATE api_keys SET name = ? WHERE number = ?", [changes["name"], number])
        if "expire" in changes:
            self._store.run("UPDATE api_keys SET expire = ? WHERE number = ?", [changes["expire"], number])

    def delete(self, number: int) -> None:
        """Delete a key."""
        self._store.run("DELETE FROM api_keys WHERE number = ?", [number])

    # -- use ---------------------------------------------------------------------------------------

    def find(self, text: str) -> Owner | None:
        """Return the owner of a key; `None` where the account is banned.

        A key that has expired, or whose maker has left the project, is deleted.
        """
        rows = self._store.run(_FIND, [hash_random(text)])
        if not rows:
            return None
        digest, account_id, project_id, expire, last_active, groups, scope = rows[0]
        moment = now()
        if (expire is not None and expire <= moment) or not self._has_access(account_id, project_id):
            self._write("DELETE FROM api_keys WHERE hash = ?", [digest])
            return None
        if moment - (last_active or 0) > _USE_INTERVAL:
            self._write("UPDATE api_keys SET last_active = ? WHERE hash = ?", [moment, digest])
        return Owner(account_id, project_id, "admin" in json.loads(groups or "[]"), _scope(scope))

    def is_banned(self, text: str) -> bool:
        """Tell whether a key is one of a banned account."""
        return bool(self._store.run(_FIND_BANNED, [hash_random(text)]))

    def _write(self, sql: str, values: list[Any]) -> None:
        """Write what no message depends on; on a full disk, do nothing."""
        with suppress(StorageFailed):
            self._store.run(sql, values)

    def _next_number(self) -> int:
        """Return one more than any key ever had, including deleted ones."""
        largest = int(self._store.run("SELECT COALESCE(MAX(number), 0) FROM api_keys")[0][0])
        number = max(largest, int(self._settings.get(LAST_KEY) or 0)) + 1
        self._settings.set(LAST_KEY, str(number))
        return number

    def _has_access(self, account_id: str, project_id: str | None) -> bool:
        if project_id is None:
            return True
        membership = "SELECT 1 FROM members WHERE account_id = ? AND project_id = ?"
        return bool(self._store.run(membership, [account_id, project_id]))

    def _insert(self, text: str, number: int | None, account_id: str, more: Mapping[str, Any]) -> None:
        values = [
            hash_random(text),
            number,
            account_id,
            more.get("project_id"),
            more.get("name"),
            trunc(text),
            now(),
            more.get("expire"),
            json.dumps(asdict(more["scope"])) if more.get("scope") else None,
        ]
        self._store.run(
            "INSERT INTO api_keys "
            "(hash, number, account_id, project_id, name, trunc, created, expire, scope) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def _entries(self, condition: str, values: list[Any]) -> list[dict[str, Any]]:
        # The condition is one of ours above, never a caller's text.
        sql = f"SELECT {_LISTED} FROM api_keys WHERE number IS NOT NULL AND {condition} ORDER BY number DESC"  # noqa: S608 - as above
        return [dict(row) for row in self._store.run(sql, values)]


def trunc(text: str) -> str:
    """Return what a list shows of a key."""
    if is_scoped(text):
        return f"{text[:5]}...{text[-8:]}"
    return f"{text[:3]}...{text[-6:]}"


def is_scoped(text: str) -> bool:
    """Tell whether a key has the form of a scoped one."""
    return bool(_SCOPED.fullmatch(text))


def _scope(stored: str | None) -> Scope | None:
    if stored is None:
        return None
    scope = json.loads(stored)
    return Scope(tuple(scope["capabilities"]), tuple(scope["projects"]))


def base62(number: int) -> str:
    """Write a number in the digits that keys use."""
    text = ""
    while number:
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text or "0"


def number_of(key: str) -> int | None:
    """Return the number in a key of the current format; `None` for an older one."""
    if not key.startswith("sk-") or any(digit not in DIGITS for digit in key[-6:]):
        return None
    number = 0
    for digit in key[-6:]:
        number = number * 62 + DIGITS.index(digit)
    return number if 0 < number <= LARGEST_NUMBER else None


def _random(length: int) -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(length))
