"""Single values, stored by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocalc_magic.sandbox.storage.store import Store

LAST_KEY = "last key"
WORLD_ID = "world"  # an id, new for each data folder and after each reset
INITIAL = "first state"  # the name of the world that the sandbox was filled with


class Settings:
    """Texts by name. Every method is safe to call from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.run("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT)")

    def get(self, name: str) -> str | None:
        """Return the text of this name."""
        rows = self._store.run("SELECT value FROM settings WHERE name = ?", [name])
        return rows[0][0] if rows else None

    def set(self, name: str, value: str) -> None:
        """Store a text under this name."""
        self._store.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", [name, value])
