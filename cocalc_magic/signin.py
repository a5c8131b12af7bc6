"""Signing in with address and password, for as long as it takes to make a key.

Servers of today have it (API v2): ``auth/sign-in`` gives a cookie, ``api-keys`` makes a key for it,
``accounts/sign-out`` ends it. The cookie is sent back to where it came from, and is in no cookie jar.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from requests.auth import AuthBase

from cocalc_magic.clean import cut
from cocalc_magic.client import TIMEOUT
from cocalc_magic.connection import CONNECT_TIMEOUT, innermost, new_session
from cocalc_magic.errors import (
    CoCalcError,
    Interrupted,
    NotCoCalc,
    ServerUnreachable,
    SignInRefused,
    TimeLimitReached,
)
from cocalc_magic.secrets import Secret, pasted, redact
from cocalc_magic.wire import reply as replies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.servers import Server

LARGEST_ANSWER = 1024 * 1024  # bytes
_COOKIE = "remember_me"  # a server with a base path puts that before it, as %2Flabremember_me
_FIELDS = ("account_id", "error", "response", "secret", "status")  # of the answers that are read here
_OFTEN = re.compile(r"too many|throttl|try again (later|in)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\bSSO\b|single sign|institution|sign in (with|via|using|through)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Made:
    """A key that was made, and whether the server has confirmed that the sign-in is over."""

    key: Secret
    signed_out: bool


def make_key(server: Server, address: str, password: Secret, name: str, expire: str | None) -> Made:
    """Signs in, makes a key that expires at a moment in ISO 8601 (``None``: never), signs out.

    The server is signed out of also where no key was made. Raises :class:`SignInRefused` with what a person
    can do, and :class:`CoCalcError` for all that happens on the way.
    """
    visit = Visit(server)
    try:
        visit.sign_in(address, password)
        key = visit.make_key(name, expire)
    finally:
        signed_out = visit.leave()
    return Made(key, signed_out)


class Visit:
    """Being signed in at a server. Its cookie lives here alone, until :meth:`leave`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._session = new_session(server)
        self._cookie = Cookie()
        self._password: Secret | None = None  # which a server may echo

    def sign_in(self, address: str, password: Secret) -> None:
        """Takes the cookie for the account. Raises :class:`SignInRefused`."""
        self._password = password
        answer = self._post("auth/sign-in", Body({"email": address}, password))
        if not self._cookie:
            raise _refused(self.server, _words(answer))

    def make_key(self, name: str, expire: str | None) -> Secret:
        """A new key of the account. Raises :class:`SignInRefused` where the server makes none."""
        options = {"action": "create", "name": name, **({"expire": expire} if expire else {})}
        answer = self._post("api-keys", Body(options))
        if (key := _taken_out(answer)) is not None:
            return pasted.parse(key.reveal())
        raise SignInRefused(
            f"{self.server.name} let you in and made no key: {_words(answer)}",
            "Keys are made in the settings of your account, too.",
        )

    def leave(self) -> bool:
        """Signs out and forgets the cookie; whether the server has confirmed it, or there was none."""
        try:
            return not self._cookie or self._post("accounts/sign-out", Body({})).get("status") == "success"
        except CoCalcError:
            return False
        finally:
            self._cookie.drop()
            self._session.close()

    def _post(self, name: str, body: Body) -> dict[str, Any]:
        """The answer of API v2. Raises :class:`NotCoCalc` where there is none."""
        reply = self._exchange(f"{self.server.url}/api/v2/{name}", body)
        if reply.absent:
            raise NotCoCalc(
                f"{self.server.name} has no sign-in for programs: it is older than API v2, or no CoCalc.",
                f"%cocalc login {self.server.typed} takes a key; older servers hand one over with --browser.",
            )
        if reply.status == 429:
            raise _refused(self.server, "too many attempts")
        if reply.location:
            raise NotCoCalc(
                f"{self.server.name} sends elsewhere, to {cut(reply.location, 200)}.",
                "The password is not sent there. If that is the right address, use it in place of this one.",
            )
        answer = replies.decode(reply, {500: "It broke over this; is the address right?"})
        if not isinstance(answer, dict):
            raise NotCoCalc(f"{self.server.name} answers with JSON that is no CoCalc's.")
        return answer

    def _exchange(self, url: str, body: Body) -> replies.Reply:
        """What HTTP brought, without what is secret of ours in it."""
        outcome = self._outcome(url, body, self.server.timeout or TIMEOUT)
        if isinstance(outcome, replies.Reply):
            return outcome
        raise outcome

    def _outcome(self, url: str, body: Body, limit: float) -> replies.Reply | CoCalcError | Interrupted:
        """What came of it. An error is given, not raised: libraries' errors and frames hold all."""
        try:
            return self._answered(url, body, limit)
        except KeyboardInterrupt:
            return Interrupted(self.server.name)
        except requests.exceptions.ConnectTimeout as problem:
            return self._unreachable(problem)
        except requests.exceptions.Timeout:
            return TimeLimitReached(
                f"{self.server.name} did not answer within {limit:g} s.",
                "A key may have been made all the same: the settings of your account list them.",
            )
        except TooLarge:
            return NotCoCalc(f"the answer of {self.server.name} is far too large for this.")
        except (requests.exceptions.RequestException, OSError) as problem:
            return self._unreachable(problem)
        except ValueError as problem:  # requests reads a redirect's address even where it goes along none
            return NotCoCalc(f"the answer can't be read: {self._clean(str(problem))}.")

    def _answered(self, url: str, body: Body, limit: float) -> replies.Reply:
        server, deadline, text = self.server, time.monotonic() + limit, b""
        with self._session.post(
            url,
            data=body,
            headers=replies.HEADERS,
            auth=self._cookie,
            timeout=(min(CONNECT_TIMEOUT, limit), limit),
            allow_redirects=False,
            stream=True,
            verify=server.ca or None,  # given here, since what a session holds yields to the environment
            proxies={"http": server.proxy, "https": server.proxy} if server.proxy else None,
        ) as answer:
            for chunk in answer.iter_content(LARGEST_ANSWER):
                text += chunk
                if len(text) > LARGEST_ANSWER:
                    raise TooLarge
                if time.monotonic() > deadline:
                    raise requests.exceptions.ReadTimeout
        self._cookie.take(answer)
        got = answer.headers
        location = got.get("Location", "") if 300 <= answer.status_code < 400 else ""
        return replies.Reply(
            answer.status_code,
            self._clean(got.get("Content-Type", "")),
            self._clean_body(text.decode("utf-8", "replace")),
            self._clean(location),
        )

    def _clean_body(self, text: str) -> str:
        """JSON stays JSON, also where a password is a word of its own, as ``response`` would be."""
        try:
            return json.dumps(self._clean_value(json.loads(text)))
        except (ValueError, RecursionError):
            return self._clean(text)

    def _clean_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            named = ((name if name in _FIELDS else self._clean(name), inner) for name, inner in value.items())
            return {name: self._clean_value(inner) for name, inner in named}
        if isinstance(value, list):
            return [self._clean_value(inner) for inner in value]
        return self._clean(value) if isinstance(value, str) else value

    def _clean(self, text: str) -> str:
        return redact(redact(text, self._password), self._cookie.value)

    def _unreachable(self, problem: Exception) -> CoCalcError:
        return ServerUnreachable(
            f"{self.server.name} can't be reached: {self._clean(innermost(problem))}.",
            f"Its address is {self.server.url}",
            "Is it right (%cocalc server), and is the network there?",
        )


class TooLarge(Exception):
    """An answer has no end."""


class Cookie(AuthBase):
    """The cookie of a visit, put on each request; as ``auth`` it also keeps ``~/.netrc`` out."""

    def __init__(self) -> None:
        self.drop()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the cookie on it, where there is one."""
        if self:
            request.headers["Cookie"] = f"{self._name}={self.value.reveal()}"
        return request

    def __bool__(self) -> bool:
        return bool(self.value)

    def take(self, answer: requests.Response) -> None:
        """Keeps what an answer sets, the first time."""
        for name, value in answer.cookies.items():
            if name.endswith(_COOKIE) and value and not self:
                self._name, self.value = name, Secret(value)

    def drop(self) -> None:
        """Forgets it."""
        self._name, self.value = _COOKIE, Secret("")


class Body:
    """The JSON of a request; what looks at it, as a traceback with variables does, sees nothing in it."""

    def __init__(self, options: Mapping[str, Any], password: Secret | None = None) -> None:
        more = {"password": password.reveal()} if password is not None else {}
        self._text = Secret(json.dumps({**options, **more}))

    def __iter__(self) -> Iterator[bytes]:
        yield self._text.reveal().encode()

    def __len__(self) -> int:
        return len(self._text.reveal())


def _taken_out(answer: dict[str, Any]) -> Secret | None:
    """The text of the key that was made, out of the answer; ``None`` where none was."""
    records = answer.get("response")
    first = records[0] if isinstance(records, list) and records else None
    text = first.pop("secret", None) if isinstance(first, dict) else None
    return Secret(text) if isinstance(text, str) else None


def _words(answer: Mapping[str, Any]) -> str:
    """The server's own words, short and printable."""
    text = replies.words(answer.get("error")).removeprefix("Problem signing into account -- ")
    return cut("".join(sign if sign.isprintable() else " " for sign in text), 300).rstrip(". ") + "."


def _refused(server: Server, words: str) -> SignInRefused:
    by_hand = f"Make a key in the settings of your account, and give it to %cocalc login {server.typed}"
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
