"""Names of files that a system cannot have."""

from __future__ import annotations

import re

_SIGNS = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL)


def possible_name(name: str) -> str:
    """Return a name that a file can have on every system, as close to this one as it goes; empty for none."""
    possible = _SIGNS.sub("-", name).strip(" .")
    return _DEVICES.sub(r"\1-\2", possible) if _DEVICES.fullmatch(possible) else possible


def windows_refuses(name: str) -> bool:
    """Tell whether Windows has no files of this name, or another one: of a device, a stream or a folder."""
    return bool(_SIGNS.search(name) or _DEVICES.fullmatch(name) or name[-1:] in (".", " "))
