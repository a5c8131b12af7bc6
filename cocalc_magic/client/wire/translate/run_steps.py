"""Takes the steps of a translation, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.client.wire.translate.steps import Ask, Pause, Steps, Upload
from cocalc_magic.errors import CoCalcError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable


def follow(steps: Steps, ask: Callable[[Ask | Upload], Any], wait: Callable[[Pause], None]) -> dict[str, Any]:
    """Takes all steps and gives what they return.

    A failure or an interrupt of ``ask`` and ``wait`` is thrown into the steps, which may end something
    first or go on without it; what they raise comes out here. Nothing is ever asked twice.
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
                answer = ask(step)
        except (CoCalcError, Interrupted) as raised:
            problem = raised
