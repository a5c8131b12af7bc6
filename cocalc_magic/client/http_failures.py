"""Errors for failed HTTP requests, by how far the request had come and why it failed."""

from __future__ import annotations

import ssl
import zlib
from http.client import HTTPException
from typing import TYPE_CHECKING

from urllib3.exceptions import ConnectTimeoutError, HTTPError, InvalidChunkLength

from cocalc_magic.client.request_state import CONNECT_TIMEOUT, MAX_HEAD, Phase, TooMuchReceived
from cocalc_magic.client.wire.messages import MAY_GO_ON
from cocalc_magic.config.servers_file import BUILT_IN
from cocalc_magic.errors import (
    AnswerTooLarge,
    CoCalcError,
    ConnectionLost,
    NotCoCalc,
    ServerUnreachable,
    TimeLimitReached,
)
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.client.request_state import RequestState
    from cocalc_magic.config import Server

CHECKED = "--insecure is for addresses with http: certificates are checked all the same."
MAY_BE_DONE = "What was asked may have been done there all the same."

_EXPIRED, _OTHER_NAME = 10, 62  # of X509_verify_cert_error_string
_PLAIN_HTTP = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")


def explain(
    problem: BaseException,
    state: RequestState,
    server: Server,
    mask: Callable[[str], str],
    length: int | None = None,
) -> CoCalcError:
    """Return the error to raise for an exception of requests, urllib3 or the standard library.

    Nothing of theirs is kept in it: their frames hold the key.

    Args:
        mask: Takes secrets out of a text.
        length: Bytes that the body was said to have.
    """
    cause = innermost(problem)
    if isinstance(cause, TooMuchReceived):
        return _too_large(state, server)
    if state.expired or isinstance(cause, TimeoutError) or isinstance(problem, ConnectTimeoutError):
        return _late(problem, state, server, length)
    reason = mask(_reason(cause))
    if state.phase is Phase.READING:
        return _cut_off(cause, state, server, reason, length)
    if isinstance(cause, HTTPException) and not isinstance(cause, ConnectionError):
        return NotCoCalc(f"what {server.name} answers is not HTTP: {cut(reason, 200)}.", _address(server))
    if state.phase is Phase.HANDSHAKE and isinstance(cause, OSError) and cause.errno is not None:
        return _no_encryption(cause, server, reason)
    if _was_sent(state, cause):
        return ConnectionLost(f"{server.name} ended the connection without an answer: {reason}.", MAY_BE_DONE)
    return (
        _no_encryption(cause, server, reason)
        if isinstance(cause, ssl.SSLError)
        else _unreachable(server, reason)
    )


def _was_sent(state: RequestState, cause: BaseException) -> bool:
    """Return whether the message, or some of it, may have reached the server."""
    if state.phase is Phase.UNKNOWN:
        return isinstance(cause, ConnectionError) and not isinstance(cause, ConnectionRefusedError)
    return state.phase in (Phase.SENDING, Phase.WAITING)


def _cut_off(
    cause: BaseException, state: RequestState, server: Server, reason: str, length: int | None
) -> CoCalcError:
    """Return the error for an answer that had begun."""
    if isinstance(cause, InvalidChunkLength | zlib.error) or not isinstance(
        cause, OSError | HTTPError | HTTPException
    ):
        return NotCoCalc(f"the answer of {server.name} can't be read: {cut(reason, 200)}.", MAY_BE_DONE)
    return ConnectionLost(
        f"{server.name} answered, but the answer broke off after {_so_much(state, length)}.", MAY_BE_DONE
    )


def _too_large(state: RequestState, server: Server) -> CoCalcError:
    """Return the error for an answer that is over the limit."""
    if state.phase is not Phase.READING and state.phase is not Phase.UNKNOWN:
        return AnswerTooLarge(f"{server.name} sent more than {_size(MAX_HEAD)} and no answer in it.")
    return AnswerTooLarge(
        f"the answer of {server.name} is larger than {_size(state.max_bytes)}; the rest was not read."
    )


def innermost(problem: BaseException) -> BaseException:
    """Return the cause inside the layers that libraries wrap around it."""
    causes = [problem]
    while (inner := _inner(causes[-1])) is not None and inner not in causes:
        causes.append(inner)
    return causes[-1]


def _inner(problem: BaseException) -> BaseException | None:
    reason = getattr(problem, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    first = next((arg for arg in problem.args if isinstance(arg, BaseException)), None)
    return first or problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)


def _reason(cause: BaseException) -> str:
    return str(getattr(cause, "strerror", None) or cause).strip().rstrip(".") or type(cause).__name__


def _address(server: Server) -> str:
    return f"Its address is {server.url}"


def _unreachable(server: Server, reason: str) -> CoCalcError:
    return ServerUnreachable(
        f"{server.name} can't be reached: {reason}.",
        _address(server),
        "" if server.sandbox else "Is it right (%cocalc server), and is the network there?",
    )


def _late(problem: BaseException, state: RequestState, server: Server, length: int | None) -> CoCalcError:
    name, longer = server.name, "To wait longer: --timeout SECONDS, or Client(timeout=…)"
    if state.phase is Phase.CONNECTING or isinstance(problem, ConnectTimeoutError):
        return _unreachable(server, f"no connection within {min(CONNECT_TIMEOUT, state.limit):g} s")
    if state.phase is Phase.HANDSHAKE:
        return ServerUnreachable(
            f"{name} took the connection, but did not finish the TLS handshake within "
            f"{min(CONNECT_TIMEOUT, state.limit):g} s.",
            _address(server),
            *_by_http(server),
        )
    if state.phase is Phase.SENDING:
        return TimeLimitReached(f"{name} did not take the whole message within {state.limit:g} s.", longer)
    if state.phase is Phase.READING:
        return TimeLimitReached(
            f"{name} began to answer, and was not done within {state.limit:g} s: "
            f"{_so_much(state, length)} came.",
            MAY_BE_DONE,
            longer,
        )
    return TimeLimitReached(f"{name} did not answer within {state.limit:g} s.", MAY_GO_ON, longer)


def _no_encryption(cause: BaseException, server: Server, reason: str) -> CoCalcError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return ServerUnreachable(
            f"the certificate of {server.name} is not trusted: {cause.verify_message.rstrip('.')}.",
            _address(server),
            *_by_certificate(cause.verify_code, server),
        )
    kind = str(getattr(cause, "reason", None) or "")
    words = kind.replace("_", " ").lower() or reason
    return ServerUnreachable(
        f"{server.name} can't be reached: the TLS handshake failed ({words}).",
        _address(server),
        *(_by_http(server) if kind in _PLAIN_HTTP else ()),
    )


def _by_certificate(code: int, server: Server) -> tuple[str, ...]:
    """Return hints for a certificate that is not accepted."""
    kept = CHECKED if server.insecure else ""
    if code == _EXPIRED:
        return ("It has expired: whoever runs the server can renew it.", kept)
    if code == _OTHER_NAME:
        return ("It is for another name: is the address the one that the server goes by?", kept)
    return (f"Where you know whose it is: %cocalc server add NAME {server.url} --ca FILE", kept)


def _by_http(server: Server) -> tuple[str, ...]:
    """Suggest plain http, where the address may only lack its scheme."""
    if server.url in {known.url for known in BUILT_IN.values()}:
        return ()
    plain = f"http://{server.url.partition('://')[2]}"
    if server.loopback:
        return (f"Does it speak plain http? Then its address is {plain}",)
    return (
        f"Does it speak plain http? Then it is {plain}, and whoever listens on the way can read the key:",
        f"%cocalc server add NAME {plain} --insecure",
    )


def _so_much(state: RequestState, length: int | None) -> str:
    whole = "" if length is None else f" of {length:,}"
    return f"{state.body_received:,}{whole} byte{'' if state.body_received == 1 and not whole else 's'}"


def _size(count: int) -> str:
    return f"{count // 2**20} MB"
