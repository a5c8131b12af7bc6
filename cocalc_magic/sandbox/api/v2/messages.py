"""``messages/*``: from people to people, by account ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2 import auth
from cocalc_magic.sandbox.domain import messages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World


def send(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Sends a message, to the caller where nobody is named."""
    caller = auth.signed_in(caller, "Must be signed in to send messages")
    given = options.get("to_ids")
    to_ids = [caller.account_id] if given is None else given if isinstance(given, list) else [given]
    with auth.without_kind():
        return {"status": "success", "id": messages.deliver(world, caller.account_id, to_ids, options)}


def get(world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Messages to the caller, or from it, the newest first."""
    caller = auth.signed_in(caller, "Must be signed in to get messages")
    with auth.without_kind():
        return {"status": "success", "messages": messages.get(world, caller, options)}
