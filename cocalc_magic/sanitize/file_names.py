"""Names of files that a system cannot have."""

from __future__ import annotations

import re

_SIGNS = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL)


def windows_refuses(name: str) -> bool:
    """Tell whether Windows has no files of this name, or another one: of a device, a stream or a folder."""
    return bool(_SIGNS.search(name) or _DEVICES.fullmatch(name) or name[-1:] in (".", " "))
