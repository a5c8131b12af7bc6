"""Links that sign a browser in: the token of `user_auth`, held until it is taken, once.

A token is a secret like a key: it goes to the terminal itself, or to the page that asks for it, and is in no
output, no widget's state, no history and no log.
"""

from __future__ import annotations

from dataclasses import dataclass
from getpass import getpass
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic.catalog import is_uuid
from cocalc_magic.client.page_links import sign_in_start_at
from cocalc_magic.client.whose import account_and_world
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, InvalidValue, KeyRequired, UnexpectedReply

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.client.page_links import ProjectPage
    from cocalc_magic.session.session import Session


@dataclass
class SignInLink:
    """A link whose token can be taken once.

    Args:
        start: The address up to the token.
        whose: The account that it signs in, in words.
        token: What follows, as the server gave it; `None` once it was taken.
    """

    start: str
    whose: str
    token: Secret | None

    def take(self) -> Secret:
        """Return the token, this one time. Raises `CoCalcError` if it was taken."""
        if self.token is None:
            raise CoCalcError("a sign-in link is shown once.", "%cocalc open … --sign-in makes another.")
        token, self.token = self.token, None
        return token

    def link(self) -> Secret:
        """Return the whole link, this one time. Raises `CoCalcError` if the token was taken."""
        return Secret(self.start + quote(self.take().reveal(), safe=""))


def new_link(session: Session, client: Client, page: ProjectPage, account: str = "") -> SignInLink:
    """Ask for an account's password, and return a link that signs a browser in to the account.

    Args:
        session: The session of the shell, whose front end asks.
        client: Sends to the server that the page is on.
        page: What the link opens.
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
    token = token_of(client, account_id, password)
    return SignInLink(sign_in_start_at(client.router, page), whose, token)


def token_of(client: Client, account_id: str, password: Secret) -> Secret:
    """Return a token that signs a browser in to an account, once.

    Raises:
        UnexpectedReply: The server's answer has none.
        CoCalcError: Whatever sending raises.
    """
    answer = client.send("user_auth", account_id=account_id, password=password.reveal())
    token = answer.get("auth_token")
    if not isinstance(token, str) or not token:
        raise UnexpectedReply(f"{client.server.name} has not given a token.", response=answer)
    return Secret(token)


def _account_id(client: Client, account: str) -> str:
    """Return the id of an account by its address; of the key's own where none is named."""
    if is_uuid(account):
        return account
    if not account:
        own, _ = account_and_world(client.router)
        if not is_uuid(own):
            raise KeyRequired("the key does not say whose account it is of.", "Name it: --account ADDRESS")
        return own
    accounts = client.send("user_search", query=account).records() or ()
    if len(accounts) != 1:
        raise InvalidValue(
            f"{len(accounts)} accounts are found by {account!r}.", "Give its id, or its address."
        )
    return str(accounts[0].get("account_id"))
