"""``login --email``: address and password for a key of this notebook's own."""

from __future__ import annotations

import platform
from getpass import getpass
from typing import TYPE_CHECKING

from cocalc_magic.client import sign_in
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidValue
from cocalc_magic.session.api_keys import LONGEST_NAME, NEVER, moment_after

if TYPE_CHECKING:
    from cocalc_magic.session.login import Desk

DAYS = "90"  # that a key is good for where nothing else is said


def log_in(desk: Desk, server: str, address: str, name: str | None, days: str | None) -> str:
    """Asks for the password, has a key made with it, and uses that; what was done, in a sentence.

    ``days`` is a number or ``never``. The password is used once and kept nowhere. Raises
    :class:`InvalidValue` before anything is asked, and what :func:`signin.make_key` raises.
    """
    where, name, days = desk.keyed(server), _named(desk, name), days or DAYS
    expire = moment_after(days)
    if "@" not in address or not address.isprintable():
        raise InvalidValue(f"{address!r} is no e-mail address.", "Write --email ADDRESS")
    password = Secret(getpass(f"Password of {address} at {where.name} (nothing is shown): "))
    if not password:
        raise InvalidValue("no password was given; nothing was sent.")
    made = sign_in.make_key(where, address, password, name, expire)
    desk.take(where, made.key, address)
    lasting = "has no end" if days == NEVER else f"ends by itself after {days} days"
    left = "You are signed out again." if made.signed_out else "Signing out was not confirmed."
    return (
        f"{where.name} has made the key {made.key.hint}, called {name!r}, which {lasting}. {left} "
        "Messages of this kernel go there."
    )


def _named(desk: Desk, name: str | None) -> str:
    name = name or f"{desk.session.surroundings.app_name} on {platform.node() or 'a computer'}"[:LONGEST_NAME]
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidValue(f"the name of a key is a line of at most {LONGEST_NAME} characters.")
    return name
