"""Keys in files that their owner alone can read: one a server, below `keys/` of our folder."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic.config.secret import Secret
from cocalc_magic.config.servers_file import config_dir, replace_file
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def path(url: str) -> Path:
    """Return the file for the key of the server at this address."""
    return config_dir() / "keys" / f"{quote(url.removeprefix('https://'), safe='')}.json"


def read(url: str) -> Secret | None:
    """Return the key of a server, or `None` where no file has one.

    Raises:
        CoCalcError: The file is readable by others, not this person's, or for another server.
    """
    file = path(url)
    try:
        handle = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise CoCalcError(f"{file} can't be read: {problem.strerror}.") from None
    with os.fdopen(handle, "rb") as opened:
        _check_owner(os.fstat(handle), file)  # of what was opened, not of what has the name by now
        content = opened.read(1_000_000)
    try:
        entry = json.loads(content)
        server, key = entry["server"], entry["key"]
    except (ValueError, KeyError, TypeError):
        server, key = None, None
    if server != url or not isinstance(key, str) or not key:
        raise CoCalcError(f"{file} holds no key for {url}.", f"Delete it and type %cocalc login {url}")
    return Secret(key)


def write(url: str, key: Secret) -> Path:
    """Save the key of a server, and return the file. Raises `CoCalcError` where it can't be written."""
    file = path(url)
    try:
        replace_file(file, json.dumps({"server": url, "key": key.reveal()}) + "\n")
    except OSError as problem:
        raise CoCalcError(f"{file} can't be written: {problem.strerror}.") from None
    return file


def forget(url: str) -> bool:
    """Remove the file of a server's key, and return whether there was one."""
    there = path(url).exists()
    with contextlib.suppress(FileNotFoundError):
        path(url).unlink()
    return there


def _check_owner(status: os.stat_result, file: Path) -> None:
    if sys.platform == "win32":  # there these bits say nothing
        return
    if status.st_uid != os.geteuid():
        raise CoCalcError(f"the key file {file} belongs to somebody else and is not used.")
    if status.st_mode & OTHERS:
        raise CoCalcError(
            f"the key file {file} can be read by others and is not used.",
            f"chmod 600 '{file}'",
            "Others may have seen the key: better replace it in the settings of your account.",
        )
