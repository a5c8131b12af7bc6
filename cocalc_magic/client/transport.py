"""HTTP with one server: one `request()` for messages, sign-in, uploads and downloads.

One deadline covers a whole exchange, and all that is read is limited. No redirect is followed, no cookie is
kept, and secrets are masked in everything that comes back.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

from urllib3.exceptions import HTTPError

from cocalc_magic.client.cancel import ACTIVE, Cancelled, CancelToken
from cocalc_magic.client.http_failures import explain
from cocalc_magic.client.incoming import Incoming, header
from cocalc_magic.client.pool import Connections, ServerPool
from cocalc_magic.client.request_state import CONNECT_TIMEOUT, Phase, RequestState, TooMuchReceived
from cocalc_magic.client.streams import LocalBody, LocalFailure, LocalSink
from cocalc_magic.client.wire.messages import WireResponse
from cocalc_magic.config.secret import Secret, redact
from cocalc_magic.errors import CoCalcError, Interrupted
from cocalc_magic.host import IN_PAGE
from cocalc_magic.response import Exchange, Headers
from cocalc_magic.sanitize.secret_forms import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    from cocalc_magic.client.streams import Body, Sink
    from cocalc_magic.client.wire.messages import WireRequest
    from cocalc_magic.config import Server

DEFAULT_TIMEOUT = 60.0  # seconds for a whole exchange
MAX_ANSWER = 40 * 1024 * 1024  # bytes of an answer that is kept in memory
SESSION_COOKIE = "remember_me"
_IN_COOKIES = "!#$%&'()*+-./:<=>?@[]^_`{|}~"  # signs that the value of a cookie may have
_REDIRECTS = range(300, 400)

Outcome = WireResponse | CoCalcError | Interrupted | OSError
"""The outcome of a request; an error is returned, not raised, as the frames of libraries hold the key."""


class Credential:
    """Base class of what authenticates a request; its `secrets` are masked in everything that comes back."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets to mask in what comes back."""
        return ()

    def headers(self) -> Mapping[str, str]:
        """Return the headers that authenticate a request."""
        return {}

    masked: Mapping[str, str] = {}
    """The same without what is secret in them."""

    def received(self, response: Incoming) -> None:
        """Inspect a response before anything in it is masked."""

    def mask(self, text: str) -> str:
        """Mask the secrets in a text."""
        for secret in self.secrets:
            text = redact(text, secret)
        return text

    def mask_body(self, text: str) -> str:
        """Mask the secrets in the body of a response."""
        return self.mask(text)


class NoAuth(Credential):
    """No authentication; the secrets, which a server may know, are masked all the same."""

    def __init__(self, *secrets: Secret) -> None:
        self._secrets = secrets

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets, whether or not they are sent."""
        return self._secrets


class KeyAuth(NoAuth):
    """The key as Basic authentication, encoded once and held in a closure as a `Secret` is.

    Args:
        key: The key.
        others: Secrets that are masked and not sent.
    """

    masked: Mapping[str, str] = {"Authorization": f"Basic {HIDDEN}"}

    def __init__(self, key: Secret, *others: Secret) -> None:
        super().__init__(key, *others)
        pair = base64.b64encode(f"{key.reveal()}:".encode()).decode()
        self._headers: Callable[[], Mapping[str, str]] = lambda: {"Authorization": f"Basic {pair}"}

    def headers(self) -> Mapping[str, str]:
        """Return the key."""
        return self._headers()


class KeyCookie(NoAuth):
    """The key as a cookie, where servers accept it in no other form."""

    masked: Mapping[str, str] = {"Cookie": f"api_key={HIDDEN}"}

    def headers(self) -> Mapping[str, str]:
        """Return the key."""
        return {"Cookie": f"api_key={quote(self._secrets[0].reveal(), safe='')}"}


class SessionAuth(NoAuth):
    """The session of a person who has signed in, as the cookie that a browser has.

    Args:
        login_session: The value of the cookie.
        others: Secrets that are masked and not sent.
    """

    masked: Mapping[str, str] = {"Cookie": f"{SESSION_COOKIE}={HIDDEN}"}

    def __init__(self, login_session: Secret, *others: Secret) -> None:
        super().__init__(login_session, *others)

    def headers(self) -> Mapping[str, str]:
        """Return the session; servers do not decode it, so it stands as it is where it can."""
        return {"Cookie": f"{SESSION_COOKIE}={quote(self._secrets[0].reveal(), safe=_IN_COOKIES)}"}


class Transport:
    """HTTP with one server.

    Args:
        session: A requests session to use as it is; it is not closed. The limits apply to it as well, but its
            connection may go on in a thread of its own after them.
    """

    def __init__(self, server: Server, session: requests.Session | None = None) -> None:
        self.server = server
        self.connections: Connections = _connections(server, session)

    def close(self) -> None:
        """Close the connections; it opens new ones when it is used again."""
        self.connections.close()

    def request(
        self,
        request: WireRequest,
        limit: float,
        credential: Credential,
        *,
        body: Body | None = None,
        sink: Sink | None = None,
        max_bytes: int = MAX_ANSWER,
    ) -> WireResponse:
        """Send a request and return the response, with our secrets masked.

        Args:
            limit: Seconds for all of it, from the connection to the last byte.
            body: A body to stream in place of the request's own.
            sink: Takes the body of a response with status 200, decompressed, piece by piece; the returned
                response has none then.
            max_bytes: Bytes of the body, as it travels and decompressed.

        Raises:
            CoCalcError: One of the tree for every way in which HTTP can fail.
            Interrupted: After Ctrl-C, or when the active `CancelToken` was cancelled.
            OSError: What reading `body` or writing into `sink` has raised.
        """
        state = RequestState(limit, max_bytes)
        outcome = self._run(_Exchange(self, request, credential, state, body, sink))
        if isinstance(outcome, WireResponse):
            return outcome
        raise outcome

    def _run(self, exchange: _Exchange) -> Outcome:
        """Exchange in this thread, or in another where this one could not be freed at once."""
        token, watched = ACTIVE.get(), self.connections.watched
        if token is None and watched:
            return exchange.outcome()
        limit = None if watched else exchange.state.limit
        try:
            return (token or CancelToken()).run(exchange.outcome, limit)
        except TimeoutError as problem:
            exchange.state.abort()
            return exchange.error_for(problem)
        except (Cancelled, KeyboardInterrupt):
            exchange.state.abort()
            return exchange.interrupted()


def _connections(server: Server, session: requests.Session | None) -> Connections:
    if session is not None:
        from cocalc_magic.client.given_session import GivenSession  # late: it loads requests

        return GivenSession(server, session)
    if server.answer is not None:
        from cocalc_magic.client.in_process import InProcess  # late: few sandboxes are no processes

        return InProcess(server, server.answer)
    if IN_PAGE:
        from cocalc_magic.client.page_requests import PageRequests  # late: few Pythons are in one

        return PageRequests(server)
    return ServerPool(server)


class _Exchange:
    """One request and its answer."""

    def __init__(
        self,
        transport: Transport,
        request: WireRequest,
        credential: Credential,
        state: RequestState,
        body: Body | None,
        sink: Sink | None,
    ) -> None:
        self.server, self.connections = transport.server, transport.connections
        self.request, self.credential, self.state = request, credential, state
        self.body = request.body if body is None else LocalBody(body)
        self.sink = None if sink is None else LocalSink(sink)
        self.response: Incoming | None = None

    def outcome(self) -> Outcome:
        """Send, read, and return the response or the error; raise for bugs alone."""
        try:
            with self.state.current():
                self.response = self._send()
                self.state.phase = Phase.READING
                self.credential.received(self.response)
                return self._read(self.response)
        except KeyboardInterrupt:
            return self.interrupted()
        except LocalFailure as problem:
            return problem.problem.with_traceback(None)
        # ValueError: what libraries raise for headers and addresses that they can't read.
        except (HTTPError, OSError, ValueError, TooMuchReceived) as problem:
            return self.error_for(problem)
        finally:
            if self.response is not None:
                self.response.close()
                self.response = None  # one of requests holds the key

    def error_for(self, problem: BaseException) -> CoCalcError:
        """Return our error for an exception of a library."""
        response = self.response  # another thread may be at it
        if response is not None and (received := response.received()) is not None:
            self.state.body_received = received
        return explain(problem, self.state, self.server, self.credential.mask, _length(response))

    def interrupted(self) -> Interrupted:
        """Return the error for a wait that was interrupted."""
        sent = self.state.phase not in (Phase.CONNECTING, Phase.HANDSHAKE)
        return Interrupted.waiting_for(self.server.name, sent=sent)

    def _send(self) -> Incoming:
        """Send the request and return the response as soon as its headers have arrived."""
        request = self.request
        timeout = (self.state.remaining(CONNECT_TIMEOUT), self.state.limit)
        headers = {**request.headers, **self.credential.headers()}
        if not self.connections.watched:
            self.state.phase = Phase.UNKNOWN
        return self.connections.send(request.method, request.path, headers, self.body, timeout)

    def _read(self, response: Incoming) -> WireResponse:
        status, location = response.status, ""
        if status in _REDIRECTS:
            location = header(response, "location")
        body = bytearray()
        if not location and self.sink is not None and status == 200:
            self._read_body(response, self.sink.write, self.state.max_bytes)
        elif not location:
            self._read_body(response, body.extend, min(self.state.max_bytes, MAX_ANSWER))
        headers, reason = self._masked(response.headers, response.reason)
        return WireResponse(
            status,
            headers.get("Content-Type", ""),
            self.credential.mask_body(body.decode("utf-8", "replace")),
            headers.get("Location", "") if location else "",
            reason,
            headers,
            self.server.name,
            Exchange(self._shown_headers(), len(self.body), len(body)),
        )

    def _shown_headers(self) -> Headers:
        shown = {**self.connections.headers, **self.request.headers, **self.credential.masked}
        return Headers({**shown, "Content-Length": str(len(self.body))}.items())

    def _read_body(self, response: Incoming, write: Callable[[bytes], None], most: int) -> None:
        """Read the body to its end, piece by piece. Raises `TooMuchReceived`."""
        size = 0
        for piece in response.pieces():
            size += len(piece)
            if size > most:
                raise TooMuchReceived
            self.state.remaining()  # for connections that do not look themselves
            write(piece)

    def _masked(self, headers: list[tuple[str, str]], reason: str) -> tuple[Headers, str]:
        """Return them with secrets masked; they rarely have any, so all are searched at once."""
        mask = self.credential.mask
        text = "\0".join([reason, *(f"{name}\0{value}" for name, value in headers)])
        if mask(text) != text:
            headers, reason = [(mask(name), mask(value)) for name, value in headers], mask(reason)
        return Headers(headers), reason


def _length(response: Incoming | None) -> int | None:
    """Return the Content-Length of a response, if it is valid."""
    text = "" if response is None else header(response, "content-length")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
