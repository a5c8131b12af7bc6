"""Sign in with e-mail address and password, for as long as it takes to make a key.

Servers with API v2 allow it: `auth/sign-in` sets a cookie, `api-keys` makes a key for it,
`accounts/sign-out` ends it. The cookie is sent back to its server alone, and is in no cookie jar.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.auth_requests import AuthRequests, Body, server_words
from cocalc_magic.client.transport import Credential
from cocalc_magic.config import pasted
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, ConnectionLost, SignInRefused, TimeLimitReached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.client.incoming import Incoming
    from cocalc_magic.config import Server

_COOKIE = "remember_me"  # a server with a base path puts that before it, as %2Flabremember_me
_MAY_BE_MADE = "A key may have been made all the same: the settings of your account list them."
_FIELDS = ("account_id", "error", "response", "secret", "status")  # of the answers that are read here
_OFTEN = re.compile(r"too many|throttl|try again (later|in)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\bSSO\b|single sign|institution|sign in (with|via|using|through)\b", re.IGNORECASE)


@dataclass(frozen=True)
class NewKey:
    """A key that was made, and whether the server has confirmed that the sign-in is over."""

    key: Secret
    signed_out: bool


def make_key(server: Server, address: str, password: Secret, name: str, expire: str | None) -> NewKey:
    """Sign in, make a key and sign out, also where no key was made.

    Args:
        server: The server.
        address: The e-mail address of the account.
        password: Its password.
        name: What the key is called.
        expire: When it expires, in ISO 8601; `None` for never.

    Raises:
        SignInRefused: The server refuses; the hints say what to do.
        CoCalcError: Another one of the tree for every failure on the way.
    """
    account = SignedIn(server)
    try:
        account.sign_in(address, password)
        key = account.make_key(name, expire)
    finally:
        signed_out = account.leave()
    return NewKey(key, signed_out)


class SignedIn:
    """A sign-in at a server; its cookie is held here alone, until `leave`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._cookie = Cookie()
        self._requests = AuthRequests(
            server,
            self._cookie,
            f"%cocalc login {server.reference} takes a key; older servers hand one over with --browser.",
        )

    def sign_in(self, address: str, password: Secret) -> None:
        """Get the cookie for the account. Raises `SignInRefused`."""
        self._cookie.password = password
        answer = self._post("auth/sign-in", Body({"email": address}, password=password))
        if not self._cookie:
            raise _refused(self.server, server_words(answer))

    def make_key(self, name: str, expire: str | None) -> Secret:
        """Make a key for the account. Raises `SignInRefused` where the server makes none."""
        options = {"action": "create", "name": name, **({"expire": expire} if expire else {})}
        answer = self._post("api-keys", Body(options))
        if (key := _pop_key(answer)) is not None:
            return pasted.parse(key.reveal())
        raise SignInRefused(
            f"{self.server.name} let you in and made no key: {server_words(answer)}",
            "Keys are made in the settings of your account, too.",
        )

    def leave(self) -> bool:
        """Sign out, drop the cookie, and return whether the server has confirmed it or there was none."""
        try:
            return not self._cookie or self._post("accounts/sign-out", Body({})).get("status") == "success"
        except CoCalcError:
            return False
        finally:
            self._cookie.drop()
            self._requests.close()

    def _post(self, name: str, body: Body) -> dict[str, Any]:
        try:
            return self._requests.post(name, body)
        except (TimeLimitReached, ConnectionLost) as problem:
            problem.hints = (_MAY_BE_MADE,)
            raise


class Cookie(Credential):
    """The session cookie of a sign-in; `password` is masked too, since a server may echo it."""

    password: Secret | None = None

    def __init__(self) -> None:
        self.drop()

    def headers(self) -> Mapping[str, str]:
        """Return the cookie, where there is one."""
        return {"Cookie": f"{self._name}={self.value.reveal()}"} if self else {}

    def __bool__(self) -> bool:
        return bool(self.value)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The password and the cookie, as far as they are known."""
        return tuple(secret for secret in (self.password, self.value) if secret)

    def received(self, response: Incoming) -> None:
        """Keep the first session cookie that a response sets."""
        for name, value in response.cookies():
            if name.endswith(_COOKIE) and value and not self:
                self._name, self.value = name, Secret(value)

    def mask_body(self, text: str) -> str:
        """Mask the values of a JSON body, so that it stays JSON whatever the password is."""
        try:
            return json.dumps(self._masked(json.loads(text)))
        except (ValueError, RecursionError):
            return self.mask(text)

    def drop(self) -> None:
        """Drop the cookie."""
        self._name, self.value = _COOKIE, Secret("")

    def _masked(self, value: Any) -> Any:
        if isinstance(value, dict):
            named = ((name if name in _FIELDS else self.mask(name), inner) for name, inner in value.items())
            return {name: self._masked(inner) for name, inner in named}
        if isinstance(value, list):
            return [self._masked(inner) for inner in value]
        return self.mask(value) if isinstance(value, str) else value


def _pop_key(answer: dict[str, Any]) -> Secret | None:
    """Remove the text of the new key from the answer and return it; `None` where there is none."""
    records = answer.get("response")
    first = records[0] if isinstance(records, list) and records else None
    text = first.pop("secret", None) if isinstance(first, dict) else None
    return Secret(text) if isinstance(text, str) else None


def _refused(server: Server, words: str) -> SignInRefused:
    by_hand = f"Make a key in the settings of your account, and give it to %cocalc login {server.reference}"
    if _OFTEN.search(words):
        return SignInRefused(
            f"{server.name} takes no sign-in just now: {words}",
            "Wait a minute. After many wrong passwords in an hour it takes longer.",
        )
    if _ELSEWHERE.search(words):
        return SignInRefused(
            f"{server.name} does not take a password for this address: {words}",
            "It signs in at another place, which works in a browser alone.",
            by_hand,
        )
    return SignInRefused(
        f"{server.name} does not let you in: {words}",
        "An account that signs in by Google, GitHub or an institution has no password of its own.",
        by_hand,
    )
