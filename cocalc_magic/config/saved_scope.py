"""What a person said of a key that is saved: kept in a file for as long as the key is.

It is no secret. A digest says which key it is of, so that it holds for no other at the same address.
"""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.config.servers_file import config_dir, replace_file
from cocalc_magic.errors import CoCalcError, InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.config.scope import Grant, Scope
    from cocalc_magic.config.secret import Secret

MAX_SIZE = 1_000_000  # bytes


def path(url: str) -> Path:
    """Return the file for the server at this address."""
    return config_dir() / "scopes" / f"{quote(url.removeprefix('https://'), safe='')}.json"


def find(url: str, key: Secret) -> Scope:
    """Return what was said of this key; `UNKNOWN` where nothing was, or it can't be read."""
    try:
        with path(url).open(encoding="utf-8") as file:
            entry = json.loads(file.read(MAX_SIZE))
        if entry["server"] != url or entry["key"] != _digest(key):
            return UNKNOWN
        return UNKNOWN.stating(list(entry["capabilities"]), list(entry["projects"]))
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError, InvalidValue):
        return UNKNOWN


def write(url: str, key: Secret, grant: Grant) -> None:
    """Keep what was said of a key. Raises `CoCalcError` where the file can't be written."""
    entry = {"server": url, "key": _digest(key), **grant._asdict()}
    try:
        replace_file(path(url), json.dumps(entry) + "\n")
    except OSError as problem:
        raise CoCalcError(f"{path(url)} can't be written: {problem.strerror}.") from None


def forget(url: str) -> None:
    """Remove what was said of the key of a server."""
    with suppress(OSError):  # what is left holds for that key alone
        path(url).unlink()


def _digest(key: Secret) -> str:
    return blake2b(key.reveal().encode(), digest_size=8).hexdigest()
