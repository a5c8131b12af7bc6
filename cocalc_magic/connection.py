"""A connection to one server: letters out, what HTTP brings in; with ``signin`` all that speaks HTTP.

The key goes to the server it belongs to and along no redirect; no cookie is kept; an answer has bounds of
time and size.
"""

from __future__ import annotations

import base64
import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import quote

import requests
from requests.auth import AuthBase

from cocalc_magic import hangup, stopping
from cocalc_magic.errors import CoCalcError, Interrupted, NotCoCalc, ServerUnreachable, TimeLimitReached
from cocalc_magic.secrets import Secret, redact
from cocalc_magic.wire.generations import Letter
from cocalc_magic.wire.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic import servers

Outcome = tuple[Reply, str, bytes] | CoCalcError | Interrupted
"""What came of a request: the reply, its Server header, its bytes; or an error to be raised."""

CONNECT_TIMEOUT = 5.0
LARGEST_ANSWER = 512 * 1024 * 1024  # bytes; what is larger is no answer of a CoCalc
_CHUNK = 1024 * 1024


class KeyAuth(AuthBase):
    """The key as Basic authentication; as ``auth`` of a session it also keeps ``~/.netrc`` out."""

    def __init__(self, key: Secret) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the key on it."""
        pair = f"{self.key.reveal()}:".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request


class KeyCookie(AuthBase):
    """The key as the one cookie of a request, where servers take it in no other form."""

    def __init__(self, key: Secret) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the key on it."""
        request.headers["Cookie"] = f"api_key={quote(self.key.reveal(), safe='')}"
        return request


class Unsigned(AuthBase):
    """No key; as ``auth`` of a request it keeps ``~/.netrc`` out."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request as it is."""
        return request


_UNSIGNED = Unsigned()


class Connection:
    """The connection; ``session`` is a requests session of somebody else's, used as it is and not closed."""

    def __init__(self, server: servers.Server, key: Secret, session: requests.Session | None = None) -> None:
        self.server, self.key = server, key
        self.session = session or new_session(server)
        self._own = session is None
        self._auth = KeyAuth(key)

    def close(self) -> None:
        """Closes what it has opened; it is opened anew when it is used again."""
        if self._own:
            self.session.close()

    def post(self, letter: Letter, limit: float, *, signed: bool = True) -> tuple[Reply, str]:
        """What HTTP brought, with its Server header.

        Raises an error of ours for every way in which that can go wrong.
        """
        auth = self._auth if signed else _UNSIGNED
        outcome = _stoppable(self.server.name, lambda: self._outcome("POST", letter, limit, auth))
        if isinstance(outcome, tuple):
            return outcome[:2]
        raise outcome

    def get(self, path: str, limit: float) -> tuple[Reply, bytes]:
        """What HTTP brought for a file, with the key as a cookie; its bytes are no text of the reply.

        Raises what :meth:`post` raises.
        """
        letter, auth = Letter(path, {}, b""), KeyCookie(self.key)
        outcome = _stoppable(self.server.name, lambda: self._outcome("GET", letter, limit, auth))
        if isinstance(outcome, tuple):
            return outcome[0], outcome[2]
        raise outcome

    def _outcome(self, method: str, letter: Letter, limit: float, auth: AuthBase) -> Outcome:
        """What came of it. An error is given, not raised: libraries' errors and frames hold the key."""
        try:
            return self._answered(method, letter, limit, auth)
        except KeyboardInterrupt:
            return Interrupted(self.server.name)
        except requests.exceptions.ConnectTimeout as problem:
            return self._unreachable(problem)
        except requests.exceptions.Timeout:
            return self._too_late(limit)
        except (requests.exceptions.RequestException, OSError) as problem:
            return self._unreachable(problem)
        except NotCoCalc as problem:
            return problem.with_traceback(None)
        except ValueError as problem:  # requests reads a redirect's address even where it goes along none
            return NotCoCalc(f"the answer can't be read: {redact(str(problem), self.key)}.")

    def _answered(
        self, method: str, letter: Letter, limit: float, auth: AuthBase
    ) -> tuple[Reply, str, bytes]:
        deadline = time.monotonic() + limit
        with self.session.request(
            method,
            self.server.url + letter.path,
            data=letter.body,
            headers=dict(letter.headers),
            auth=auth,
            timeout=(min(CONNECT_TIMEOUT, limit), limit),
            allow_redirects=False,
            stream=True,
            # Given here, since what a session holds yields to the environment.
            verify=self.server.ca or None,
            proxies={"http": self.server.proxy, "https": self.server.proxy} if self.server.proxy else None,
        ) as answer:
            data = self._content(answer, deadline)
        got = answer.headers
        text = "" if method == "GET" and answer.status_code == 200 else data.decode("utf-8", "replace")
        location = got.get("Location", "") if 300 <= answer.status_code < 400 else ""
        told = (got.get("Content-Type", ""), text, location, got.get("Server", ""))
        kind, text, location, mark = (redact(one, self.key) for one in told)
        return Reply(answer.status_code, kind, text, location), mark, data

    def _content(self, answer: requests.Response, deadline: float) -> bytes:
        """The body, within bounds of time and size that a hostile server can't stretch."""
        chunks, size = [], 0
        for chunk in answer.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST_ANSWER:
                raise NotCoCalc(
                    f"the answer is larger than {LARGEST_ANSWER // 2**20} MB; the rest was not read."
                )
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout
        return b"".join(chunks)

    def _unreachable(self, problem: Exception) -> CoCalcError:
        return ServerUnreachable(
            f"{self.server.name} can't be reached: {redact(innermost(problem), self.key)}.",
            f"Its address is {self.server.url}",
            "" if self.server.sandbox else "Is it right (%cocalc server), and is the network there?",
        )

    def _too_late(self, limit: float) -> CoCalcError:
        return TimeLimitReached(
            f"{self.server.name} did not answer within {limit:g} s.",
            "What was asked may still be going on there.",
            "To wait longer: --timeout SECONDS, or Client(timeout=…)",
        )


def _stoppable(server: str, ask: Callable[[], Outcome]) -> Outcome:
    """What came of asking; an interrupt at once where a stop is heeded and asked for."""
    stop = stopping.heeded()
    if stop is None:
        return ask()
    line = hangup.Line()
    try:
        return stop.first(lambda: line.run(ask))
    except (stopping.Stopped, KeyboardInterrupt):
        line.hang_up()
        return Interrupted(server)


def new_session(server: servers.Server) -> requests.Session:
    """A session that keeps no cookie; ``~/.netrc`` is kept out by each request's ``auth``."""
    session = requests.Session()
    session.mount("https://", hangup.Adapter())
    session.mount("http://", hangup.Adapter())
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # no cookie is ever kept
    # Proxies of the environment have no place between two processes of one machine.
    session.trust_env = not server.loopback
    return session


def innermost(problem: BaseException) -> str:
    """The innermost cause in its own words, without the layers of the libraries around it."""
    causes = [problem]
    while (inner := _inner(causes[-1])) is not None and inner not in causes:
        causes.append(inner)
    last = causes[-1]
    return str(getattr(last, "strerror", None) or last).strip().rstrip(".") or type(last).__name__


def _inner(problem: BaseException) -> BaseException | None:
    reason = getattr(problem, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    first = next((arg for arg in problem.args if isinstance(arg, BaseException)), None)
    return first or problem.__cause__ or problem.__context__
