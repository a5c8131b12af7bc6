"""Keys as people have them: what is pasted, and what must not stand in a notebook."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from cocalc_magic.errors import CoCalcError
from cocalc_magic.secrets import Secret

HOST = "authenticated"  # the host that is none, to which CoCalc's sign-in page hands a key over
_KEY = re.compile(r"sk[-_][0-9A-Za-z]{12,200}")
# In what is typed; names such as sk_linearregression are none.
_TYPED = re.compile(
    r"(?:(?P<name>[A-Za-z_]\w*)(?:\[\])?(?::?=|[\"']?:\s*)[\"']?|(?<![\w-]))"
    r"(?:sk_[0-9A-Za-z]{16,200}|sk-[0-9A-Za-z]{20,200})(?![\w-])"
)
# A digit, a capital, or the very length of a key of today.
_SURE = re.compile(r"sk[-_](?=[0-9A-Za-z]*[0-9A-Z])|sk-[0-9A-Za-z]{22}(?![0-9A-Za-z])")
_HANDED_OVER = re.compile(rf"https?://{HOST}/?\?\S*api_key=\S+", re.IGNORECASE)


def parse(text: str) -> Secret:
    """The key in what was pasted: itself, ``https://authenticated/?api_key=…``, or ``Location: …`` with it.

    Raises :class:`CoCalcError` for anything else, without repeating it.
    """
    given = text = text.strip("\"' \t\r\n<")  # curl -v puts "< " before a header
    name, colon, rest = text.partition(":")
    if colon and name.strip().lower() == "location":
        text = rest.strip()
    if "://" in text:
        text = _handed_over(text)
    if not _KEY.fullmatch(text):
        raise CoCalcError(
            "what was given is no key." if given else "no key was given.",
            "A key begins with sk- (old ones with sk_), followed by letters and digits.",
            f"The address that the sign-in page hands over, https://{HOST}/?api_key=…, is taken too.",
        )
    return Secret(text)


def refuse_typed(line: str, body: str = "", allowed: tuple[str, ...] = ()) -> None:
    """Raises :class:`CoCalcError` when a key stands in what was typed, other than as one of these options.

    ``body`` is the text of the cell; the error does not repeat the key.
    """
    text = f"{line}\n{body}"
    found = (match for match in _TYPED.finditer(text) if _SURE.search(match[0]))
    typed = any(match["name"] not in allowed for match in found)
    if typed or _HANDED_OVER.search(text):
        raise CoCalcError(
            "a key stands in this cell. It was not used.",
            "Remove it from the notebook: it is saved there, and in IPython's history by now.",
            "Then replace it in the settings of your account, and give the new one to %cocalc login",
        )


def _handed_over(url: str) -> str:
    """The key in the address of the hand-over; empty when this is another address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return parse_qs(parts.query).get("api_key", [""])[0] if host == HOST else ""
