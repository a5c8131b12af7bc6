"""Sessions of people who have signed in, by server: in this process, and saved where that was asked for.

A session is a cookie, as secret as a key. A saved one is in the system keyring; a file beside the keys,
without the cookie, says whose it is and until when, so that the keyring is opened only where there is one.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic.config import keyring
from cocalc_magic.config.servers_file import config_dir, replace_file
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.config.secret import Secret


@dataclass(frozen=True)
class LoginSession:
    """A session at a server.

    Attributes:
        cookie: What the server knows it by.
        ends: When the server ends it, in seconds since 1970.
        account: Whose it is, in words.
        home: The other address at which the server keeps the account, if it has named one.
    """

    cookie: Secret
    ends: float
    account: str
    home: str = ""

    @property
    def ended(self) -> bool:
        """Whether it is over by the local clock."""
        return time.time() >= self.ends


_held: dict[str, LoginSession] = {}  # by address
_looked: set[str] = set()  # addresses for which a saved session was looked for
without: set[str] = set()
"""Addresses that are known to have no session, so that those who send often need not ask."""

_ended: dict[str, float] = {}  # when the last session of an address was over


def give(url: str, session: LoginSession) -> None:
    """Make this the session of a server for as long as this kernel runs."""
    _held[url] = session
    without.discard(url)
    _ended.pop(url, None)


def find(url: str) -> LoginSession | None:
    """Return the session of the server at this address, unless it is over."""
    session = _held.get(url)
    if session is None and url not in _looked:
        _looked.add(url)
        if session := _saved(url):
            _held[url] = session
    if session is None:
        without.add(url)
        return None
    if not session.ended:
        return session
    forget(url)
    _ended[url] = session.ends
    return None


def ended(url: str) -> float | None:
    """Return when the last session of a server was over; `None` if there was none, or it was ended here."""
    return _ended.get(url)


def save(url: str) -> str:
    """Save the session of a server for later kernels, and return where, in words.

    Raises:
        CoCalcError: There is no session, or no keyring that takes it.
    """
    if (session := find(url)) is None:
        raise CoCalcError("there is no session to save.")
    if why := keyring.trouble():
        raise CoCalcError(
            f"the session is not saved: {why}.", "It is kept in a keyring alone; it lasts for this kernel."
        )
    keyring.write(_name(url), session.cookie)
    about = {"server": url, "ends": session.ends, "account": session.account}
    try:
        replace_file(_path(url), json.dumps(about) + "\n")
    except OSError as problem:
        keyring.forget(_name(url))
        raise CoCalcError(f"{_path(url)} can't be written: {problem.strerror}.") from None
    return "the system keyring"


def forget(url: str) -> LoginSession | None:
    """Drop the session of a server, the saved one too, and return it."""
    session = _held.pop(url, None) or _saved(url)
    _looked.add(url)
    _ended.pop(url, None)
    if _path(url).exists():
        _path(url).unlink(missing_ok=True)
        keyring.forget(_name(url))
    return session


def _saved(url: str) -> LoginSession | None:
    """Return the session that an earlier kernel has saved."""
    try:
        about = json.loads(_path(url).read_text(encoding="utf-8"))
        server, ends, account = about["server"], float(about["ends"]), str(about["account"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        cookie = keyring.read(_name(url)) if server == url else None
    except CoCalcError:  # a keyring that is locked: signing in again is what helps
        return None
    return LoginSession(cookie, ends, account) if cookie else None


def _path(url: str) -> Path:
    return config_dir() / "sessions" / f"{quote(url.removeprefix('https://'), safe='')}.json"


def _name(url: str) -> str:
    """Return the name of the session in the keyring; no address has a blank."""
    return f"{url} session"
