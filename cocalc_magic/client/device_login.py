"""Sign in by a page of the server: a person approves there, and the program gets a session of some hours.

`auth/cli/login/start` gives the page's address, `status` is asked until it was approved, and `redeem` gives
the session. No key takes part, and none is made. The tokens in between are held here alone.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from cocalc_magic.client import cancel
from cocalc_magic.client.auth_requests import AuthRequests, Body, home_of, server_words
from cocalc_magic.client.transport import Credential, SessionAuth
from cocalc_magic.config.login_sessions import LoginSession
from cocalc_magic.config.secret import Secret
from cocalc_magic.config.server import is_loopback
from cocalc_magic.errors import CoCalcError, Interrupted, NotCoCalc, SignInRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.config import Server

PACE = 1.5  # seconds between two questions, as CoCalc's own programs have it
MAX_PACE = 60.0  # seconds, where the server wants to be asked less often
HOURS = 8 * 3600.0  # seconds of a challenge and of a session that do not say when they end
_OFTEN = re.compile(r"too many|try again later", re.IGNORECASE)


@dataclass(frozen=True)
class Approval:
    """What a person is to approve.

    Attributes:
        page: Address of the page.
        elsewhere: Its host, where that is not the server's.
        ends: Until when it can be approved, in seconds since 1970.
    """

    challenge_id: str
    poll_token: Secret
    page: str
    elsewhere: str
    ends: float


class DeviceLogin:
    """One sign-in at a server; close it when it is done or given up."""

    def __init__(self, server: Server) -> None:
        self.server, self._tokens = server, Tokens()
        self._requests = AuthRequests(server, self._tokens, *_by_key(server))

    def start(self) -> Approval:
        """Ask for a page to approve on.

        Raises:
            SignInRefused: The server starts none.
            CoCalcError: Another one of the tree for every failure on the way.
        """
        answer = self._post("start", Body({}))
        poll_token = self._tokens.take(answer, "poll_token")
        challenge_id = str(answer.get("challenge_id") or "")
        page = _page(self.server, answer.get("approval_url"), challenge_id)
        ours, host = urlsplit(self.server.url).hostname, urlsplit(page).hostname or ""
        ends = moment(answer.get("expires_at")) or time.time() + HOURS
        return Approval(challenge_id, poll_token, page, "" if host == ours else host, ends)

    def wait(self, approval: Approval) -> LoginSession:
        """Wait until the person has approved, and return the session.

        Raises:
            SignInRefused: It was not approved in time, or the server refuses.
            Interrupted: Ctrl-C, or the active `CancelToken`; the page leads nowhere then.
            CoCalcError: Another one of the tree for every failure on the way.
        """
        pace = PACE
        while time.time() < approval.ends:
            try:
                if redeem_token := self._ask(approval):
                    return self._redeem(approval, redeem_token)
            except SignInRefused as problem:
                if problem.status != 429:
                    raise
                pace = min(MAX_PACE, max(2 * pace, problem.retry_after or 0.0))
            self._sleep(pace)
        raise self._refused("nobody approved it in time.")

    def close(self) -> None:
        """Drop the tokens and close the connection."""
        self._tokens.drop()
        self._requests.close()

    def _ask(self, approval: Approval) -> Secret | None:
        """Return what redeems the session once it is approved; `None` until then."""
        body = Body({"challenge_id": approval.challenge_id}, poll_token=approval.poll_token)
        answer = self._post("status", body)
        state = answer.get("state")
        if state == "approved":
            return self._tokens.take(answer, "redeem_token")
        if state == "redeemed":
            raise self._refused("it was used already.")
        if state != "pending":
            raise NotCoCalc(f"{self.server.name} does not say whether it was approved.")
        return None

    def _redeem(self, approval: Approval, redeem_token: Secret) -> LoginSession:
        body = Body({"challenge_id": approval.challenge_id}, redeem_token=redeem_token)
        answer = self._post("redeem", body)
        cookie = self._tokens.take(answer, "remember_me")
        ends = moment(answer.get("expire")) or time.time() + HOURS
        return LoginSession(cookie, ends, _account(answer), home_of(self.server, answer))

    def _post(self, name: str, body: Body) -> dict[str, Any]:
        answer = self._requests.post(f"auth/cli/login/{name}", body)
        if "error" in answer:
            raise self._refused(server_words(answer))
        return answer

    def _refused(self, words: str) -> SignInRefused:
        if _OFTEN.search(words):
            often = f"{self.server.name} starts no sign-in just now: {words}"
            return SignInRefused(often, "Wait ten minutes.")
        again = f"Begin again: %cocalc login {self.server.reference} --page"
        return SignInRefused(f"{self.server.name} did not sign you in: {words}", again)

    def _sleep(self, seconds: float) -> None:
        try:
            cancel.sleep(seconds)
        except (KeyboardInterrupt, cancel.Cancelled):
            raise Interrupted(f"the sign-in at {self.server.name} was given up.") from None


class Tokens(Credential):
    """The tokens of a sign-in, to be masked in what comes back; requests carry none in a header."""

    def __init__(self) -> None:
        self.drop()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All that were received."""
        return tuple(self._secrets)

    def take(self, answer: dict[str, Any], name: str) -> Secret:
        """Remove a token from an answer and return it. Raises `NotCoCalc` where there is none."""
        text = answer.pop(name, None)
        if not isinstance(text, str) or not text:
            raise NotCoCalc(f"the server gave no {name}.", "Is this the address of a CoCalc?")
        secret = Secret(text)
        self._secrets.append(secret)
        return secret

    def drop(self) -> None:
        """Forget all of them."""
        self._secrets: list[Secret] = []


def offered(server: Server) -> bool:
    """Return whether a server has this sign-in, by a question without a token, which changes nothing."""
    requests = AuthRequests(server, Tokens())
    try:
        words = str(requests.post("auth/cli/login/status", Body({})).get("error"))
    except CoCalcError:  # which the key will meet as well, and tell
        return False
    finally:
        requests.close()
    return "challenge" in words


def sign_out(server: Server, session: LoginSession) -> bool:
    """End a session at its server, and return whether that has confirmed it."""
    requests = AuthRequests(server, SessionAuth(session.cookie))
    try:
        return requests.post("accounts/sign-out", Body({})).get("status") == "success"
    except CoCalcError:
        return False
    finally:
        requests.close()


def moment(value: Any) -> float | None:
    """Return a time of the server, in ISO 8601 or in milliseconds, as seconds; `None` for anything else."""
    try:
        if isinstance(value, str):
            at = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp()
        return float(value) / 1000 if float(value) > 0 else None
    except (TypeError, ValueError, OverflowError):
        return None


def _page(server: Server, address: Any, challenge_id: str) -> str:
    """Return the address to approve at; only one of the web is opened by a person who trusts this program.

    Raises:
        NotCoCalc: The server gave another one.
    """
    if not isinstance(address, str) or not address:
        return f"{server.url}/auth/cli-login/{quote(challenge_id, safe='')}"
    try:
        parts = urlsplit(address)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        known = safe and parts.hostname and parts.username is None and len(address) <= 500
    except ValueError:
        known = False
    if not known or not address.isprintable() or " " in address:
        raise NotCoCalc(f"{server.name} gave something else than the address of a page to approve on.")
    return address


def _account(answer: Mapping[str, Any]) -> str:
    """Return whose the session is, as the server says."""
    whole = " ".join(str(answer.get(part) or "") for part in ("first_name", "last_name")).strip()
    name, address = str(answer.get("display_name") or whole), str(answer.get("email_address") or "")
    return " ".join(filter(None, (name, f"<{address}>" if address else ""))) or str(answer.get("account_id"))


def _by_key(server: Server) -> tuple[str, ...]:
    return (f"%cocalc login {server.reference} takes a key.", "Servers from before 2026 have no such page.")
