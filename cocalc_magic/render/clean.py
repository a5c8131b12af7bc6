"""Values of a server made harmless and short: nothing hidden, nothing secret, no more than fits."""

from __future__ import annotations

from typing import Any

from cocalc_magic.clean import HIDDEN, visible, visible_line

__all__ = ["cut", "masked", "visible", "visible_line"]

_SECRET_FIELDS = frozenset({"api_key", "password", "secret", "token"})
_SECRET_ENDS = ("_token", "_secret", "_password")


def masked(name: str, value: Any) -> Any:
    """The value, or dots in place of a text whose name says that it is a secret."""
    if not isinstance(value, str) or not value:
        return value
    name = name.lower()
    return HIDDEN if name in _SECRET_FIELDS or name.endswith(_SECRET_ENDS) else value


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis; ``limit`` characters at most."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
