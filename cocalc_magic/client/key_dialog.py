"""The messages of CoCalc's key dialog, with the new key apart from the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire import WIRES
from cocalc_magic.client.wire.messages import WireRequest
from cocalc_magic.config.secret import Secret
from cocalc_magic.response import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.routing import Router


def send(router: Router, event: str, options: Mapping[str, Any]) -> tuple[Any, Secret | None]:
    """Send `/api-keys` or `/api-key`, what the key dialog is made of.

    Returns:
        The answer, and apart from it the text of a key that was in it.

    Raises:
        NotCoCalc: The server has no such dialog.
        CoCalcError: Another one of the tree for every failure on the way or of the server.
    """
    wire = WIRES["v2"]
    reply = router.request(WireRequest.of_json(wire.path(event), dict(options)), router.timeout)
    value, key = _without_key(wire.decode(reply, event))
    response = router.response_of(value, Request(event, options, ("password",)), reply, 0.0)
    del reply  # it holds the text, and tracebacks may show it
    if problem := wire.failure(response):
        raise problem
    return value, key


def _without_key(value: Any) -> tuple[Any, Secret | None]:
    """Return an answer of the key dialog without the text of a key in it, and that."""
    records = value.get("response") if isinstance(value, dict) else None
    key = None
    for record in [value, *(records if isinstance(records, list) else [])]:
        for name in ("api_key", "secret"):
            if isinstance(record, dict) and isinstance(text := record.pop(name, None), str) and text:
                key = Secret(text)
    return value, key
