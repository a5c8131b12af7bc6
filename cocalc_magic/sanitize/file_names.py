"""Names of files: as people type them, and those that a system cannot have."""

from __future__ import annotations

import os
import re
from pathlib import Path

_SIGNS = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL)


def typed_path(text: str | os.PathLike[str]) -> Path:
    """Return the path that was typed, with `~` for the home folder where there is such a person."""
    return Path(os.path.expanduser(text))  # that of pathlib raises for somebody unknown


def possible_name(name: str) -> str:
    """Return a name that a file can have on every system, as close to this one as it goes; empty for none."""
    possible = _SIGNS.sub("-", name).strip(" .")
    return _DEVICES.sub(r"\1-\2", possible) if _DEVICES.fullmatch(possible) else possible


def windows_refuses(name: str) -> bool:
    """Tell whether Windows has no files of this name, or another one: of a device, a stream or a folder."""
    return bool(_SIGNS.search(name) or _DEVICES.fullmatch(name) or name[-1:] in (".", " "))
