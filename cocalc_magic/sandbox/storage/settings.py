"""Single values that a sandbox keeps by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocalc_magic.sandbox.storage.store import Store

REGISTRATION = "registration token"
LAST_KEY = "last key"
FIRST = "first state"


class Settings:
    """Texts by name in a store. Every method is safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.run("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT)")

    def get(self, name: str) -> str | None:
        """What is kept under this name."""
        found = self._store.run("SELECT value FROM settings WHERE name = ?", [name])
        return found[0][0] if found else None

    def keep(self, name: str, value: str) -> None:
        """Keeps a text under this name."""
        self._store.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", [name, value])
