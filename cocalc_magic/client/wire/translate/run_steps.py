"""Carry out a translation: take its steps, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire.translate.steps import Ask, Pause, Steps, Upload
from cocalc_magic.errors import (
    CoCalcError,
    Interrupted,
    MessageFailed,
    MessageRefused,
    ServerError,
    UnexpectedReply,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cocalc_magic.client.wire.translate import Plan
    from cocalc_magic.response import Response


def carry_out(
    plan: Plan,
    server: str,
    take: Callable[[Ask | Upload], Any],
    wait: Callable[[Pause], None],
    responses: Sequence[Response],
) -> tuple[dict[str, Any], ServerError | None]:
    """Return the v1 answer that the steps of a plan come to, and its failure.

    Args:
        plan: The steps.
        server: Name of the server.
        take: Sends what a step asks for, appends the response to `responses` and returns its value.
        wait: Lets the time of a pause pass.
        responses: What servers have answered so far.

    Raises:
        UnexpectedReply: A server has answered in a form that no server answers in.
    """
    try:
        fields = follow(plan.steps(), take, wait)
        return plan.answer(fields), None
    except (MessageFailed, MessageRefused) as failure:
        return plan.failed(failure.server_text), failure
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
        events = " and ".join(response.request.event for response in responses)
        raise UnexpectedReply(
            f"what {server} answered to {events} is not what servers answer.",
            response=responses[-1] if responses else None,
        ) from None


def follow(
    steps: Steps, take: Callable[[Ask | Upload], Any], wait: Callable[[Pause], None]
) -> dict[str, Any]:
    """Take all steps and return what they come to.

    A failure or an interrupt of `take` and `wait` is thrown into the steps, which may end something first or
    go on without it; what they raise is raised here. No step is taken twice.
    """
    answer: Any = None
    problem: BaseException | None = None
    while True:
        try:
            step = steps.send(answer) if problem is None else steps.throw(problem)
        except StopIteration as end:
            fields: dict[str, Any] = end.value
            return fields
        answer = problem = None
        try:
            if isinstance(step, Pause):
                wait(step)
            else:
                answer = take(step)
        except (CoCalcError, Interrupted) as raised:
            problem = raised
