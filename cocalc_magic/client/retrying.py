"""Send a request again after failures that pass: urllib3's `Retry` says how often, and how long to wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from urllib3 import HTTPResponse
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProtocolError
from urllib3.util import Retry

from cocalc_magic.errors import ConnectionLost, ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.client.wire.messages import WireResponse

PASSING = frozenset({429, 502, 503, 504})
"""HTTP statuses that may be another one a little later."""

_TOO_MANY = 429  # it was not looked at
_BACKOFF = 0.5  # seconds before the second attempt that fails; twice as many before each further one
_MAX_WAIT = 30  # seconds between two attempts, unless the server asks for more


def policy(retries: int | Retry) -> Retry:
    """Return the policy for so many further attempts; of one that is given, the methods do not count.

    Which messages may be repeated is known by the catalog: all of them are POST.
    """
    if isinstance(retries, Retry):
        return retries.new(allowed_methods=None)
    return Retry(
        retries,
        redirect=0,
        status_forcelist=PASSING,
        allowed_methods=None,
        backoff_factor=_BACKOFF,
        backoff_max=_MAX_WAIT,
    )


def send(
    attempt: Callable[[float], WireResponse],
    retries: Retry,
    limit: float,
    sleep: Callable[[float], None],
    *,
    repeatable: bool,
) -> WireResponse:
    """Return the response of the first attempt that does not fail in passing, or else of the last one.

    Args:
        attempt: Sends the request once, within so many seconds.
        retries: How often, and how long to wait in between; `Retry-After` is honoured.
        limit: Seconds for all attempts and for what is waited between them.
        sleep: Waits so many seconds; what it raises ends it all.
        repeatable: Whether the message may be carried out twice. One that may not is sent again only where it
            was not looked at: without a connection, and after 429.

    Raises:
        CoCalcError: What the last attempt raised.
    """
    deadline = time.monotonic() + limit
    while True:
        outcome = _outcome(attempt, max(0.001, deadline - time.monotonic()))
        wait = None
        if _passes(outcome, retries, repeatable=repeatable):
            retries, wait = _next(retries, outcome)
        if wait is not None and time.monotonic() + wait < deadline:
            sleep(wait)
        elif isinstance(outcome, ServerUnreachable):
            raise outcome
        else:
            return outcome


def _outcome(attempt: Callable[[float], WireResponse], seconds: float) -> WireResponse | ServerUnreachable:
    try:
        return attempt(seconds)
    except ServerUnreachable as problem:
        return problem


def _passes(outcome: WireResponse | ServerUnreachable, retries: Retry, *, repeatable: bool) -> bool:
    """Return whether it is worth while, and harmless, to send the message again."""
    if isinstance(outcome, ServerUnreachable):
        return repeatable or not isinstance(outcome, ConnectionLost)
    again = retries.is_retry("POST", outcome.status, "Retry-After" in outcome.headers)
    return again and (repeatable or outcome.status == _TOO_MANY)


def _next(retries: Retry, outcome: WireResponse | ServerUnreachable) -> tuple[Retry, float | None]:
    """Return the policy after this attempt, and the seconds to wait; `None` after the last one."""
    response, error = None, None
    if isinstance(outcome, ServerUnreachable):
        error = ProtocolError() if isinstance(outcome, ConnectionLost) else ConnectTimeoutError()
    else:
        response = HTTPResponse(status=outcome.status, headers=dict(outcome.headers))
    try:
        later = retries.increment("POST", "/", response, error)
    except HTTPError:
        return retries, None
    after = retries.get_retry_after(response) if response and retries.respect_retry_after_header else None
    return later, later.get_backoff_time() if after is None else after
