"""What may be written into the ``users`` map of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog import tables
from cocalc_magic.sandbox.domain.access import GROUPS, is_uuid
from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller

_SETTINGS = tables()["projects"].column("settings")
SETTINGS = _SETTINGS.default if _SETTINGS else {}  # what can be upgraded


def checked(caller: Caller, given: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The entries to merge into the stored map; names that are no account ids are left out silently.

    Raises :class:`Failed` in the server's words. These come from its reference, since no recording
    shows them.
    """
    entries = {name.lower(): entry for name, entry in given.items() if is_uuid(name)}
    for account_id, entry in entries.items():
        if entry is not None:
            _check_entry(entry)
            if account_id != caller.account_id and _upgrades(entry) != _upgrades(stored.get(account_id)):
                raise Failed(
                    f"FATAL: user '{caller.account_id}' tried to change user '{account_id}' "
                    "allocation toward a project"
                )
    return entries


def _check_entry(entry: Any) -> None:
    # JavaScript goes through a text by its characters, the first of which is named 0.
    for name, value in entry.items() if isinstance(entry, dict) else [("0", entry)]:
        if name not in _FITS:
            raise _unfit(f"unknown field '{name}")  # the server's text lacks the last quote
        kind, fits = _FITS[name]
        if value is not None and not fits(value):
            raise _unfit(f"invalid {kind} for field '{name}'")
    for name in _upgrades(entry) or ():
        if name not in SETTINGS:
            raise _unfit(f"invalid upgrades field '{name}'")


def _upgrades(entry: Any) -> Any:
    return entry.get("upgrades") if isinstance(entry, dict) else None


def _unfit(words: str) -> Failed:
    return Failed(f"FATAL: error setting 'users' -- Error: {words}")


_FITS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "group": ("value", lambda value: value in GROUPS),
    "hide": ("type", lambda value: isinstance(value, bool)),
    "upgrades": ("type", lambda value: isinstance(value, dict)),
    "ssh_keys": ("type", lambda value: isinstance(value, dict)),
}
