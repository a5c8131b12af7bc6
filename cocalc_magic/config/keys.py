"""Where the key of a server comes from. The first of these that has one:

1. `login` in this kernel
2. `COCALC_API_KEY`, for the server of `COCALC_HOST`; without that it is a key of cocalc.ai
3. the system keyring
4. the key file

Every key belongs to one address, and is found for no other.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic.config import keyfile, keyring, saved_scope, servers_file
from cocalc_magic.config.secret import Secret
from cocalc_magic.config.server import COCALC_AI
from cocalc_magic.errors import CoCalcError, KeyRequired

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.config.server import Server

VARIABLE = "COCALC_API_KEY"
PLACES = ("keyring", "file")

_session_keys: dict[str, Secret] = {}  # by address, in this process


@dataclass(frozen=True)
class FoundKey:
    """A key, and where it was found, in words."""

    key: Secret
    source: str


def find(
    url: str, environ: Mapping[str, str] = os.environ, troubles: list[str] | None = None
) -> FoundKey | None:
    """Return the key of the server at this address (in the form of `normal`), or `None`.

    A keyring that does not answer is skipped; the reason is appended to `troubles`.

    Raises:
        CoCalcError: The key file can't be trusted.
    """
    if key := _session_keys.get(url):
        return FoundKey(key, "login in this kernel")
    if key := _of_environment(url, environ):
        return FoundKey(key, VARIABLE)
    try:
        key = keyring.read(url)
    except CoCalcError as problem:
        key = None
        (troubles if troubles is not None else []).append(problem.problem)
    if key:
        return FoundKey(key, "the system keyring")
    if key := keyfile.read(url):
        return FoundKey(key, f"the file {keyfile.path(url)}")
    return None


def required(server: Server, environ: Mapping[str, str] = os.environ) -> FoundKey:
    """Return the key as `find` does. Raises `KeyRequired` with what to do where there is none."""
    troubles: list[str] = []
    if key := find(server.url, environ, troubles):
        return key
    of_variable = _home_of_variable(environ)
    raise KeyRequired(
        f"there is no key for {server.name}.",
        f"%cocalc login {server.reference}",
        f"Where nobody can be asked: set COCALC_HOST={server.url} and {VARIABLE} before the kernel starts.",
        f"{VARIABLE} is set, and is for {of_variable}." if of_variable else "",
        *troubles,
        "Keys are made in the settings of your account.",
        "Without a server messages go to the sandbox, which needs no key: --server sandbox",
    )


def give(url: str, key: Secret) -> None:
    """Make this the key of a server for as long as this kernel runs."""
    _session_keys[url] = key


def save(url: str, key: Secret, place: str) -> str:
    """Save a key for later kernels, in the `keyring` or a `file`, and return where, in words."""
    saved_scope.forget(url)
    if place == "keyring":
        keyring.write(url, key)
        return "the system keyring"
    return f"the file {keyfile.write(url, key)}"


def is_saved(url: str, key: Secret) -> bool:
    """Return whether later kernels have this key, too."""
    for read in (keyring.read, keyfile.read):
        with suppress(CoCalcError):
            if read(url) == key:
                return True
    return False


def forget(url: str, *, everywhere: bool = False) -> list[str]:
    """Drop the key of this kernel, and with `everywhere` the saved ones.

    Returns:
        The places where there was one, in words. The environment is not changed.
    """
    gone = ["this kernel"] if _session_keys.pop(url, None) else []
    if everywhere:
        saved_scope.forget(url)
        gone += ["the system keyring"] if keyring.forget(url) else []
        gone += ["the key file"] if keyfile.forget(url) else []
    return gone


def _of_environment(url: str, environ: Mapping[str, str]) -> Secret | None:
    return Secret(environ[VARIABLE].strip()) if _home_of_variable(environ) == url else None


def _home_of_variable(environ: Mapping[str, str]) -> str:
    """Return the address of the server of the environment's key; empty where none is set."""
    if not environ.get(VARIABLE, "").strip():
        return ""
    return servers_file.address_of(environ.get("COCALC_HOST", "").strip() or COCALC_AI)
