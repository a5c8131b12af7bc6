"""The one key per account that servers had from December 2021 to February 2025.

Whoever knows the account's password can have it shown, made anew and deleted: `POST /api/v2/api-key` with
`action` and `password`; an answer without a key means that there is none. Earlier servers did the same over
a websocket alone, and later ones not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.config import keys
from cocalc_magic.config.secret import redact
from cocalc_magic.errors import CoCalcError, MessageFailed
from cocalc_magic.session.api_keys import ApiKeys, Entry, NewKeyHolder, NoDialog, send

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.config.secret import Secret

ACTIONS = {"reveal": "get", "create": "regenerate", "regenerate": "regenerate", "delete": "delete"}
"""What a person asks for, and the server's name for it."""

_PREFIX = "sk_"  # keys in the list begin with sk-


class LegacyKeyManager(NewKeyHolder):
    """Shows, makes and deletes the one key, for a page."""

    again = "Reveal shows it again."

    def change(self, action: str, password: Secret) -> str:
        """Do one of `ACTIONS`; `new` is the key that is there then."""
        if not password:
            raise CoCalcError("type the password of your account first.")
        try:
            key = change(self.keys.client, action, password)
        except CoCalcError as problem:  # its text is saved with the notebook
            raise CoCalcError(redact(str(problem), password)) from None
        self.new = (_entry(key), key) if key else None
        if action == "delete":
            return "The account no longer has such a key."
        return "Its text can be shown now." if key else "The account has no such key. Create makes one."


def key_holder(client: Client, key: Secret) -> NewKeyHolder:
    """Return a holder of the key, whose text a page shows once."""
    return NewKeyHolder(ApiKeys(client), f"The key at {client.server.name}", (_entry(key), key))


def is_offered(client: Client) -> bool:
    """Return whether the server has the message of the one key: it refuses to answer it without a password.

    Raises:
        CoCalcError: The server refuses the kernel's key, or cannot be reached.
    """
    try:
        send(client, "/api-key", {"action": "get"})
    except NoDialog:
        return False
    except MessageFailed:
        pass
    return True


def change(client: Client, action: str, password: Secret) -> Secret | None:
    """Do one of `ACTIONS` and return the key that is there then; `create` replaces none."""
    if action == "create" and _send(client, "reveal", password):
        raise CoCalcError(
            "the account has such a key already.", "Regenerate replaces it: %cocalc keys legacy regenerate"
        )
    key = _send(client, action, password)
    if key and action != "reveal" and client.key.reveal().startswith(_PREFIX):
        keys.give(client.server.url, key)  # the previous one no longer works
    return key


def _send(client: Client, action: str, password: Secret) -> Secret | None:
    return send(client, "/api-key", {"action": ACTIONS[action], "password": password.reveal()})[1]


def _entry(key: Secret) -> Entry:
    return Entry(0, "of the account", key.hint, "", "")
