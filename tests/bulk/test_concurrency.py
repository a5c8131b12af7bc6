"""How many messages may be under way, and how long is waited; and what an attempt means for its row."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from cocalc_magic.bulk.attempt import Attempt, attempt, result_of
from cocalc_magic.bulk.concurrency import MAX_WAIT, Concurrency, wait_before
from cocalc_magic.bulk.outcome import Outcome
from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.bulk.tally import Tally
from cocalc_magic.errors import (
    AnswerTooLarge,
    CoCalcError,
    ConnectionLost,
    InvalidValue,
    KeyRefused,
    MessageFailed,
    MessageRefused,
    NoEquivalent,
    NotCoCalc,
    ServerUnreachable,
    TimeLimitReached,
    UnexpectedReply,
)
from cocalc_magic.response import Headers, Request, Response

MESSAGE = RowMessage(Row(1, {}, "Ada"), "create_project", {"title": "Ada's"})


def test_half_as_many_are_sent_when_the_server_is_busy_and_slowly_more_again() -> None:
    concurrency = Concurrency(16)

    concurrency.overload(now=1.0, sent=0.0, wait=None)
    assert concurrency.limit == 8
    concurrency.overload(now=1.1, sent=0.5, wait=None)  # sent before the first was back
    assert concurrency.limit == 8
    concurrency.overload(now=2.0, sent=1.5, wait=None)
    assert concurrency.limit == 4
    for _ in range(5):
        concurrency.success()
    assert concurrency.limit == 5
    for _ in range(1_000):
        concurrency.success()
    assert concurrency.limit == 16


def test_one_at_a_time_is_always_sent() -> None:
    concurrency = Concurrency(2)
    for moment in range(10):
        concurrency.overload(now=moment, sent=moment, wait=None)
    assert concurrency.limit == 1


def test_nothing_is_sent_before_the_server_allows_it_within_bounds() -> None:
    concurrency = Concurrency(8)

    concurrency.overload(now=10.0, sent=9.0, wait=3.0)
    assert concurrency.not_before == 13.0
    concurrency.overload(now=10.0, sent=9.0, wait=1.0)
    assert concurrency.not_before == 13.0
    concurrency.overload(now=20.0, sent=15.0, wait=None)
    assert 21.0 <= concurrency.not_before <= 21.25
    concurrency.overload(now=10.0, sent=9.0, wait=86_400)
    assert concurrency.not_before == 10.0 + MAX_WAIT


def test_attempts_are_further_and_further_apart_and_not_all_at_the_same_moment() -> None:
    waits = [[wait_before(attempts, None) for _ in range(50)] for attempts in (1, 2, 3, 20)]

    assert all(
        least <= wait <= 1.25 * least
        for least, row in zip((0.5, 1, 2, 30), waits, strict=True)
        for wait in row
    )
    assert all(len(set(row)) > 1 for row in waits)
    assert 4.0 <= wait_before(1, 4.0) <= 5.0
    assert wait_before(1, 86_400) <= 1.25 * MAX_WAIT


def response(status: int, sent: tuple[Request, ...] = ()) -> Response:
    headers = Headers([("Retry-After", "7")])
    return Response({}, Request("create_project"), status=status, headers=headers, ok=False, sent=sent)


@pytest.mark.parametrize(
    ("problem", "result"),
    [
        (MessageRefused("x", response=response(429)), "busy"),
        (MessageRefused("x", response=response(429, (Request("a"), Request("b")))), "lost"),
        (MessageRefused("x", response=response(503)), "lost"),
        (MessageRefused("x", response=response(500)), "lost"),
        (NotCoCalc("x", response=response(502)), "lost"),
        (NotCoCalc("x", response=response(200)), "lost"),
        (NotCoCalc("x", response=response(404)), "failed"),
        (MessageFailed("x", response=response(200)), "failed"),
        (MessageRefused("x", response=response(400)), "failed"),
        (UnexpectedReply("x", response=response(200)), "lost"),
        (AnswerTooLarge("x"), "lost"),
        (KeyRefused("x", response=response(400)), "refused"),
        (NoEquivalent("x"), "refused"),
        (InvalidValue("x"), "failed"),
        (ConnectionLost("x"), "lost"),
        (ServerUnreachable("x"), "unreached"),
        (TimeLimitReached("x"), "slow"),
        (CoCalcError("x"), "failed"),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'status', '')}" if isinstance(value, Exception) else value,
)  # fmt: skip
def test_what_went_wrong_tells_whether_it_may_have_been_carried_out(
    problem: CoCalcError, result: str
) -> None:
    def send(_: RowMessage) -> Any:
        raise problem

    assert attempt(send, MESSAGE).result == result


def test_the_fields_of_an_answer_have_no_envelope_and_no_secret() -> None:
    value = {
        "event": "x",
        "id": "1",
        "project_id": "p",
        "password": "of-ada",
        "text": "sk-Ab1Ab1Ab1Ab1Ab1Ab1Ab1",
    }

    fields = attempt(lambda _: Response(value, Request("x", {"code": "7-7"}, ("code",))), MESSAGE).fields

    assert set(fields) == {"project_id", "password", "text"}
    assert "of-ada" not in str(fields)
    assert "Ab1Ab1" not in str(fields)


def test_what_an_executor_has_lost_may_have_been_carried_out() -> None:
    lost: Future[Attempt] = Future()
    lost.set_exception(RuntimeError("the pool is broken"))
    cancelled: Future[Attempt] = Future()
    cancelled.cancel()

    assert result_of(lost) == Attempt("lost", error="The executor has lost it: RuntimeError.")
    assert result_of(cancelled).result == "lost"


def test_a_tally_counts_and_groups() -> None:
    tally = Tally(None)
    tally.total = 4
    for number, status in enumerate(("ok", "failed", "unknown", "done before"), 1):
        error = "" if status in ("ok", "done before") else "no"
        tally.add(Outcome(Row(number, {}, f"row {number}"), status, {}, error, "ping"))  # type: ignore[arg-type]

    progress = tally.progress()

    assert (progress.done, progress.total, progress.failed, progress.before) == (4, 4, 2, 1)
    assert [(problem.error, problem.count, problem.names) for problem in progress.errors] == [
        ("no", 2, ("row 2", "row 3"))
    ]


def test_a_tally_of_a_million_different_errors_stays_small() -> None:
    tally = Tally(None)
    for number in range(1_000):
        tally.add(Outcome(Row(number, {}, f"row {number}"), "failed", {}, f"error {number}", "ping"))

    errors = tally.progress().errors

    assert len(errors) == 101
    assert (errors[0].error, errors[0].count, len(errors[0].names)) == ("other errors", 900, 5)
