"""Parse keys as people paste them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sanitize.secret_forms import HANDOVER_HOST, is_key

_AROUND = "\"' \t\r\n<\u00a0\u200b\u2060\ufeff"  # curl -v puts "< " before a header; some is not seen


def parse(text: str) -> Secret:
    """Return the key in a text: itself, `https://authenticated/?api_key=…`, or `Location: …` with that.

    Raises:
        CoCalcError: The text is anything else; it is not repeated.
    """
    key, is_empty = _key_in(text), not text.strip(_AROUND)
    del text  # a mistyped key is a key, and a debugger shows the variables of the frame that raises
    if key is None:
        raise CoCalcError(
            "no key was given." if is_empty else "what was given is not a key.",
            "A key begins with sk- (old ones with sk_), followed by letters and digits; those of today are "
            "sk-cc-v2. and two parts with a dot between them.",
            f"The address that the sign-in page hands over is taken too: https://{HANDOVER_HOST}/?api_key=…",
        )
    return key


def _key_in(text: str) -> Secret | None:
    text = text.strip(_AROUND)
    name, colon, rest = text.partition(":")
    if colon and name.strip().lower() == "location":
        text = rest.strip()
    if "://" in text:
        text = _handed_over(text)
    return Secret(text) if is_key(text) else None


def _handed_over(url: str) -> str:
    """Return the key in the hand-over address; empty for another address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return parse_qs(parts.query).get("api_key", [""])[0] if host == HANDOVER_HOST else ""
