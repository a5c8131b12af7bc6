"""Whose key a client has, and which world of a sandbox it talks to: what a journal belongs to."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from cocalc_magic.bulk.attempt import passes, patiently
from cocalc_magic.client.wire.messages import WireRequest
from cocalc_magic.errors import KeyRefused, ServerError

if TYPE_CHECKING:
    from cocalc_magic.client.routing import Router

_TIMEOUT = 15.0  # seconds
_QUERY = {"accounts": [{"account_id": None}]}

Owner = tuple[str, str]
"""The id of the account of a key, and of the sandbox's world."""


def account_and_world(router: Router) -> Owner:
    """Return the id of the account of a key, and of the sandbox's world; empty where it is another server.

    The key of a project, and one that may not ask, is known by a digest of it.

    Raises:
        KeyRefused: The server does not know the key.
        CoCalcError: The server does not answer.
    """
    digest = blake2b(router.key.reveal().encode(), digest_size=8).hexdigest()
    try:
        answer = patiently(lambda: router.send("query", query=_QUERY))
    except KeyRefused:
        raise
    except ServerError as problem:
        if passes(problem):
            raise
        return f"key {digest}", ""
    account_id = next((record.get("account_id") for record in answer.records() or ()), None)
    is_there = answer.sandbox and not router.is_offline  # a recording answers for one that is not
    return str(account_id or f"key {digest}"), _world(router) if is_there else ""


def _world(router: Router) -> str:
    """Return the id of a sandbox's world; empty for an older one, which has none."""
    answer: Any = None
    reply = router.request(WireRequest.of_json("/sandbox/world", {}), _TIMEOUT)
    if reply.status == 200:
        answer = reply.decode({})
    return str(answer.get("id") or "") if isinstance(answer, dict) else ""
