"""One attempt to send a message, and what it means for the row: done, failed, to be tried again, or unknown.

It runs where the executor runs it, on another machine perhaps, and brings back plain data without a key.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cocalc_magic.bulk.concurrency import wait_before
from cocalc_magic.errors import (
    AnswerTooLarge,
    CoCalcError,
    ConnectionLost,
    KeyRefused,
    NoEquivalent,
    NotCoCalc,
    NotSent,
    PackageMissing,
    ServerError,
    ServerUnreachable,
    TimeLimitReached,
    UnexpectedReply,
)
from cocalc_magic.sanitize import cut, visible_line
from cocalc_magic.sanitize.secret_forms import mask_texts, mask_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from cocalc_magic.bulk.rows import RowMessage
    from cocalc_magic.response import Response

Result = Literal["done", "failed", "refused", "busy", "unreached", "lost", "slow"]
"""`refused`: so would all others be; `busy` and `unreached`: it was not looked at; `lost` and `slow` (after a
time-out): it may have been carried out."""

_TOO_MANY = 429
_MAX_ATTEMPTS = 8  # to ask
_MAX_ERROR = 500  # characters of an error
_ENVELOPE = frozenset({"event", "id"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt.

    Args:
        result: What it means.
        fields: The response's fields, without its envelope and with secrets masked.
        error: What went wrong, in one line.
        wait: Seconds that the server asks to wait.
        overloaded: Whether the server has too much to do, or is not there: less should be sent at a time.
    """

    result: Result
    fields: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    wait: float | None = None
    overloaded: bool = False


def attempt(send: Callable[[RowMessage], Response], message: RowMessage) -> Attempt:
    """Send a message once and return what came of it; bugs alone are raised."""
    try:
        return Attempt("done", fields_of(send(message)))
    except ServerError as problem:
        return _answered(problem)
    except CoCalcError as problem:
        result = _unanswered(problem)
        return Attempt(result, error=error_line(problem), overloaded=result in ("slow", "unreached"))


def passes(problem: CoCalcError) -> bool:
    """Return whether a message that only reads may have an answer a little later."""
    known = _answered(problem).result if isinstance(problem, ServerError) else _unanswered(problem)
    return known in ("busy", "unreached", "lost", "slow")


def patiently(ask: Callable[[], Response]) -> Response:
    """Return the answer to a message that only reads, after failures that pass too. Raises `CoCalcError`."""
    for attempts in range(1, _MAX_ATTEMPTS):
        try:
            return ask()
        except CoCalcError as problem:
            if not passes(problem):
                raise
            time.sleep(wait_before(attempts, getattr(problem, "retry_after", None)))
    return ask()


def fields_of(response: Response) -> dict[str, Any]:
    """Return the fields of a response without its envelope, secrets masked."""
    fields = {name: value for name, value in response.as_shown().items() if name not in _ENVELOPE}
    masked: dict[str, Any] = mask_texts(mask_value(fields))
    return masked


def error_line(problem: CoCalcError) -> str:
    """Return an error as one line without secrets."""
    return cut(visible_line(problem.problem), _MAX_ERROR)


def _answered(problem: ServerError) -> Attempt:
    """Return what an answer means that is a failure."""
    overloaded = problem.status in (_TOO_MANY, 503)
    result: Result = "failed"
    if isinstance(problem, KeyRefused):
        result = "refused"
    elif problem.status == _TOO_MANY and _nothing_before(problem):
        result = "busy"
    elif problem.status >= 500 or problem.status == _TOO_MANY or _is_unreadable(problem):
        result = "lost"
    return Attempt(result, error=error_line(problem), wait=problem.retry_after, overloaded=overloaded)


def _is_unreadable(problem: ServerError) -> bool:
    """Return whether the message may have been carried out, and the answer does not say so."""
    return isinstance(problem, UnexpectedReply | AnswerTooLarge) or (
        isinstance(problem, NotCoCalc) and problem.status < 400
    )


def _nothing_before(problem: ServerError) -> bool:
    """Return whether it failed at the first of the messages that were sent in its place."""
    return problem.response is None or len(problem.response.sent) <= 1


def _unanswered(problem: CoCalcError) -> Result:
    if isinstance(problem, ConnectionLost):
        return "lost"
    if isinstance(problem, TimeLimitReached):
        return "slow"
    if isinstance(problem, ServerUnreachable):
        return "unreached"
    return "refused" if isinstance(problem, NotSent | NoEquivalent | PackageMissing) else "failed"


def result_of(future: Future[Attempt]) -> Attempt:
    """Return what an attempt came to; where the executor has lost it, nobody knows."""
    if future.cancelled():
        return Attempt("lost", error="The executor has cancelled it.")
    problem = future.exception()
    if problem is None:
        return future.result()
    return Attempt("lost", error=f"The executor has lost it: {type(problem).__name__}.")
