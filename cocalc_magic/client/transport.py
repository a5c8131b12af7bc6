"""HTTP with one server: one `request()` for messages, sign-in, uploads and downloads.

One deadline covers a whole exchange, and all that is read is limited. No redirect is followed, no cookie is
kept, and secrets are masked in everything that comes back.
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
from cocalc_magic.response import Exchange, Headers
from cocalc_magic.sanitize.secret_forms import HIDDEN, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.client.streams import Body, Sink
    from cocalc_magic.client.wire.messages import WireRequest
    from cocalc_magic.config import Server

DEFAULT_TIMEOUT = 60.0  # seconds for a whole exchange
MAX_ANSWER = 40 * 1024 * 1024  # bytes of an answer that is kept in memory
_PIECE = 64 * 1024
_REDIRECTS = range(300, 400)
_HEADERS = {"Accept-Encoding": "gzip, deflate"}  # both are decompressed within bounds everywhere

Outcome = WireResponse | CoCalcError | Interrupted | OSError
"""The outcome of a request; an error is returned, not raised, as the frames of libraries hold the key."""


class Credential(AuthBase):
    """Base class of what authenticates a request; as its `auth` it also keeps `~/.netrc` out.

    What is in `secrets` is masked in everything that comes back.
    """

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets to mask in what comes back."""
        return ()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the credential on it."""
        return request

    def received(self, answer: requests.Response) -> None:
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
    """No authentication; the key, which a server may know, is masked all the same."""

    def __init__(self, key: Secret) -> None:
        self.key = key

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The key, which is not sent."""
        return (self.key,)


class KeyAuth(NoAuth):
    """The key as Basic authentication."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the key on it."""
        pair = f"{self.key.reveal()}:".encode()
        request.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return request


class KeyCookie(KeyAuth):
    """The key as a cookie, where servers accept it in no other form."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with the key on it."""
        request.headers["Cookie"] = f"api_key={quote(self.key.reveal(), safe='')}"
        return request


class Transport:
    """HTTP with one server.

    Args:
        session: A requests session to use as it is; it is not closed. The limits apply to it as well, but its
            connection may go on in a thread of its own after them.
    """

    def __init__(self, server: Server, session: requests.Session | None = None) -> None:
        self.server = server
        self.session = new_session(server) if session is None else session
        self.own = session is None

    def close(self) -> None:
        """Close the connections; it opens new ones when it is used again."""
        if self.own:
            self.session.close()

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
        token = ACTIVE.get()
        if token is None and self.own:
            return exchange.outcome()
        limit = None if self.own else exchange.state.limit
        try:
            return (token or CancelToken()).run(exchange.outcome, limit)
        except TimeoutError as problem:
            exchange.state.abort()
            return exchange.error_for(problem)
        except (Cancelled, KeyboardInterrupt):
            exchange.state.abort()
            return exchange.interrupted()


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
        self.transport, self.server, self.session = transport, transport.server, transport.session
        self.request, self.credential, self.state = request, credential, state
        self.body = request.body if body is None else LocalBody(body)
        self.sink = None if sink is None else LocalSink(sink)
        self.answer: requests.Response | None = None

    def outcome(self) -> Outcome:
        """Send, read, and return the response or the error; raise for bugs alone."""
        try:
            with self.state.current():
                self.answer = self._send()
                self.state.phase = Phase.READING
                self.credential.received(self.answer)
                return self._reply(self.answer)
        except KeyboardInterrupt:
            return self.interrupted()
        except LocalFailure as problem:
            return problem.problem.with_traceback(None)
        # ValueError: what libraries raise for headers and addresses that they can't read.
        except (RequestException, HTTPError, OSError, ValueError, TooMuchReceived) as problem:
            return self.error_for(problem)
        finally:
            if self.answer is not None:
                self.answer.close()
                self.answer = None  # it holds the request, and that the key

    def error_for(self, problem: BaseException) -> CoCalcError:
        """Return our error for an exception of a library."""
        answer = self.answer  # another thread may be at it
        if answer is not None and not self.transport.own:
            with suppress(AttributeError, OSError, ValueError):
                self.state.body_received = answer.raw.tell()
        return explain(problem, self.state, self.server, self.credential.mask, _length(answer))

    def interrupted(self) -> Interrupted:
        """Return the error for a wait that was interrupted."""
        sent = self.state.phase not in (Phase.CONNECTING, Phase.HANDSHAKE)
        return Interrupted.waiting_for(self.server.name, sent=sent)

    def _send(self) -> requests.Response:
        """Send the request and return the response as soon as its headers have arrived."""
        proxies = {"http": self.server.proxy, "https": self.server.proxy} if self.server.proxy else {}
        ways: dict[str, Any] = {
            "timeout": (self.state.remaining(CONNECT_TIMEOUT), self.state.limit),
            # Given here, since what a session holds yields to the environment.
            "verify": self.server.ca or None,
            "proxies": proxies,
            "stream": True,
        }
        return self._send_by_adapter(**ways) if self.transport.own else self._send_by_session(**ways)

    def _send_by_adapter(self, timeout: Any, **ways: Any) -> requests.Response:
        """Send by the adapter: a session reads the body of a redirect, however long, and keeps cookies."""
        url = self.server.url + self.request.path
        prepared = requests.PreparedRequest()
        headers = {**self.session.headers, **_HEADERS, **self.request.headers}
        prepared.prepare(self.request.method, url, headers=headers, data=self.body, auth=self.credential)
        settings: Any = self.session.merge_environment_settings(url, cert=None, **ways)
        return self.session.get_adapter(url).send(prepared, timeout=timeout, **settings)

    def _send_by_session(self, **ways: Any) -> requests.Response:
        """Send by the session that was given, with all its hooks and adapters."""
        redirect = _Redirect()
        self.state.phase = Phase.UNKNOWN
        answer = self.session.request(
            self.request.method,
            self.server.url + self.request.path,
            data=self.body,
            headers=dict(self.request.headers),
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
            self._headers(answer.headers),
            self.server.name,
            Exchange(self._sent_headers(answer), len(self.request.body), len(body)),
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

    def _sent_headers(self, answer: requests.Response) -> Headers:
        """Return the headers of the request; of one that authenticates only how it does."""
        sent = answer.request.headers.items() if answer.request is not None else ()
        shown = {name: value for name, value in sent if isinstance(value, str)}
        for name in shown:
            if name.lower() in ("authorization", "proxy-authorization"):
                shown[name] = f"{shown[name].partition(' ')[0]} {HIDDEN}"
            elif is_secret_name(name.replace("-", "_")):
                shown[name] = HIDDEN
        return self._headers(shown)

    def _headers(self, headers: Mapping[str, str]) -> Headers:
        """Return the headers with secrets masked; they rarely have any, so all are searched at once."""
        pairs = list(headers.items())
        text = "\0".join(f"{name}\0{value}" for name, value in pairs)
        if self.credential.mask(text) != text:
            mask = self.credential.mask
            pairs = [(mask(name), mask(value)) for name, value in pairs]
        return Headers(pairs)


class _Redirect:
    """A hook that hides a redirect from the session, which would read all of its body."""

    location = ""

    def __call__(self, answer: requests.Response, **_: Any) -> requests.Response:
        self.location = answer.headers.pop("Location", "")
        return answer


def _length(answer: requests.Response | None) -> int | None:
    """Return the Content-Length of a response, if it is valid."""
    text = "" if answer is None else answer.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
