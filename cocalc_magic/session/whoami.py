"""Find out whose a key is, by asking its server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.errors import KeyRefused, MessageFailed, MessageRefused, NotPermitted, PermissionRefused
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.client import Client
    from cocalc_magic.response import Response

TIMEOUT = 15.0  # seconds
_ACCOUNT = {"account_id": None, "first_name": None, "last_name": None, "email_address": None}


def owner(client: Client, timeout: float = TIMEOUT) -> str:
    """Return whom the client's key belongs to, in words; empty if the server accepts it and does not say.

    Raises:
        KeyRefused: The server does not know the key.
        CoCalcError: Whatever sending raises.
    """
    try:
        translated = bool(_send(client, "ping", {}, timeout).route)
    except KeyRefused:
        # Conat refuses the key of a project here; the newest servers know no such keys.
        spoken = catalog.generations.of(client.router.generations(ask=False))
        translated = any(generation.project_keys for generation in spoken)
        if not translated:
            raise
    if translated:
        return _by_profile(client, timeout)
    try:
        answer = _send(client, "query", {"query": {"accounts": _ACCOUNT}}, timeout)
    except KeyRefused:
        raise
    except (MessageFailed, MessageRefused):
        return ""
    result = answer.get("query")
    account = result.get("accounts") if isinstance(result, dict) else None
    if not isinstance(account, dict) or not account.get("account_id"):
        return "a project, not an account"  # a project has no record of an account
    return _named(account)


def _by_profile(client: Client, timeout: float) -> str:
    """Return whom the key belongs to, from API v2."""
    try:
        answer = _send(client, "accounts/profile", {}, timeout)
    except (NotPermitted, PermissionRefused):  # a scoped key that may not read it
        return ""
    except MessageFailed as problem:
        if problem.problem.startswith("no account with id"):
            return "a project, not an account"
        if problem.response is not None and problem.response.status >= 400:  # of no server that takes keys
            raise
        return ""
    return _named(answer.get("profile") or {})


def _named(account: Mapping[str, Any]) -> str:
    name = " ".join(str(account.get(part) or "") for part in ("first_name", "last_name")).strip()
    address = str(account.get("email_address") or "")
    return (
        " ".join(filter(None, (name, f"<{address}>" if address else "")))
        or f"account {account.get('account_id')}"
    )


def _send(client: Client, event: str, options: dict[str, object], timeout: float) -> Response:
    message = catalog.find(event)
    return client.router.exchange(message, check(message, options), timeout=timeout)
