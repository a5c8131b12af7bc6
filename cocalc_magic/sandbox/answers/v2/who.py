"""Who may send what through API v2, in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller


def signed_in(caller: Caller | None, words: str = "must be signed in") -> Caller:
    """The caller. Raises :class:`Failed` for nobody."""
    if caller is None:
        raise Failed(words)
    return caller


def acting_as(caller: Caller, options: Mapping[str, Any]) -> str:
    """The account that an administrator names, else the caller's. Raises :class:`Failed` for others."""
    named = options.get("account_id")
    if named is None:
        return caller.account_id
    if not caller.admin:
        raise Failed("The `account_id` field may only be specified by account administrators.")
    return str(named).lower()
