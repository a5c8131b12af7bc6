"""HTTP with one server: one `request()` for messages, sign-in, uploads and downloads.

It keeps one deadline for a whole exchange and a limit to all that is read, follows no redirect, keeps no
cookie, and takes what is secret out of everything that comes back.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from requests.auth import AuthBase
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from cocalc_magic.client.adapter import new_session
from cocalc_magic.client.cancel import ACTIVE, Cancelled, CancelToken
from cocalc_magic.client.http_failures import explain
from cocalc_magic.client.request_state import CONNECT_TIMEOUT, Phase, RequestState, TooMuchReceived
from cocalc_magic.client.streams import LocalBody, LocalFailure, LocalSink
from cocalc_magic.client.wire.messages import WireResponse
from cocalc_magic.config.secret import Secret, redact
from cocalc_magic.errors import CoCalcError, Interrupted
from cocalc_magic.response import Headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.client.streams import Body, Sink
    from cocalc_magic.client.wire.messages import WireRequest
    from cocalc_magic.config import Server

DEFAULT_TIMEOUT = 60.0  # seconds for a whole exchange
MAX_ANSWER = 40 * 1024 * 1024  # bytes of an answer that is kept in memory
_PIECE = 64 * 1024
_REDIRECTS = range(300, 400)
_HEADERS = {"Accept-Encoding": "gzip, deflate"}  # what is decompressed within bounds everywhere

Outcome = WireResponse | CoCalcError | Interrupted | OSError
"""What came of a request; an error is given, not raised, as the frames of libraries hold the key."""


class Credential(AuthBase):
    """What a request is signed with; as `auth` of a request it also keeps `~/.netrc` out.

    Signs nothing itself; what is in `secrets` is masked in all that comes back.
    """

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not come back."""
        return ()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the credential on it."""
        return request

    def received(self, answer: requests.Response) -> None:
        """Look at an answer before anything in it is masked."""

    def mask(self, text: str) -> str:
        """Take the secrets out of a text."""
        for secret in self.secrets:
            text = redact(text, secret)
        return text

    def mask_body(self, text: str) -> str:
        """Take the secrets out of the body of an answer."""
        return self.mask(text)


class NoAuth(Credential):
    """No key, for what is asked of strangers; one that the server may know is masked all the same."""

    def __init__(self, key: Secret) -> None:
        self.key = key

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The key, which does not travel."""
        return (self.key,)


class KeyAuth(NoAuth):
    """The key as Basic authentication."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the key on it."""
        pair = f"{self.key.reveal()}:".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request


class KeyCookie(KeyAuth):
    """The key as the one cookie of a request, where servers take it in no other form."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the key on it."""
        request.headers["Cookie"] = f"api_key={quote(self.key.reveal(), safe='')}"
        return request


class Transport:
    """HTTP with one server.

    Args:
        session: A requests session of somebody else's, used as it is and not closed. The limits hold for it
            as well, but a connection of its may go on in a thread of its own after them.
    """

    def __init__(self, server: Server, session: requests.Session | None = None) -> None:
        self.server = server
        self.session = new_session(server) if session is None else session
        self.own = session is None

    def close(self) -> None:
        """Close the connections it has opened; it opens others when it is used again."""
        if self.own:
            self.session.close()

    def request(
        self,
        letter: WireRequest,
        limit: float,
        credential: Credential,
        *,
        body: Body | None = None,
        sink: Sink | None = None,
        max_bytes: int = MAX_ANSWER,
    ) -> WireResponse:
        """Send a request and return its answer, without what is secret of ours.

        Args:
            limit: Seconds for all of it, from the connection to the last byte.
            body: What is sent in place of the letter's own body.
            sink: Takes the body of an answer with status 200, decompressed, piece by piece; the reply has
                none then.
            max_bytes: Bytes of the body, as it travels and decompressed.

        Raises:
            CoCalcError: One of the tree for every way in which HTTP can fail.
            Interrupted: After Ctrl-C, or when the active `CancelToken` was cancelled.
            OSError: What reading `body` or writing into `sink` has raised.
        """
        state = RequestState(limit, max_bytes)
        outcome = self._waited_for(_Exchange(self, letter, credential, state, body, sink))
        if isinstance(outcome, WireResponse):
            return outcome
        raise outcome

    def _waited_for(self, exchange: _Exchange) -> Outcome:
        """Wait in this thread, or for another where this one could not be freed at once."""
        token = ACTIVE.get()
        if token is None and self.own:
            return exchange.outcome()
        limit = None if self.own else exchange.state.limit
        try:
            return (token or CancelToken()).run(exchange.outcome, limit)
        except TimeoutError as problem:
            exchange.state.abort()
            return exchange.explained(problem)
        except (Cancelled, KeyboardInterrupt):
            exchange.state.abort()
            return exchange.interrupted()


class _Exchange:
    """One request and its answer."""

    def __init__(
        self,
        transport: Transport,
        letter: WireRequest,
        credential: Credential,
        state: RequestState,
        body: Body | None,
        sink: Sink | None,
    ) -> None:
        self.transport, self.server, self.session = transport, transport.server, transport.session
        self.letter, self.credential, self.state = letter, credential, state
        self.body = letter.body if body is None else LocalBody(body)
        self.sink = None if sink is None else LocalSink(sink)
        self.answer: requests.Response | None = None

    def outcome(self) -> Outcome:
        """Send, read, and return what came of it; raises nothing but for bugs."""
        try:
            with self.state.current():
                self.answer = self._sent()
                self.state.phase = Phase.READING
                self.credential.received(self.answer)
                return self._reply(self.answer)
        except KeyboardInterrupt:
            return self.interrupted()
        except LocalFailure as problem:
            return problem.problem.with_traceback(None)
        # ValueError: what libraries raise for headers and addresses that they can't read.
        except (RequestException, HTTPError, OSError, ValueError, TooMuchReceived) as problem:
            return self.explained(problem)
        finally:
            if self.answer is not None:
                self.answer.close()
                self.answer = None  # it holds the request, and that the key

    def explained(self, problem: BaseException) -> CoCalcError:
        """Return the error of ours for one of the libraries'."""
        answer = self.answer  # another thread may be at it
        if answer is not None and not self.transport.own:
            with suppress(AttributeError, OSError, ValueError):
                self.state.body_received = answer.raw.tell()
        return explain(problem, self.state, self.server, self.credential.mask, _length(answer))

    def interrupted(self) -> Interrupted:
        """Return the error for a wait that a person has ended."""
        sent = self.state.phase not in (Phase.CONNECTING, Phase.HANDSHAKE)
        return Interrupted.waiting_for(self.server.name, sent=sent)

    def _sent(self) -> requests.Response:
        """Send the request and return the answer as soon as its headers are here."""
        proxies = {"http": self.server.proxy, "https": self.server.proxy} if self.server.proxy else {}
        ways: dict[str, Any] = {
            "timeout": (self.state.remaining(CONNECT_TIMEOUT), self.state.limit),
            # Given here, since what a session holds yields to the environment.
            "verify": self.server.ca or None,
            "proxies": proxies,
            "stream": True,
        }
        return self._sent_by_adapter(**ways) if self.transport.own else self._sent_by_session(**ways)

    def _sent_by_adapter(self, timeout: Any, **ways: Any) -> requests.Response:
        """Not by the session, which reads the body of a redirect, however long, and looks after cookies."""
        letter, url = self.letter, self.server.url + self.letter.path
        request = requests.PreparedRequest()
        headers = {**self.session.headers, **_HEADERS, **letter.headers}
        request.prepare(letter.method, url, headers=headers, data=self.body, auth=self.credential)
        settings: Any = self.session.merge_environment_settings(url, cert=None, **ways)
        return self.session.get_adapter(url).send(request, timeout=timeout, **settings)

    def _sent_by_session(self, **ways: Any) -> requests.Response:
        """Send by somebody else's session, with all that it does besides."""
        letter, redirect = self.letter, _Redirect()
        self.state.phase = Phase.UNKNOWN
        answer = self.session.request(
            letter.method,
            self.server.url + letter.path,
            data=self.body,
            headers=dict(letter.headers),
            auth=self.credential,
            allow_redirects=False,
            hooks={"response": [*self.session.hooks.get("response", ()), redirect]},
            **ways,
        )
        if redirect.location:
            answer.headers["Location"] = redirect.location
        return answer

    def _reply(self, answer: requests.Response) -> WireResponse:
        mask, status = self.credential.mask, answer.status_code
        location = answer.headers.get("Location", "") if status in _REDIRECTS else ""
        body = bytearray()
        if not location and self.sink is not None and status == 200:
            self._read(answer, self.sink.write, self.state.max_bytes)
        elif not location:
            self._read(answer, body.extend, min(self.state.max_bytes, MAX_ANSWER))
        return WireResponse(
            status,
            mask(answer.headers.get("Content-Type", "")),
            self.credential.mask_body(body.decode("utf-8", "replace")),
            mask(location),
            mask(answer.reason or ""),
            self._headers(answer),
            self.server.name,
        )

    def _read(self, answer: requests.Response, write: Callable[[bytes], None], most: int) -> None:
        """Read the body to its end, piece by piece. Raises `TooMuchReceived`."""
        size = 0
        for piece in answer.iter_content(_PIECE):
            size += len(piece)
            if size > most:
                raise TooMuchReceived
            self.state.remaining()  # for connections that do not look themselves
            write(piece)

    def _headers(self, answer: requests.Response) -> Headers:
        """Return the headers without anything secret; looked through in one go, as they rarely have it."""
        pairs = list(answer.headers.items())
        text = "\0".join(f"{name}\0{value}" for name, value in pairs)
        if self.credential.mask(text) != text:
            mask = self.credential.mask
            pairs = [(mask(name), mask(value)) for name, value in pairs]
        return Headers(pairs)


class _Redirect:
    """A hook that takes the address of a redirect away, since a session reads all of its body otherwise."""

    location = ""

    def __call__(self, answer: requests.Response, **_: Any) -> requests.Response:
        self.location = answer.headers.pop("Location", "")
        return answer


def _length(answer: requests.Response | None) -> int | None:
    """Return the length that an answer says its body has, as it travels."""
    text = "" if answer is None else answer.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
