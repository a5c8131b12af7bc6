"""`keys legacy`: the one key per account of older servers, for whoever knows the account's password.

The password is asked for and never typed into a cell.
"""

from __future__ import annotations

from getpass import getpass
from typing import TYPE_CHECKING

from cocalc_magic.commands.args import parse_args
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidSyntax, KeyRequired, did_you_mean
from cocalc_magic.render.blocks import Note, Title
from cocalc_magic.render.page import LivePage, Page
from cocalc_magic.session import key_destination
from cocalc_magic.session.api_keys import ApiKeys
from cocalc_magic.session.legacy_key import ACTIONS, LegacyKeyManager, change, key_holder

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.session.session import Session

_FLAGS = {"--server": True, "--save": True, "--show": False, "--yes": False}


def legacy(session: Session, argv: list[str]) -> Page:
    """Do one of `ACTIONS`; without a word show the dialog in a page, and `reveal` elsewhere."""
    words, flags = parse_args("keys legacy", argv, _FLAGS)
    action = words[0] if words else "reveal"
    if action not in ACTIONS or len(words) > 1:
        raise InvalidSyntax(
            "keys legacy takes one word.", did_you_mean(action, ACTIONS), f"One of {', '.join(ACTIONS)}."
        )
    client = session.client(flags.get("server"))
    if session.frontend.page and not words and flags.keys() <= {"server"}:
        return dialog(client)
    destination = None
    if action != "delete":
        destination = key_destination.decide(session, client.server, flags.get("save"), show="show" in flags)
    if action in ("delete", "regenerate"):
        what = "The present key is deleted for good, and what uses it stops working."
        session.confirm(client.server, what, yes="yes" in flags)
    key = change(client, action, _password(session))
    if destination is None:
        return Page((Note("The account no longer has such a key."),))
    if key is None:
        return Page((Note("The account has no such key. %cocalc keys legacy create makes one."),))
    if destination.place == key_destination.PAGE:
        return _shown(client, key)
    delivered = destination.deliver(client.server, key, project=False)
    return Page((Note(f"The key {key.hint}."), Note(delivered)))


def dialog(client: Client) -> Page:
    """Return the dialog of the one key, for a page with a live kernel."""
    from cocalc_magic import widgets  # late: with the page that shows them

    title = f"The key of your account at {client.server.name}"
    manager = LegacyKeyManager(ApiKeys(client), title)
    blocks = (Title(title), Note("%cocalc keys shows the dialog in a page with a live kernel."))
    return LivePage(blocks, lambda: widgets.LegacyKeyDialog(manager))


def _password(session: Session) -> Secret:
    if not session.frontend.person:
        raise KeyRequired("this asks for the password of your account, and nobody is here to type it.")
    return Secret(getpass("Password of your account (nothing is shown): "))


def _shown(client: Client, key: Secret) -> Page:
    """Return a page that shows the key's text once."""
    from cocalc_magic import widgets  # late, as above

    holder = key_holder(client, key)
    note = Note("A page with a live kernel shows the key, once and without saving it.")
    return LivePage((note,), lambda: widgets.Dialog(holder))
