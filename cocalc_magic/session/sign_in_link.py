"""Links that sign a browser in: the token of `user_auth`, held until it is taken, once.

A token is a secret like a key: it goes to the terminal itself, or to the page that asks for it, and is in no
output, no widget's state, no history and no log.
"""

from __future__ import annotations

from dataclasses import dataclass
from getpass import getpass
from typing import TYPE_CHECKING

from cocalc_magic.catalog import is_uuid
from cocalc_magic.client.page_links import sign_in_start
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, InvalidValue, KeyRequired

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.client.page_links import Page
    from cocalc_magic.session.session import Session


@dataclass
class SignInLink:
    """A link whose token can be taken once.

    Args:
        start: The address up to the token.
        whose: The account that it signs in, in words.
    """

    start: str
    whose: str
    token: Secret | None

    def take(self) -> Secret:
        """Return the token, this one time."""
        if self.token is None:
            raise CoCalcError("a sign-in link is shown once.", "%cocalc open … --sign-in makes another.")
        token, self.token = self.token, None
        return token

    def link(self) -> Secret:
        """Return the whole link, this one time."""
        return Secret(self.start + self.take().reveal())


def new_link(session: Session, client: Client, page: Page, account: str = "") -> SignInLink:
    """Ask for an account's password, and return a link that signs a browser in to the account.

    Args:
        account: Id or e-mail address; the account of the client's key where it is empty.

    Raises:
        KeyRequired: Nobody is there to type the password, or to see the link.
        CoCalcError: Whatever sending raises; servers without `user_auth` have nothing that does it.
    """
    frontend = session.frontend
    if not (frontend.person and (frontend.page or frontend.terminal)):
        raise KeyRequired(
            "a link that signs in would be saved with the notebook here.",
            "A live notebook and a terminal ask for the password, and show the link once.",
            "From Python: client.sign_in_url(client.user_auth(…)['auth_token'], project)",
        )
    account_id = _account_id(client, account)
    whose = account or "your account"
    password = Secret(getpass(f"Password of {whose} (nothing is shown): "))
    answer = client.send("user_auth", account_id=account_id, password=password.reveal())
    generations = () if client.server.sandbox else client.router.generations()
    token = Secret(str(answer["auth_token"]))
    return SignInLink(sign_in_start(client.server.url, page, generations), whose, token)


def _account_id(client: Client, account: str) -> str:
    """Return the id of an account by its address; of the key's own where none is named."""
    if is_uuid(account):
        return account
    if not account:
        fields = client.send("query", query={"accounts": {"account_id": None}})["query"]
        return str(fields["accounts"]["account_id"])
    accounts = client.send("user_search", query=account).records() or ()
    if len(accounts) != 1:
        raise InvalidValue(
            f"{len(accounts)} accounts are found by {account!r}.", "Give its id, or its address."
        )
    return str(accounts[0]["account_id"])
