"""Tokens in forms, by which a form proves that it is from here, and not too old."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocalc_magic.sandbox.world import World

FORM_TIME = 3600  # seconds that a form is valid


def new_form_token(world: World) -> str:
    """Return a token for a form that is shown now."""
    until = str(int(time.time()) + FORM_TIME)
    return f"{until}.{_signature(world, until)}"


def is_form_token(world: World, token: object) -> bool:
    """Tell whether a form came with a token that is still good."""
    until, _, signature = str(token).partition(".")
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), _signature(world, until).encode()):
        return False
    return int(until) >= time.time()


def _signature(world: World, until: str) -> str:
    return hmac.new(world.form_secret, until.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
