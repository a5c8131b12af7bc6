"""`login --email`: exchange e-mail address and password for a key of this notebook's own."""

from __future__ import annotations

import platform
from getpass import getpass
from typing import TYPE_CHECKING

from cocalc_magic.client import sign_in
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidValue
from cocalc_magic.session.api_keys import MAX_NAME, NEVER, moment_after

if TYPE_CHECKING:
    from cocalc_magic.session.login import Login

DEFAULT_DAYS = "90"  # until the key expires


def log_in(actions: Login, server: str, address: str, name: str | None, days: str | None) -> str:
    """Ask for the password, have a key made with it, and use that; return what was done.

    The password is used once and kept nowhere.

    Args:
        actions: The session's login actions.
        server: Name or address of the server.
        address: E-mail address of the account.
        name: Name of the key; by default one of program and computer.
        days: A number, or `never`.

    Raises:
        InvalidValue: Name, days or address are wrong; nothing was asked.
        CoCalcError: What `sign_in.make_key` raises.
    """
    where, name, days = actions.server(server), _key_name(actions, name), days or DEFAULT_DAYS
    expire = moment_after(days)
    if "@" not in address or not address.isprintable():
        raise InvalidValue(f"{address!r} is not an e-mail address.", "Write --email ADDRESS")
    actions.check_makes_keys(where)
    password = Secret(getpass(f"Password of {address} at {where.name} (nothing is shown): "))
    if not password:
        raise InvalidValue("no password was typed; nothing was sent.")
    new = sign_in.make_key(where, address, password, name, expire)
    actions.use(where, new.key, address)
    expiry = "does not expire" if days == NEVER else f"expires after {days} days"
    signed_out = "You are signed out again." if new.signed_out else "Signing out was not confirmed."
    return (
        f"{where.name} made the key {new.key.hint}, called {name!r}, which {expiry}. {signed_out} "
        "Messages of this kernel go there."
    )


def _key_name(actions: Login, name: str | None) -> str:
    app_name = actions.session.frontend.app_name
    name = name or f"{app_name} on {platform.node() or 'a computer'}"[:MAX_NAME]
    if len(name) > MAX_NAME or not name.isprintable():
        raise InvalidValue(f"the name of a key is one line of at most {MAX_NAME} characters.")
    return name
