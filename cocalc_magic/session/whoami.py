"""Whose a key is, asked of its server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.errors import KeyRefused, MessageFailed, MessageRefused
from cocalc_magic.syntax.parse import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.client import Client
    from cocalc_magic.response import Response

LIMIT = 15.0  # seconds
_ACCOUNT = {"account_id": None, "first_name": None, "last_name": None, "email_address": None}


def owner(client: Client, limit: float = LIMIT) -> str:
    """Whom the client's key belongs to, in words; empty where the server knows the key and does not tell.

    Raises :class:`KeyRefused` for a key that the server does not know, and what sending raises.
    """
    try:
        translated = bool(_send(client, "ping", {}, limit).route)
    except KeyRefused:
        translated = bool(
            client.router.generations(ask=False) - {"v1"}
        )  # which may refuse the key of a project
        if not translated:
            raise
    if translated:
        return _by_profile(client, limit)
    try:
        answer = _send(client, "query", {"query": {"accounts": _ACCOUNT}}, limit)
    except KeyRefused:
        raise
    except (MessageFailed, MessageRefused):
        return ""
    result = answer.get("query")
    account = result.get("accounts") if isinstance(result, dict) else None
    if not isinstance(account, dict) or not account.get("account_id"):
        return "a project, no account"  # CoCalc asks for its record under the project's id, where none is
    return _named(account)


def _by_profile(client: Client, limit: float) -> str:
    """Whom the key belongs to, as servers of today tell it."""
    try:
        answer = _send(client, "accounts/profile", {}, limit)
    except MessageFailed as problem:
        if problem.problem.startswith("no account with id"):
            return "a project, no account"
        return ""
    return _named(answer.get("profile") or {})


def _named(account: Mapping[str, Any]) -> str:
    name = " ".join(str(account.get(part) or "") for part in ("first_name", "last_name")).strip()
    address = str(account.get("email_address") or "")
    told = [name, f"<{address}>" if address else ""]
    return " ".join(part for part in told if part) or f"account {account.get('account_id')}"


def _send(client: Client, event: str, options: dict[str, object], limit: float) -> Response:
    message = catalog.find(event)
    return client.router.exchange(message, check(message, options), timeout=limit)
