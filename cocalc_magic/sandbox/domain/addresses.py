"""What an e-mail address may look like, the same wherever one is asked for."""

from __future__ import annotations

import re
from typing import Any

# An address as RFC 822 defines it: atoms or quoted texts, an @, and atoms or literals; no folding.
_ATOM = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f-\xff]+'
_QUOTED = r'"(?:[^\r"\\\x80-\xff]|\\[\x00-\x7f])*"'
_LITERAL = r"\[(?:[^\r\[\\\]\x80-\xff]|\\[\x00-\x7f])*\]"
_WORD, _PART = f"(?:{_ATOM}|{_QUOTED})", f"(?:{_ATOM}|{_LITERAL})"
_ADDRESS = re.compile(rf"{_WORD}(?:\.{_WORD})*@{_PART}(?:\.{_PART})*")


def is_address(value: Any) -> bool:
    """Tell whether a value has the form of an e-mail address."""
    return isinstance(value, str) and bool(_ADDRESS.fullmatch(value))
